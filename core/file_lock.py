"""A file that one process holds at a time, and that is free at once when its owner is gone.

The operating system holds the lock (flock; on Windows, which has none, a locked byte) and lets go
of it when its owner dies, however that is: no number of a process has to be believed.
"""

import contextlib
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

__all__ = ["is_held", "let_go", "locked", "waited_for"]

# Whoever looks whether a file is held holds it for a moment, too.
_PATIENCE_S = 0.5
_POLL_S = 0.01
# Beyond what is written: on Windows nobody can read a byte that is locked.
_LOCKED_BYTE = 1 << 30


def locked(path: Path) -> IO[bytes] | None:
    """Return the file, made where it is not there, open and held; None where another holds it.

    OSError where it cannot be made. Closing it lets go, and so does the end of the process.
    """
    while True:
        # Unbuffered: what could not be written is not tried again on closing.
        file = path.open("a+b", buffering=0)
        if not _could_lock(file, exclusive=True, patience_s=_PATIENCE_S):
            file.close()
            return None
        try:
            is_there = os.path.samestat(os.fstat(file.fileno()), path.stat())
        except FileNotFoundError:
            is_there = False
        if is_there:
            return file
        file.close()  # its former owner has removed it between opening and locking


def waited_for(path: Path, tell: Callable[[], None]) -> IO[bytes]:
    """Return the file as `locked` does, once nobody else holds it; `tell` is called before waiting.

    OSError where it cannot be made.
    """
    file = locked(path)
    if file is None:
        tell()
    while file is None:
        file = locked(path)
    return file


def is_held(file: IO[bytes]) -> bool:
    """Return whether another one holds an open file, without waiting."""
    return not _could_lock(file, exclusive=False, patience_s=0.0)


def let_go(file: IO[bytes], path: Path) -> None:
    """Remove a file that `locked` has returned, and close it."""
    # Removed while it is locked: whoever has opened it meanwhile finds that it is gone. Windows
    # removes no open file; there it stays, and counts only while it is locked.
    with contextlib.suppress(OSError):
        path.unlink()
    file.close()


def _could_lock(file: IO[bytes], *, exclusive: bool, patience_s: float) -> bool:
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
    try:
        import fcntl
    except ImportError:
        # Windows knows exclusive locks only; a look is as short as can be.
        import msvcrt as windows

        module: Any = windows
        file.seek(_LOCKED_BYTE)
        module.locking(file.fileno(), module.LK_NBLCK, 1)
    else:
        kind = fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH
        fcntl.flock(file, kind | fcntl.LOCK_NB)
