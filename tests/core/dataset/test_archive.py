import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from core.dataset import activate, current, import_file, load, versions
from core.errors import DataError, MissingDataError
from tests.core.dataset.csv_files import fleet_csv, ticket_csv


def rows_of(data_dir: Path) -> list[str]:
    return load(data_dir, ["vm_id"])["vm_id"].tolist()


def test_a_file_becomes_the_active_version_as_csv_and_parquet(tmp_path: Path) -> None:
    stored = import_file(fleet_csv({}, {"vm_id": "b"}).encode(), tmp_path, name="up.csv")
    assert (stored.version, stored.report.source) == ("v0001", "up.csv")
    as_csv = pd.read_csv(tmp_path / "dataset.csv")
    as_parquet = pq.read_table(tmp_path / "dataset.parquet").to_pandas()
    assert as_csv["vm_id"].tolist() == as_parquet["vm_id"].tolist() == ["vm-001", "b"]
    assert as_csv["cpu_usage"].tolist() == as_parquet["cpu_usage"].tolist()
    moments = pd.to_datetime(as_csv["timestamp"], utc=True)
    assert moments.tolist() == as_parquet["timestamp"].tolist()
    assert current(tmp_path) == stored


def test_what_was_mended_on_the_way_is_mended_in_both_files(tmp_path: Path) -> None:
    text = fleet_csv(
        {"cpu_usage": "0,5", "ticket_text": '=1+1, "ä"\nline two'},
        {"cpu_usage": "0,25", "task_type": " web ", "memory_usage": "n/a"},
        names={"vm_id": "VM Id"},
        separator=";",
    )
    import_file(text.encode("utf-16"), tmp_path)
    as_csv = pd.read_csv(tmp_path / "dataset.csv")
    as_parquet = pq.read_table(tmp_path / "dataset.parquet").to_pandas()
    for frame in (as_csv, as_parquet):
        assert frame["vm_id"].tolist() == ["vm-001", "vm-001"]
        assert frame["cpu_usage"].tolist() == [50.0, 25.0]
        assert frame["task_type"].tolist() == ["web", "web"]
        assert frame["memory_usage"].isna().tolist() == [False, True]
        assert frame["ticket_text"].tolist()[0] == '=1+1, "ä"\nline two'
    assert as_csv["timestamp"].tolist()[0] == "2025-03-01T10:00:00Z"


def test_a_plain_file_is_stored_as_it_came_below_our_names(tmp_path: Path) -> None:
    text = fleet_csv({}, {"vm_id": "b"}, names={"cpu_usage": "CPU Usage"})
    stored = import_file(b"\xef\xbb\xbf" + text.encode(), tmp_path)
    assert stored.csv.read_text() == text.replace("CPU Usage", "cpu_usage")


def test_an_imported_csv_can_be_imported_again_with_the_same_result(tmp_path: Path) -> None:
    rows = [{"cpu_usage": "0.3", "vm_id": f"vm {n}", "anomaly_status": "yes"} for n in range(5)]
    import_file(fleet_csv(*rows).encode("latin-1"), tmp_path)
    first = load(tmp_path)
    second = import_file(tmp_path / "dataset.csv", tmp_path)
    pd.testing.assert_frame_equal(first, load(tmp_path))
    assert not any(column.uncoercible for column in second.report.columns)


def test_going_back_to_an_earlier_version_brings_back_its_bytes(tmp_path: Path) -> None:
    import_file(fleet_csv({"vm_id": "old"}).encode(), tmp_path)
    old_bytes = (tmp_path / "dataset.csv").read_bytes()
    import_file(fleet_csv({"vm_id": "new"}).encode(), tmp_path)
    assert rows_of(tmp_path) == ["new"]
    activate(tmp_path, "v0001")
    assert rows_of(tmp_path) == ["old"]
    assert (tmp_path / "dataset.csv").read_bytes() == old_bytes
    assert [stored.version for stored in versions(tmp_path)] == ["v0001", "v0002"]


def test_a_csv_that_was_written_over_in_place_takes_no_version_with_it(tmp_path: Path) -> None:
    import_file(fleet_csv({"vm_id": "old"}).encode(), tmp_path)
    with (tmp_path / "dataset.csv").open("w", encoding="utf-8") as file:
        file.write(fleet_csv({"vm_id": "by hand"}))
    import_file(tmp_path / "dataset.csv", tmp_path)
    assert rows_of(tmp_path) == ["by hand"]
    activate(tmp_path, "v0001")
    assert rows_of(tmp_path) == ["old"]
    assert pd.read_csv(tmp_path / "dataset.csv")["vm_id"].tolist() == ["old"]


@pytest.mark.parametrize(
    "data", [b"", b"a,b\n1,2\n", b"PK\x03\x04", fleet_csv({}).encode()[:60] + b"\n\n"]
)
def test_a_failed_import_leaves_everything_as_it_was(tmp_path: Path, data: bytes) -> None:
    import_file(fleet_csv({"vm_id": "old"}).encode(), tmp_path)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()}
    with pytest.raises(DataError):
        import_file(data, tmp_path)
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert {path for path in tmp_path.rglob("*") if path.is_file()} == set(before)
    assert rows_of(tmp_path) == ["old"]


def test_a_file_that_breaks_off_far_below_leaves_nothing_behind(tmp_path: Path) -> None:
    rows = [{"vm_id": f"vm-{n}", "ticket_text": "x" * 1_000_000} for n in range(20)]
    text = fleet_csv(*rows) + '"' + "no partner " * 2_000_000
    with pytest.raises(DataError, match="quotation mark"):
        import_file(text.encode(), tmp_path)
    assert versions(tmp_path) == ()
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


@pytest.mark.skipif(os.name != "posix", reason="only POSIX limits the size of files")
@pytest.mark.parametrize("limit_bytes", [1_000, 60_000, 400_000])
def test_a_full_disk_leaves_the_old_dataset_in_place(tmp_path: Path, limit_bytes: int) -> None:
    import_file(fleet_csv({"vm_id": "old"}).encode(), tmp_path)
    large = tmp_path / "large.csv"
    # The last limit has room for the Parquet file, where equal texts take none, not for the CSV.
    rows = ({"vm_id": f"vm-{n}", "ticket_text": "help " * 50} for n in range(3_000))
    large.write_text(fleet_csv(*rows))
    program = """
import resource, signal, sys
from pathlib import Path
from core.dataset import import_file
from core.errors import DataError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), int(sys.argv[3])))
try:
    import_file(Path(sys.argv[1]), Path(sys.argv[2]))
except DataError as error:
    print(error)
"""
    arguments = [sys.executable, "-c", program, str(large), str(tmp_path), str(limit_bytes)]
    finished = subprocess.run(arguments, capture_output=True, text=True, check=True)
    assert "could not be stored" in finished.stdout
    assert finished.stderr == ""
    assert rows_of(tmp_path) == ["old"]
    assert [stored.version for stored in versions(tmp_path)] == ["v0001"]
    assert not list((tmp_path / "versions").glob(".*"))


def test_a_file_where_the_versions_should_be_is_said(tmp_path: Path) -> None:
    (tmp_path / "versions").write_text("")
    with pytest.raises(DataError, match="could not be stored"):
        import_file(fleet_csv({}).encode(), tmp_path)


def test_repeated_rows_are_left_out_of_what_is_stored(tmp_path: Path) -> None:
    rows = [{"vm_id": f"vm-{n % 700}", "timestamp": "2025-01-01"} for n in range(1_000)]
    stored = import_file(fleet_csv(*rows).encode(), tmp_path)
    assert stored.report.rows_kept == 700
    assert rows_of(tmp_path) == [f"vm-{n}" for n in range(700)]
    assert len(pd.read_csv(tmp_path / "dataset.csv")) == 700


def test_derived_columns_follow_from_the_stored_ones(tmp_path: Path) -> None:
    import_file(
        fleet_csv(
            {"timestamp": "2025-03-02T23:30:00+01:00", "cpu_usage": "50", "memory_usage": "20"},
            {"timestamp": "", "execution_time": "0", "num_executed_instructions": ""},
        ).encode(),
        tmp_path,
    )
    frame = load(tmp_path)
    first, second = frame.iloc[0], frame.iloc[1]
    assert (first["ts_hour"], first["ts_dayofweek"], first["ts_month"]) == (22, 6, 3)
    assert first["cpu_mem_ratio"] == 2.5
    assert first["net_per_exec_time"] == pytest.approx(120.5 / 3.5)
    assert first["power_per_instruction"] == pytest.approx(210 / 1500)
    missing = ["ts_hour", "ts_dayofweek", "ts_month", "net_per_exec_time", "power_per_instruction"]
    assert second[missing].isna().all()


def test_only_the_columns_asked_for_are_handed_out_in_their_order(tmp_path: Path) -> None:
    import_file(fleet_csv({}).encode(), tmp_path)
    frame = load(tmp_path, ["cpu_mem_ratio", "vm_id", "ts_month"])
    assert frame.columns.tolist() == ["cpu_mem_ratio", "vm_id", "ts_month"]
    assert frame.iloc[0].tolist() == [pytest.approx(41.5 / 60), "vm-001", 3]


def test_columns_that_the_file_did_not_have_are_missing_throughout(tmp_path: Path) -> None:
    import_file(ticket_csv([("help", "A"), ("me", "B")]).encode(), tmp_path)
    frame = load(tmp_path)
    assert frame["ticket_text"].tolist() == ["help", "me"]
    assert frame["cpu_usage"].isna().all()
    assert frame["timestamp"].isna().all()
    assert pd.read_csv(tmp_path / "dataset.csv").columns.tolist() == [
        "ticket_text",
        "ticket_category",
    ]


def test_without_a_dataset_the_way_to_one_is_said(tmp_path: Path) -> None:
    with pytest.raises(MissingDataError, match="python -m core dataset import FILE"):
        load(tmp_path)
    assert versions(tmp_path) == ()


def cut_parquet(folder: Path) -> None:
    data = (folder / "dataset.parquet").read_bytes()
    (folder / "dataset.parquet").unlink()
    (folder / "dataset.parquet").write_bytes(data[: len(data) // 2])


def alter_parquet(folder: Path) -> None:
    data = bytearray((folder / "dataset.parquet").read_bytes())
    data[len(data) // 3] ^= 1
    (folder / "dataset.parquet").unlink()
    (folder / "dataset.parquet").write_bytes(data)


def remove_manifest(folder: Path) -> None:
    (folder / "manifest.json").unlink()


def remove_pointer(folder: Path) -> None:
    (folder.parent / "CURRENT").unlink()


def remove_parquet(folder: Path) -> None:
    (folder / "dataset.parquet").unlink()


def cut_manifest(folder: Path) -> None:
    (folder / "manifest.json").write_text('{"format": 1,')


def strange_manifest(folder: Path) -> None:
    (folder / "manifest.json").write_text('{"format": 1, "report": []}')


def later_format(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps({**manifest, "format": 99}))


def pointer_to_nothing(folder: Path) -> None:
    (folder.parent / "CURRENT").write_text("v0099\n")


def strange_pointer(folder: Path) -> None:
    (folder.parent / "CURRENT").write_bytes(b"\xff../../etc")


@pytest.mark.parametrize(
    "damage",
    [
        cut_parquet,
        alter_parquet,
        remove_parquet,
        remove_manifest,
        remove_pointer,
        cut_manifest,
        strange_manifest,
        later_format,
        pointer_to_nothing,
        strange_pointer,
    ],
)
def test_a_damaged_dataset_is_refused_with_the_way_out(
    tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    import_file(fleet_csv({"vm_id": "old"}).encode(), tmp_path)
    stored = import_file(fleet_csv({"vm_id": "new"}).encode(), tmp_path)
    damage(stored.folder)
    with pytest.raises(DataError, match=r"there are v0001"):
        load(tmp_path)
    activate(tmp_path, "v0001")
    assert rows_of(tmp_path) == ["old"]


def test_a_version_whose_data_were_changed_is_not_activated(tmp_path: Path) -> None:
    stored = import_file(fleet_csv({}).encode(), tmp_path)
    import_file(fleet_csv({"vm_id": "new"}).encode(), tmp_path)
    cut_parquet(stored.folder)
    with pytest.raises(DataError, match="was changed since it was imported"):
        activate(tmp_path, "v0001")
    assert rows_of(tmp_path) == ["new"]


@pytest.mark.parametrize("version", ["v0009", "../v0001", "", "latest"])
def test_a_version_that_is_not_there_is_not_activated(tmp_path: Path, version: str) -> None:
    import_file(fleet_csv({}).encode(), tmp_path)
    with pytest.raises(MissingDataError):
        activate(tmp_path, version)


def test_what_a_killed_import_left_is_no_version_and_is_cleared_after_a_day(
    tmp_path: Path,
) -> None:
    import_file(fleet_csv({}).encode(), tmp_path)
    left = tmp_path / "versions" / ".0123456789abcdef.writing"
    left.mkdir()
    (left / "dataset.parquet").write_bytes(b"half")
    assert [stored.version for stored in versions(tmp_path)] == ["v0001"]
    import_file(fleet_csv({}).encode(), tmp_path)
    assert left.exists()  # another import may be at work
    os.utime(left, (0, 0))
    import_file(fleet_csv({}).encode(), tmp_path)
    assert not left.exists()
