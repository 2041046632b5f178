"""The file of an SQLite database: set up, and noticed when it is gone."""

import logging
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.exc import DisconnectionError, InvalidRequestError

__all__ = ["set_up"]

WAIT_FOR_LOCK_MS = 5_000

_log = logging.getLogger(__name__)


def set_up(engine: Engine, path: Path | None) -> None:
    """Prepare each connection of `engine`, and refuse those to a file that is no longer there.

    POSIX lets a program write into a file that somebody has removed: what it takes is lost when it
    ends, and nobody is told. So before every use the file is looked for. Where it is gone, the use
    fails with words; where another one has taken its place (a backup was brought back), the next
    connection is to that one.

    Parameters
    ----------
    engine : Engine
    path : Path or None
        The file; None where the address is SQLite's own form of one, and nothing is looked for.
    """
    event.listen(engine, "connect", _prepare)
    if path is None:
        return
    was_there = False

    def before(*_: Any) -> None:
        # SQLite would make a new file, without tables.
        if was_there and not path.exists():
            raise InvalidRequestError(_gone(path))

    def connected(_connection: Any, record: Any) -> None:
        nonlocal was_there
        was_there = True
        record.info["file"] = _identity(path)

    def used(_connection: Any, record: Any, _proxy: Any) -> None:
        now = _identity(path)
        if now is None:
            raise InvalidRequestError(_gone(path))
        if now != record.info["file"]:
            _log.warning("Another file is in the place of %s; it is used from now on", path)
            raise DisconnectionError("another file")

    event.listen(engine, "do_connect", before)
    event.listen(engine, "connect", connected)
    event.listen(engine, "checkout", used)


def _gone(path: Path) -> str:
    return (
        f"{path} was removed while the app ran, and nothing is kept until it is back. Bring it "
        "back, or restart the app, which then begins an empty one"
    )


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _prepare(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {WAIT_FOR_LOCK_MS}")
    # Readers that do not stop the writer. The file keeps this mode; where it cannot be set (another
    # process is about to, the file is read-only), what follows works without it or says why not.
    with suppress(sqlite3.OperationalError):
        cursor.execute("PRAGMA journal_mode = WAL")
    # Enough in that mode to survive a crash, and a write costs no flush to disk of its own.
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.close()
