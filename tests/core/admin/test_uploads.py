"""Uploads: hostile names, sizes beyond all bounds, broken streams, a full disk, a killed app."""

import gzip
import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.access import VIEWER, Actor, Role
from core.admin.uploads import Uploads, shown_name
from core.dataset import adopt, current, import_file
from core.errors import DataError, NotAllowedError
from tests.core.dataset.csv_files import fleet_csv
from tests.faults.small_disk import DiskNotPossibleError, small_disk

ADMIN = Actor(name="ada", role=Role.ADMIN, origin="127.0.0.1")
LIMIT_BYTES = 20_000_000
PATIENCE_S = 60.0


@pytest.fixture
def uploads(tmp_path: Path) -> Iterator[Uploads]:
    opened = Uploads(tmp_path / "data", LIMIT_BYTES)
    yield opened
    opened.close()


class Endless:
    """A file of 10 GB that is made up while it is read; counts how much of it was asked for."""

    size_bytes = 10_000_000_000

    def __init__(self) -> None:
        self.read_bytes = 0

    def read(self, size: int, /) -> bytes:
        size = min(size, self.size_bytes - self.read_bytes)
        self.read_bytes += size
        return bytes(size)


class Interrupted:
    """A file whose sender goes away."""

    def read(self, size: int, /) -> bytes:
        raise ConnectionResetError("the other side is gone")


def files_in(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_upload_when_good_then_it_is_looked_into_and_can_be_adopted_and_leaves_nothing(
    uploads: Uploads, tmp_path: Path
):
    data = fleet_csv({"vm_id": "new"}).encode()
    upload = uploads.take(ADMIN, io.BytesIO(data), "fleet.csv")
    assert (upload.name, upload.size_bytes) == ("fleet.csv", len(data))
    found = upload.work.wait(PATIENCE_S).result
    assert found is not None
    assert found.prepared is not None
    stored = adopt(found.prepared, tmp_path / "data")
    uploads.drop(upload)
    assert not files_in(tmp_path / "data" / "uploads")
    assert current(tmp_path / "data") == stored
    uploads.drop(upload)  # once more does no harm


def test_upload_when_renamed_then_it_is_looked_into_again(uploads: Uploads):
    data = fleet_csv({}, names={"vm_id": "instance"}).encode()
    upload = uploads.take(ADMIN, io.BytesIO(data), "fleet.csv")
    first = upload.work.wait(PATIENCE_S).result
    assert first is not None
    assert first.prepared is None
    upload.look_again({"instance": "vm_id"})
    second = upload.work.wait(PATIENCE_S).result
    assert second is not None
    assert second.prepared is not None
    assert upload.rename == {"instance": "vm_id"}


def test_upload_when_a_viewer_brings_it_then_nothing_is_read_or_kept(
    uploads: Uploads, tmp_path: Path
):
    file = Endless()
    with pytest.raises(NotAllowedError, match="upload a dataset"):
        uploads.take(VIEWER, file, "fleet.csv")
    assert file.read_bytes == 0
    assert not (tmp_path / "data").exists()


def test_upload_when_it_has_ten_gigabytes_then_reading_stops_at_the_limit(
    uploads: Uploads, tmp_path: Path
):
    file = Endless()
    with pytest.raises(DataError, match="larger than the 19 MB") as refused:
        uploads.take(ADMIN, file, "huge.csv")
    assert "UPLOAD_LIMIT_MB" in str(refused.value)
    assert file.read_bytes < LIMIT_BYTES + 10_000_000
    assert not files_in(tmp_path / "data")


def test_upload_when_interrupted_then_nothing_of_it_is_kept(uploads: Uploads, tmp_path: Path):
    kept = import_file(fleet_csv({}).encode(), tmp_path / "data")
    before = files_in(tmp_path / "data")
    with pytest.raises(DataError, match="The dataset is as it was"):
        uploads.take(ADMIN, Interrupted(), "fleet.csv")
    assert files_in(tmp_path / "data") == before
    assert current(tmp_path / "data") == kept


@pytest.mark.parametrize(
    "name",
    [
        "../../../../tmp/x.csv",
        "/etc/passwd",
        "..\\..\\boot.ini",
        "CON",
        "a\x00b.csv",
        "line\nbreak\r\x1b[31m.csv",
        "\u202egnp.csv",
        "n" * 5_000 + ".csv",
        "",
        " ",
        "<img src=x onerror=alert(1)>.csv",
    ],
)
def test_name_when_hostile_then_it_is_short_printable_text(name: str):
    shown = shown_name(name)
    assert 0 < len(shown) <= 120
    assert all(character.isprintable() or character == "\ufffd" for character in shown)


def test_upload_when_its_name_is_a_path_then_it_is_no_path_here(uploads: Uploads, tmp_path: Path):
    upload = uploads.take(ADMIN, io.BytesIO(fleet_csv({}).encode()), "../../../x.csv")
    assert upload.name == "../../../x.csv"
    upload.work.cancel()
    kept = [path.name for path in files_in(tmp_path) if path.suffix != ".lock"]
    assert kept == ["upload"]


def test_name_when_ordinary_then_it_is_shown_as_it_is():
    assert shown_name("Flotte März (2).csv.gz") == "Flotte März (2).csv.gz"


def test_upload_when_it_is_a_gzip_bomb_then_it_is_refused_in_words(uploads: Uploads):
    packed = gzip.compress(fleet_csv({}).encode() + bytes(250_000_000), compresslevel=1)
    assert len(packed) < LIMIT_BYTES
    status = uploads.take(ADMIN, io.BytesIO(packed), "bomb.csv.gz").work.wait(PATIENCE_S)
    assert status.state == "failed"
    assert "unpacks to more than 200 MB" in (status.error or "")


def test_uploads_when_the_app_starts_again_then_what_a_killed_one_left_is_removed(tmp_path: Path):
    data_dir = tmp_path / "data"
    kept = import_file(fleet_csv({}).encode(), data_dir)
    left = data_dir / "uploads" / "0123456789abcdef"
    (left / "version").mkdir(parents=True)
    (left / "upload").write_text("half of a fi")
    (left / "version" / "dataset.parquet").write_bytes(b"PAR1")
    left.with_suffix(".lock").touch()
    Uploads(data_dir, LIMIT_BYTES)
    assert not (data_dir / "uploads").exists()
    assert current(data_dir) == kept


def test_uploads_when_a_second_app_starts_then_those_of_the_first_stay(
    uploads: Uploads, tmp_path: Path
):
    upload = uploads.take(ADMIN, io.BytesIO(fleet_csv({}).encode()), "fleet.csv")
    second = Uploads(tmp_path / "data", LIMIT_BYTES)
    other = second.take(ADMIN, io.BytesIO(fleet_csv({}, {}).encode()), "other.csv")
    second.close()  # takes away what is its own
    assert other.work.status().state in ("cancelled", "done")
    found = upload.work.wait(PATIENCE_S).result
    assert found is not None
    assert found.prepared is not None
    assert adopt(found.prepared, tmp_path / "data") == current(tmp_path / "data")


def test_uploads_when_closed_then_work_ends_and_nothing_is_left(tmp_path: Path):
    opened = Uploads(tmp_path / "data", LIMIT_BYTES)
    upload = opened.take(ADMIN, io.BytesIO(fleet_csv(*[{}] * 2_000).encode()), "fleet.csv")
    opened.close()
    assert upload.work.status().state in ("cancelled", "done")
    assert not (tmp_path / "data" / "uploads").exists()


def test_upload_when_the_disk_is_full_then_the_old_dataset_stays_and_nothing_is_left(
    tmp_path: Path,
):
    (tmp_path / "disk").mkdir()
    try:
        with small_disk(tmp_path / "disk") as disk:
            data_dir = disk.path / "data"
            kept = import_file(fleet_csv({}).encode(), data_dir)
            before = files_in(data_dir)
            rows = "".join(
                f"vm-{n % 97},2025-03-01T{n // 3600:02d}:{n // 60 % 60:02d}:{n % 60:02d}Z,9\n"
                for n in range(80_000)
            )
            data = ("vm_id,timestamp,cpu_usage\n" + rows).encode()
            opened = Uploads(data_dir, LIMIT_BYTES)
            disk.fill_to(97)  # less than 2 MB are left, and the file has 2.4
            with pytest.raises(DataError, match="No space left"):
                opened.take(ADMIN, io.BytesIO(data), "fleet.csv")
            assert files_in(data_dir) == before
            # Gzipped there is room for the file, and none for what is made of it.
            upload = opened.take(ADMIN, io.BytesIO(gzip.compress(data)), "fleet.csv.gz")
            status = upload.work.wait(PATIENCE_S)
            assert status.state == "failed", status
            assert "No space left" in (status.error or "")
            opened.drop(upload)
            assert files_in(data_dir) == before
            assert current(data_dir) == kept
            opened.close()
    except DiskNotPossibleError as why:
        pytest.skip(str(why))
