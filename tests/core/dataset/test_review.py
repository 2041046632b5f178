"""A file looked at before it becomes the dataset."""

import gzip
import io
from pathlib import Path

import pytest

from core.dataset import activate, adopt, current, delete, import_file, versions
from core.dataset.review import Review, review
from core.errors import DataError, MissingDataError
from tests.core.dataset.csv_files import fleet_csv

LIMIT_BYTES = 10_000_000


def looked_at(
    data: bytes, tmp_path: Path, rename: dict[str, str] | None = None, limit: int = LIMIT_BYTES
) -> Review:
    path = tmp_path / "upload"
    path.write_bytes(data)
    told: list[float] = []
    found = review(
        path,
        "fleet.csv",
        rename or {},
        tmp_path / "data",
        tmp_path / "version",
        limit,
        lambda fraction, _: told.append(fraction),
    )
    assert told == sorted(told)
    assert all(0 <= fraction <= 1 for fraction in told)
    return found


def test_review_when_the_file_is_good_then_nothing_changes_until_it_is_adopted(tmp_path: Path):
    old = import_file(fleet_csv({"vm_id": "old"}).encode(), tmp_path / "data")
    found = looked_at(fleet_csv({"vm_id": "new"}, {"cpu_usage": "warm"}).encode(), tmp_path)
    assert current(tmp_path / "data") == old
    assert versions(tmp_path / "data") == (old,)
    assert found.prepared is not None
    assert found.prepared.report.source == "fleet.csv"
    assert "first on line 3: 'warm'" in " ".join(found.prepared.report.notes)
    assert found.comparison is not None
    assert found.comparison.version == "v0001"
    assert found.same_as == ""
    assert found.preview.rows[0][0] == "new"
    assert found.preview.lines[0].startswith("vm_id,timestamp,cpu_usage")
    stored = adopt(found.prepared, tmp_path / "data")
    assert stored.version == "v0002"
    assert current(tmp_path / "data") == stored
    assert "new" in (tmp_path / "data" / "dataset.csv").read_text()
    assert not (tmp_path / "version").exists()


def test_review_when_nothing_is_stored_then_there_is_nothing_to_compare_with(tmp_path: Path):
    found = looked_at(fleet_csv({}).encode(), tmp_path)
    assert found.comparison is None
    assert found.prepared is not None
    assert adopt(found.prepared, tmp_path / "data").version == "v0001"


def test_review_when_it_is_the_same_data_again_then_their_version_is_named(tmp_path: Path):
    text = fleet_csv({}, {"vm_id": "b"}).encode()
    import_file(text, tmp_path / "data")
    import_file(fleet_csv({"vm_id": "c"}).encode(), tmp_path / "data")
    assert looked_at(gzip.compress(text), tmp_path).same_as == "v0001"


def test_review_when_needed_columns_are_misnamed_then_the_nearest_are_offered(tmp_path: Path):
    data = fleet_csv({}, names={"vm_id": "instance", "timestamp": "time stamp x"}).encode()
    refused = looked_at(data, tmp_path)
    assert refused.prepared is None
    assert "is no fleet dataset" in refused.refusal
    assert not (tmp_path / "version").exists()
    offered = {column.name: column.looks_like for column in refused.looks_like}
    assert offered == {"instance": "vm_id", "time stamp x": "timestamp"}
    renamed = {name: ours for name, ours in offered.items() if ours is not None}
    accepted = looked_at(data, tmp_path, renamed)
    assert accepted.prepared is not None
    assert accepted.prepared.report.vm_count == 1


def test_review_when_an_optional_column_is_misnamed_then_it_is_offered_too(tmp_path: Path):
    found = looked_at(fleet_csv({}, names={"memory_usage": "mem usage %"}).encode(), tmp_path)
    assert [(one.name, one.looks_like) for one in found.looks_like] == [
        ("mem usage %", "memory_usage")
    ]


def test_review_when_it_is_run_again_then_what_was_there_is_replaced(tmp_path: Path):
    looked_at(fleet_csv({"vm_id": "a"}).encode(), tmp_path)
    found = looked_at(fleet_csv({"vm_id": "b"}).encode(), tmp_path)
    assert found.preview.rows[0][0] == "b"


def bomb(n_bytes: int) -> bytes:
    """Return a small gzipped file that unpacks to at least so many bytes."""
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=9) as file:
        file.write(fleet_csv({}).encode())
        for _ in range(n_bytes >> 20):
            file.write(bytes(1 << 20))
    return packed.getvalue()


def test_review_when_it_is_a_gzip_bomb_then_unpacking_stops_at_the_limit(tmp_path: Path):
    data = bomb(200 << 20)
    assert len(data) < 300_000
    with pytest.raises(DataError, match="unpacks to more than 10 MB") as raised:
        looked_at(data, tmp_path)
    assert "UPLOAD_LIMIT_MB" in str(raised.value)
    assert not (tmp_path / "version").exists()


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "is empty"),
        (gzip.compress(fleet_csv(*[{}] * 50).encode())[:-30], "cannot be unpacked"),
        (b"\x1f\x8bno gzip", "cannot be unpacked"),
        (b"PK\x03\x04", "an Excel or zip file"),
    ],
)
def test_review_when_the_file_is_broken_then_one_sentence_says_so_and_nothing_is_left(
    tmp_path: Path, data: bytes, says: str
):
    import_file(fleet_csv({}).encode(), tmp_path / "data")
    before = sorted(path for path in (tmp_path / "data").rglob("*"))
    with pytest.raises(DataError, match=says):
        looked_at(data, tmp_path)
    assert sorted((tmp_path / "data").rglob("*")) == before
    assert not (tmp_path / "version").exists()


def test_version_when_deleted_then_it_is_gone_and_the_active_one_is_kept(tmp_path: Path):
    data_dir = tmp_path / "data"
    import_file(fleet_csv({"vm_id": "old"}).encode(), data_dir)
    kept = import_file(fleet_csv({"vm_id": "new"}).encode(), data_dir)
    with pytest.raises(DataError, match="v0002 is the active one"):
        delete(data_dir, "v0002")
    delete(data_dir, "v0001")
    assert versions(data_dir) == (kept,)
    assert [path.name for path in (data_dir / "versions").iterdir() if path.is_dir()] == ["v0002"]
    for name in ("v0001", "..", "../data", "v0002/../v0002", ""):
        with pytest.raises(MissingDataError, match="There is no dataset version"):
            delete(data_dir, name)


@pytest.mark.parametrize("lost", ["nothing", "manifest.json"])
def test_version_when_the_newest_is_deleted_then_its_name_is_never_given_again(
    tmp_path: Path, lost: str
):
    first = import_file(fleet_csv({"vm_id": "old"}).encode(), tmp_path)
    newest = import_file(fleet_csv({"vm_id": "new"}).encode(), tmp_path)
    (newest.folder / lost).unlink(missing_ok=True)
    activate(tmp_path, first.version)
    delete(tmp_path, newest.version)
    assert [one.version for one in versions(tmp_path)] == ["v0001"]
    assert import_file(fleet_csv({}).encode(), tmp_path).version == "v0003"
