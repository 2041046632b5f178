"""Recordings of hosts: named as people know them, one at a time, nothing half written."""

import contextlib
from pathlib import Path

import pytest

from core import jobs
from core.access import VIEWER, Actor, Role
from core.admin.recordings import keep_recording
from core.errors import DataError, NotAllowedError
from tests.faults.small_disk import DiskNotPossibleError, small_disk

ADMIN = Actor(name="ada", role=Role.ADMIN, origin="127.0.0.1")
CSV = b"host,timestamp\nweb-1,2026-01-01T00:00:00Z\n"


def keep(tmp_path: Path, data: bytes = CSV, name: str = "web.csv", actor: Actor = ADMIN) -> Path:
    return keep_recording(actor, tmp_path / "data", tmp_path / "models", data, name)


def kept(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in (tmp_path / "data" / "hosts").rglob("*.csv"))


@pytest.mark.parametrize(
    ("name", "stored"),
    [
        ("web.csv", "web.csv"),
        ("../../web <1>.csv", "web__1_.csv"),
        ("...", "hosts.csv"),
        (f"{'x' * 300}.csv", f"{'x' * 76}.csv"),
    ],
)
def test_recording_when_kept_then_its_name_is_like_its_own_and_no_path(tmp_path, name, stored):
    file = keep(tmp_path, name=name)
    assert (file.name, file.read_bytes()) == (stored, CSV)
    assert file.is_relative_to(tmp_path / "data" / "hosts")


def test_recording_when_brought_twice_then_it_stays_where_it_is(tmp_path):
    first = keep(tmp_path)
    written_ns = first.stat().st_mtime_ns
    assert keep(tmp_path) == first
    assert first.stat().st_mtime_ns == written_ns


def test_recording_when_another_comes_then_it_makes_room(tmp_path):
    keep(tmp_path, name="first.csv")
    keep(tmp_path, data=CSV + b"web-1,2026-01-01T00:01:00Z\n", name="second.csv")
    assert kept(tmp_path) == ["second.csv"]


def test_recording_when_another_comes_during_a_training_then_both_stay(tmp_path):
    keep(tmp_path, name="first.csv")
    with jobs.held(tmp_path / "models", "Training", "ada"):
        keep(tmp_path, data=CSV + b"\n", name="second.csv")
        assert kept(tmp_path) == ["first.csv", "second.csv"]


def test_recording_when_a_viewer_brings_it_then_nothing_is_kept(tmp_path):
    with pytest.raises(NotAllowedError, match="bring a recording"):
        keep(tmp_path, actor=VIEWER)
    assert not (tmp_path / "data").exists()


def test_recording_when_the_disk_is_full_then_it_says_so_and_nothing_is_half_there(tmp_path):
    (tmp_path / "disk").mkdir()
    try:
        with small_disk(tmp_path / "disk") as disk:
            disk.fill_to(97)  # less than 2 MB are left
            with pytest.raises(DataError, match="No space left"):
                keep(disk.path, data=bytes(5_000_000))
            assert not list((disk.path / "data" / "hosts").iterdir())
            first = keep(disk.path)
            assert first.read_bytes() == CSV
            # Under another name it is the same, and what cannot be written takes nothing with it.
            with contextlib.suppress(OSError):
                disk.fill_to(101)
            with pytest.raises(DataError, match="No space left"):
                keep(disk.path, name="again.csv")
            assert first.read_bytes() == CSV
    except DiskNotPossibleError as error:
        pytest.skip(str(error))
