"""A database that cannot be used is one clear sentence, without the password."""

import sys
import traceback
from contextlib import closing
from dataclasses import replace

import pytest

from core.errors import StoreError
from core.metrics import Sample
from core.store import Store
from tests.fakes import NOON
from tests.faults.full_disk import no_file_may_grow

SAMPLE = Sample(host="web-1", at=NOON, readings=())


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("", "no address of a database"),
        ("data/app.db", "no address of a database"),
        ("postgresql+psycopg://me:secret@db:port/x", "no address of a database"),
        ("mysql://me:secret@db/x", "asks for 'mysql'"),
        ("postgresql+none://me:secret@db/x", "cannot be opened"),
        ("sqlite://", "in memory"),
        ("sqlite:///:memory:", "in memory"),
        ("postgresql+psycopg://me:secret@127.0.0.1:1/x?password=secret", "127.0.0.1"),
    ],
)
def test_address_that_cannot_be_used_is_named_without_its_password(url, said):
    with pytest.raises(StoreError, match="DATABASE_URL") as caught:
        Store(url)
    assert said in str(caught.value)
    assert "secret" not in "".join(traceback.format_exception(caught.value))


def test_folder_of_the_file_is_made(tmp_path):
    Store(f"sqlite:///{tmp_path.as_posix()}/new/folder/history.db").close()
    assert (tmp_path / "new" / "folder" / "history.db").exists()


def test_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match=r"file/history\.db cannot be opened"):
        Store(f"sqlite:///{tmp_path.as_posix()}/file/history.db")


def test_file_that_is_no_database_is_named(tmp_path):
    (tmp_path / "history.db").write_text("host,timestamp\n" * 100)
    with pytest.raises(StoreError, match=r"history\.db cannot be set up: file is not a database"):
        Store(f"sqlite:///{tmp_path.as_posix()}/history.db")


def test_folder_in_place_of_the_file_is_named(tmp_path):
    (tmp_path / "history.db").mkdir()
    with pytest.raises(StoreError, match=r"history\.db cannot be set up: unable to open"):
        Store(f"sqlite:///{tmp_path.as_posix()}/history.db")


def test_read_only_file_is_an_error_and_can_be_read(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = f"{tmp_path.as_posix()}/history.db"
    writable = Store(f"sqlite:///{path}")
    writable.add_sample(SAMPLE)
    store = Store(f"sqlite:///file:{path}?mode=ro&uri=true")
    with pytest.raises(StoreError, match="cannot be written: attempt to write a readonly database"):
        store.add_sample(SAMPLE)
    assert len(store.samples("web-1", NOON).at) == 1
    for each in (store, writable):
        each.close()
    assert [path.name for path in tmp_path.iterdir()] == ["history.db"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on a file's size")
def test_disk_that_takes_no_more_is_an_error_and_passes(tmp_path):
    store = Store(f"sqlite:///{tmp_path.as_posix()}/history.db")
    store.add_sample(SAMPLE)
    with no_file_may_grow(), pytest.raises(StoreError, match="history cannot be written: disk"):
        store.add_sample(SAMPLE)
    store.add_sample(SAMPLE)
    assert len(store.samples("web-1", NOON).at) == 1
    store.close()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows removes no open file")
def test_file_that_is_removed_under_it_is_an_error_until_it_is_back(tmp_path):
    path, aside = tmp_path / "history.db", tmp_path / "aside.db"
    with closing(Store(f"sqlite:///{path.as_posix()}")) as store:
        store.add_sample(SAMPLE)
        path.rename(aside)
        for use in (lambda: store.add_sample(SAMPLE), lambda: store.samples("web-1", NOON)):
            with pytest.raises(StoreError, match=r"removed while the app ran.*Bring it back"):
                use()
        assert not path.exists()  # and no empty one takes its place
        aside.rename(path)
        assert len(store.samples("web-1", NOON).at) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="Windows removes no open file")
def test_file_that_is_replaced_by_a_backup_is_used_from_then_on(tmp_path):
    path, backup = tmp_path / "history.db", tmp_path / "backup.db"
    with closing(Store(f"sqlite:///{backup.as_posix()}")) as store:
        store.add_sample(replace(SAMPLE, host="of the backup"))
    with closing(Store(f"sqlite:///{path.as_posix()}")) as store:
        store.add_sample(SAMPLE)
        for left in tmp_path.glob("history.db*"):
            left.unlink()
        backup.rename(path)
        assert len(store.samples("of the backup", NOON).at) == 1
        store.add_sample(SAMPLE)
        assert len(store.samples("web-1", NOON).at) == 1
