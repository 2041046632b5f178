"""The dataset changed for a person: who may, what is kept on record, what stays when it fails."""

import csv
import io
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from core.access import VIEWER, Actor, Role
from core.admin.data import activate, delete, download, import_file, save
from core.dataset import Prepared, current, prepare, versions
from core.errors import DataError, MissingDataError, NotAllowedError
from core.store import Store
from tests.core.dataset.csv_files import fleet_csv

ADMIN = Actor(name="ada", role=Role.ADMIN, origin="127.0.0.1")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(Store(f"sqlite:///{tmp_path / 'app.db'}")) as opened:
        yield opened


def prepared(tmp_path: Path, vm_id: str, name: str = "fleet.csv") -> Prepared:
    folder = tmp_path / f"new {vm_id}"
    folder.mkdir()
    return prepare(fleet_csv({"vm_id": vm_id}).encode(), folder, name=name)


def trail(store: Store) -> list[tuple[str, str, str, str, str]]:
    return [(one.who, one.origin, one.action, one.subject, one.detail) for one in store.audit(20)]


def test_admin_when_saving_switching_and_deleting_then_each_is_done_and_on_record(tmp_path, store):
    data_dir = tmp_path / "data"
    assert save(ADMIN, store, prepared(tmp_path, "a"), data_dir).version == "v0001"
    assert save(ADMIN, store, prepared(tmp_path, "b", "<b>.csv"), data_dir).version == "v0002"
    assert activate(ADMIN, store, data_dir, "v0001").version == "v0001"
    delete(ADMIN, store, data_dir, "v0002")
    assert [one.version for one in versions(data_dir)] == ["v0001"]
    who = ("ada", "127.0.0.1")
    assert trail(store) == [
        (*who, "deleted", "dataset v0002", "<b>.csv, 1 rows"),
        (*who, "activated", "dataset v0001", "before: v0002"),
        (*who, "uploaded", "dataset v0002", "<b>.csv, 1 of 1 rows"),
        (*who, "uploaded", "dataset v0001", "fleet.csv, 1 of 1 rows"),
    ]


@pytest.mark.parametrize(
    "writes",
    [
        lambda who, store, folder: save(who, store, prepared(folder, "x"), folder / "data"),
        lambda who, store, folder: import_file(
            who, store, folder / "data" / "dataset.csv", folder / "data", {}
        ),
        lambda who, store, folder: activate(who, store, folder / "data", "v0001"),
        lambda who, store, folder: delete(who, store, folder / "data", "v0001"),
    ],
)
@pytest.mark.parametrize("who", [VIEWER, Actor(name="vic", role=Role.VIEWER, origin="::1")])
def test_viewer_when_calling_core_directly_then_nothing_is_written(
    tmp_path, store, who: Actor, writes: Callable[[Actor, Store, Path], object]
):
    data_dir = tmp_path / "data"
    save(ADMIN, store, prepared(tmp_path, "a"), data_dir)
    kept = save(ADMIN, store, prepared(tmp_path, "b"), data_dir)
    before = trail(store)
    with pytest.raises(NotAllowedError, match="Only an admin may"):
        writes(who, store, tmp_path)
    assert current(data_dir) == kept
    assert len(versions(data_dir)) == 2
    assert trail(store) == before


def test_admin_when_it_cannot_be_done_then_nothing_is_on_record(tmp_path, store):
    data_dir = tmp_path / "data"
    save(ADMIN, store, prepared(tmp_path, "a"), data_dir)
    before = trail(store)
    for version in ("v0007", "../../etc", "v0001\n"):
        with pytest.raises(MissingDataError):
            activate(ADMIN, store, data_dir, version)
        with pytest.raises(MissingDataError):
            delete(ADMIN, store, data_dir, version)
    with pytest.raises(DataError, match="is the active one"):
        delete(ADMIN, store, data_dir, "v0001")
    assert trail(store) == before


def test_admin_when_what_was_prepared_is_gone_then_the_old_dataset_stays(tmp_path, store):
    data_dir = tmp_path / "data"
    kept = save(ADMIN, store, prepared(tmp_path, "a"), data_dir)
    gone = prepared(tmp_path, "b")
    (gone.folder / "dataset.parquet").unlink()
    with pytest.raises(DataError, match="The old one is as it was"):
        save(ADMIN, store, gone, data_dir)
    assert current(data_dir) == kept


def test_version_when_damaged_then_an_admin_can_still_go_back_to_another(tmp_path, store):
    data_dir = tmp_path / "data"
    save(ADMIN, store, prepared(tmp_path, "a"), data_dir)
    broken = save(ADMIN, store, prepared(tmp_path, "b"), data_dir)
    (broken.folder / "manifest.json").write_text("{}")
    assert activate(ADMIN, store, data_dir, "v0001").version == "v0001"
    assert trail(store)[0][4] == "before: none that could be used"


def test_download_when_a_name_is_a_formula_then_a_spreadsheet_takes_it_for_text(tmp_path, store):
    plain = save(ADMIN, store, prepared(tmp_path, "a"), tmp_path / "data")
    assert download(plain) == plain.csv.read_bytes()
    hostile = save(ADMIN, store, prepared(tmp_path, "=1+1"), tmp_path / "data")
    assert b"=1+1" in hostile.csv.read_bytes()
    rows = list(csv.reader(io.StringIO(download(hostile).decode())))
    cells = [cell for row in rows for cell in row]
    assert "'=1+1" in cells
    assert not [cell for cell in cells if cell.startswith("=")]
