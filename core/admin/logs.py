"""The app's own log, read from its end."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from core.access import Actor, require_admin
from core.errors import DataError
from core.log import LOG_FILE
from core.visible import json_line

__all__ = ["LEVELS", "LogEntry", "LogView", "as_json_lines", "read_log"]

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
_BLOCK_BYTES = 1 << 16
# A line of our own log is far shorter; what is longer is somebody else's doing and is cut.
_LINE_BYTES = 1 << 18
# All six files as they are kept, and some more.
_MOST_BYTES = 16 << 20
_MOST_FILES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """One message: when (ISO-8601, UTC), how severe, who, what; a traceback where there is one.

    A line that is not in our format has its text as `message` and nothing else.
    """

    at: str
    level: str
    logger: str
    message: str
    traceback: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogView:
    """The last messages that were asked for, the latest first.

    `is_all` says that there are no more of them; `loggers` are those of all that were looked at.
    """

    entries: tuple[LogEntry, ...]
    loggers: tuple[str, ...]
    is_all: bool


def read_log(
    actor: Actor, folder: Path, *, level: str = "DEBUG", logger: str = "", text: str = "", last: int
) -> LogView:
    """Return the last messages of the log and of those that were put aside before it.

    Memory does not grow with the files: they are read in blocks from the end, no further than
    needed, and 16 MB at most.

    Parameters
    ----------
    actor : Actor
    folder : Path
        LOGS_DIR.
    level : str
        One of LEVELS: the least severe to count.
    logger : str
        Whose messages count, with those of the modules below; "" for all.
    text : str
        What has to occur in the message or the traceback, in any case.
    last : int
        How many at most.

    Raises
    ------
    NotAllowedError
        `actor` is no admin.
    DataError
        A file is there and cannot be read.
    """
    require_admin(actor, "read the log")
    least, wanted = LEVELS.index(level), text.casefold()
    found: list[LogEntry] = []
    loggers: set[str] = set()
    is_all = True
    for line in _lines(folder):
        if line is None or len(found) >= last:
            is_all = False
            break
        entry = _entry(line)
        loggers.add(entry.logger)
        is_severe = entry.level not in LEVELS or LEVELS.index(entry.level) >= least
        is_theirs = not logger or f"{entry.logger}.".startswith(f"{logger}.")
        if is_severe and is_theirs and wanted in f"{entry.message}\n{entry.traceback}".casefold():
            found.append(entry)
    return LogView(entries=tuple(found), loggers=tuple(sorted(loggers)), is_all=is_all)


def as_json_lines(view: LogView) -> str:
    """Return the messages as the log has them: JSON lines, here the latest first."""
    rows = (
        {
            "at": entry.at,
            "level": entry.level,
            "logger": entry.logger,
            "message": entry.message,
            **({"traceback": entry.traceback} if entry.traceback else {}),
        }
        for entry in view.entries
    )
    return "".join(json_line(row) + "\n" for row in rows)


def _lines(folder: Path) -> Iterator[bytes | None]:
    """Yield the lines of the log, the latest first, then those of the older files.

    None comes in place of all that lies beyond what may be read.
    """
    paths = [folder / LOG_FILE, *(folder / f"{LOG_FILE}.{n}" for n in range(1, _MOST_FILES))]
    left_bytes = _MOST_BYTES
    for path in paths:
        try:
            size = path.stat().st_size
            yield from _backwards(path, left_bytes)
        except FileNotFoundError:  # there never was one, or it has just been put aside
            continue
        except OSError as error:
            raise DataError(f"{path} cannot be read ({error.strerror}).") from error
        left_bytes -= size
        if left_bytes < 0:
            yield None
            return


def _backwards(path: Path, most_bytes: int) -> Iterator[bytes]:
    """Yield the lines that lie in the last `most_bytes` of a file, the last one first."""
    with path.open("rb") as file:
        left = file.seek(0, 2)
        end = max(0, left - most_bytes)
        rest = b""
        while left > end:
            size = min(_BLOCK_BYTES, left - end)
            left -= size
            file.seek(left)
            first, *whole = (file.read(size) + rest).split(b"\n")
            for line in reversed(whole):
                if line.strip():
                    yield line
            rest = first[:_LINE_BYTES]
        if rest.strip():
            yield rest


def _entry(line: bytes) -> LogEntry:
    text = line.decode("utf-8", errors="replace")
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        return LogEntry(at="", level="", logger="", message=text)
    return LogEntry(
        at=str(found.get("at", "")),
        level=str(found.get("level", "")),
        logger=str(found.get("logger", "")),
        message=str(found.get("message", "")),
        traceback=str(found.get("traceback", "")),
    )
