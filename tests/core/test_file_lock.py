"""Files that one at a time holds, by the locks of this system and by those of Windows."""

import sys
import threading
from pathlib import Path

import pytest

from core import file_lock
from core.errors import JobError
from core.jobs import held, owner


@pytest.fixture(params=["this system", "Windows"])
def _system(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "Windows":
        if sys.platform != "linux":
            pytest.skip("the stand-in is made of Linux's locks")
        from tests.core.windows_locks import Msvcrt

        monkeypatch.setitem(sys.modules, "msvcrt", Msvcrt())
        monkeypatch.setitem(sys.modules, "fcntl", None)


pytestmark = pytest.mark.usefixtures("_system")


def test_file_when_one_holds_it_then_no_other_can_until_it_lets_go(tmp_path: Path):
    path = tmp_path / "lock"
    for _ in range(2):
        first = file_lock.locked(path)
        assert first is not None
        assert file_lock.locked(path) is None
        with path.open("rb") as seen:
            assert file_lock.is_held(seen)
        file_lock.let_go(first, path)
        assert not path.exists()


def test_file_when_another_holds_it_then_waiting_is_told_once_and_ends_as_it_lets_go(
    tmp_path: Path,
):
    path = tmp_path / "lock"
    first = file_lock.locked(path)
    assert first is not None
    told = []
    soon = threading.Timer(1.2, file_lock.let_go, (first, path))
    soon.start()
    second = file_lock.waited_for(path, lambda: told.append("waits"))
    soon.join()
    assert told == ["waits"]
    file_lock.let_go(second, path)
    file_lock.let_go(file_lock.waited_for(path, lambda: told.append("again")), path)
    assert told == ["waits"]


def test_training_when_one_runs_then_the_next_is_told_who_and_may_begin_afterwards(tmp_path: Path):
    for _ in range(2):
        with held(tmp_path, "Training", "ada"):
            holder = owner(tmp_path)
            assert holder is not None
            assert holder.who == "ada"
            with pytest.raises(JobError, match="by ada"), held(tmp_path, "Training", "bob"):
                pass
        assert owner(tmp_path) is None


def test_training_when_the_file_is_left_as_windows_leaves_it_then_it_is_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def refuse(path: Path) -> None:
        raise PermissionError(f"{path} is open")

    monkeypatch.setattr(Path, "unlink", refuse)
    for who in ("a name that is longer", "ada"):
        with held(tmp_path, "Training", who):
            holder = owner(tmp_path)
            assert holder is not None
            assert holder.who == who
        assert owner(tmp_path) is None
        assert list(tmp_path.iterdir())
