"""One training at a time in a models folder, among all processes that can write it.

The lock is one of `core.file_lock`: a dead owner's is free at once, and a process that was given
the same number later is not taken for it. The file says who the owner is, for people.
"""

import contextlib
import json
import os
import secrets
import socket
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from core import file_lock
from core.errors import JobError

__all__ = ["TOKEN", "Lock", "Owner", "held", "is_of", "on_record", "owner"]

LOCK_FILE = "training.lock"
TOKEN = "TRAINING_LOCK_TOKEN"  # noqa: S105 - the name of an environment variable
"""The variable by which a process knows that its starter holds the lock for it."""


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
        # Below 0 where the clock was set back since.
        age = f"{minutes} min ago" if minutes > 0 else "just now"
        return f"{self.what}, started {age} by {self.who} (process {self.pid} on {self.host})"


def on_record(token: str, folder: Path) -> str:
    """Return how the store names who runs a job: the lock's token, and which folder it locks.

    Apps of several machines may share a database; each sees the locks of its own folder only.
    """
    return f"{token} {socket.gethostname()}:{folder.resolve()}"


def is_of(name: str, folder: Path) -> bool:
    """Return whether the lock of `folder` tells if the owner of that name on record still lives.

    Earlier versions of the app kept the token alone, and looked into their own folder.
    """
    token, _, place = name.partition(" ")
    return not place or name == on_record(token, folder)


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
            file = file_lock.locked(self._path)
        except OSError as error:
            raise JobError(
                f"No training can begin: {self._path} cannot be written "
                f"({error.strerror}); grant access there or set MODELS_DIR to another folder."
            ) from error
        if file is None:
            other = owner(folder)
            raise JobError(
                "Another training runs already"
                f"{'' if other is None else f': {other.in_words}'}. "
                "One runs at a time; wait until it is done, or cancel it."
            )
        self._file = file
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
        file_lock.let_go(self._file, self._path)
        if self._made_folder:
            with contextlib.suppress(OSError):  # a version was written into it
                self._path.parent.rmdir()


@contextlib.contextmanager
def held(folder: Path, what: str, who: str) -> Iterator[Owner | None]:
    """Hold the lock of a models folder for as long as this lasts, as the owner that it yields.

    Where the process that has started this one holds it on its behalf, that is enough, and it
    yields None. JobError where somebody else holds it.
    """
    given = os.environ.get(TOKEN)
    holder = owner(folder) if given else None
    if holder is not None and holder.token == given:
        yield None
        return
    lock = Lock(folder, what, who)
    try:
        yield lock.owner
    finally:
        lock.release()


def owner(folder: Path) -> Owner | None:
    """Return who holds the lock of a models folder; None where nobody does."""
    try:
        file = (folder / LOCK_FILE).open("rb")
    except OSError:
        return None
    with file:
        if not file_lock.is_held(file):
            return None
        file.seek(0)
        try:
            said = json.loads(file.read())
            return Owner(**{**said, "since": datetime.fromisoformat(said["since"])})
        except (OSError, ValueError, TypeError, KeyError, RecursionError):
            # It was taken a moment ago, and its owner has not written yet.
            return Owner(
                token="",
                what="A training",
                who="somebody",
                pid=0,
                host=socket.gethostname(),
                since=datetime.now(UTC),
            )
