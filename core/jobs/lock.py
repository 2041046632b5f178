"""One training at a time in a models folder, among all processes that can write it.

The operating system holds the lock (flock; on Windows a locked byte) and lets go of it when its
owner dies, however that is: a dead owner's lock is free at once, and a process that was given the
same number later is not taken for it. The file says who the owner is, for people.
"""

import contextlib
import json
import os
import secrets
import socket
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from core.errors import JobError

__all__ = ["TOKEN", "Lock", "Owner", "held", "owner"]

LOCK_FILE = "training.lock"
TOKEN = "TRAINING_LOCK_TOKEN"  # noqa: S105 - the name of an environment variable
"""The variable by which a process knows that its starter holds the lock for it."""

# Whoever looks who the owner is holds the file for a moment, too.
_PATIENCE_S = 0.5
_POLL_S = 0.01
# Beyond what is written: on Windows nobody can read a byte that is locked.
_LOCKED_BYTE = 1 << 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """Who holds the lock: `who` does `what` in the process `pid` of `host` since `since` (UTC)."""

    token: str
    what: str
    who: str
    pid: int
    host: str
    since: datetime

    @property
    def in_words(self) -> str:
        """What runs, whose it is, since when and where."""
        minutes = int((datetime.now(UTC) - self.since).total_seconds() // 60)
        age = f"{minutes} min ago" if minutes else "just now"
        return f"{self.what}, started {age} by {self.who} (process {self.pid} on {self.host})"


class Lock:
    """The lock of a models folder, taken; JobError where somebody else holds it.

    Parameters
    ----------
    folder : Path
        The models folder; made where it is not there.
    what, who : str
        What is done, and for whom, as others will read it.
    """

    def __init__(self, folder: Path, what: str, who: str) -> None:
        self.owner = Owner(
            token=secrets.token_hex(8),
            what=what,
            who=who,
            pid=os.getpid(),
            host=socket.gethostname(),
            since=datetime.now(UTC),
        )
        self._path = folder / LOCK_FILE
        self._made_folder = not folder.exists()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._file, is_ours = _opened_and_locked(self._path)
        except OSError as error:
            raise JobError(
                f"No training can begin: {self._path} cannot be written "
                f"({error.strerror}); grant access there or set MODELS_DIR to another folder."
            ) from error
        if not is_ours:
            self._file.close()
            other = owner(folder)
            raise JobError(
                "Another training runs already"
                f"{'' if other is None else f': {other.in_words}'}. "
                "One runs at a time; wait until it is done, or cancel it."
            )
        try:
            self._file.truncate(0)
            self._file.write(json.dumps(asdict(self.owner), default=str).encode())
            self._file.flush()
        except OSError as error:
            self.release()
            raise JobError(
                f"No training can begin: {self._path} cannot be written "
                f"({error.strerror}); free space there."
            ) from error

    def release(self) -> None:
        """Let the next one begin, and leave nothing behind that was not there before."""
        # Removed while it is locked: whoever has opened it meanwhile finds that it is gone. Windows
        # removes no open file; there it stays, and what it says counts only while it is locked.
        with contextlib.suppress(OSError):
            self._path.unlink()
        self._file.close()
        if self._made_folder:
            with contextlib.suppress(OSError):  # a version was written into it
                self._path.parent.rmdir()


@contextlib.contextmanager
def held(folder: Path, what: str, who: str) -> Iterator[None]:
    """Hold the lock of a models folder for as long as this lasts.

    Where the process that has started this one holds it on its behalf, that is enough. JobError
    where somebody else holds it.
    """
    given = os.environ.get(TOKEN)
    holder = owner(folder) if given else None
    if holder is not None and holder.token == given:
        yield
        return
    lock = Lock(folder, what, who)
    try:
        yield
    finally:
        lock.release()


def owner(folder: Path) -> Owner | None:
    """Return who holds the lock of a models folder; None where nobody does."""
    try:
        file = (folder / LOCK_FILE).open("rb")
    except OSError:
        return None
    with file:
        if _locked(file, exclusive=False, patience_s=0.0):
            return None
        file.seek(0)
        try:
            said = json.loads(file.read())
            return Owner(**{**said, "since": datetime.fromisoformat(said["since"])})
        except (OSError, ValueError, TypeError, KeyError):
            # It was taken a moment ago, and its owner has not written yet.
            return Owner(
                token="",
                what="A training",
                who="somebody",
                pid=0,
                host=socket.gethostname(),
                since=datetime.now(UTC),
            )


def _opened_and_locked(path: Path) -> tuple[IO[bytes], bool]:
    """Return the lock file, made where it is not there, and whether it could be locked."""
    while True:
        # Unbuffered: what could not be written is not tried again on closing.
        file = path.open("a+b", buffering=0)
        if not _locked(file, exclusive=True):
            return file, False
        try:
            is_there = os.path.samestat(os.fstat(file.fileno()), path.stat())
        except FileNotFoundError:
            is_there = False
        if is_there:
            return file, True
        file.close()  # its former owner has removed it between opening and locking


def _locked(file: IO[bytes], *, exclusive: bool, patience_s: float = _PATIENCE_S) -> bool:
    """Return whether the file could be locked; closing it lets go."""
    latest_s = time.monotonic() + patience_s
    while True:
        try:
            _lock(file, exclusive=exclusive)
        except OSError:
            if time.monotonic() >= latest_s:
                return False
            time.sleep(_POLL_S)
        else:
            return True


def _lock(file: IO[bytes], *, exclusive: bool) -> None:
    """Lock the file without waiting; OSError where another one holds it."""
    if os.name == "posix":
        import fcntl

        kind = fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    else:
        # Windows knows exclusive locks only; a look is as short as can be.
        import msvcrt as windows

        module: Any = windows
        file.seek(_LOCKED_BYTE)
        module.locking(file.fileno(), module.LK_NBLCK, 1)
