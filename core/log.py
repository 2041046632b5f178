"""The rotating log: JSON lines in a folder, without passwords and tokens."""

import logging
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path

from core.errors import SettingsError
from core.visible import json_line

__all__ = ["LOG_FILE", "redacted", "writing_to"]

LOG_FILE = "app.log"
_MAX_BYTES = 2_000_000
_OLDER_FILES = 5
# How much may stand before and in a secret is bounded: without that, a text of a hundred thousand
# digits, as a broken server may answer, would keep the search busy for minutes.
_SECRETS = (
    # What Hugging Face, OpenAI and GitHub tokens look like.
    re.compile(r"\b(?:hf_|sk-|gh[opsu]_)[A-Za-z0-9_-]{6,}"),
    re.compile(r"(?<=\bBearer )[^\s\"',;]+", re.IGNORECASE),
    re.compile(r"(?<=\bBasic )[A-Za-z0-9+/=]{8,}", re.IGNORECASE),
    # user:password@ in an address
    re.compile(r"(?<=://)[^\s/@:\"']{0,200}:[^\s\"']{0,500}(?=@)"),
    # token=..., "password": "...", X-API-Key: ...
    re.compile(
        r"(?<![A-Za-z])((?:[\w-]{0,60}[_-])?(?:token|password|passwd|secret|api[_-]?key)"
        r"[\"']?\s*[=:]\s*[\"']?)([^\s\"',;&}]+)",
        re.IGNORECASE,
    ),
)


def redacted(text: str) -> str:
    """Return `text` with everything that looks like a token or a password replaced by ***."""
    for pattern in _SECRETS:
        text = pattern.sub(r"\1***" if pattern.groups else "***", text)
    return text


class _JsonLines(logging.Formatter):
    """One JSON object a line: when, how severe, who, what, and the traceback where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, tz=UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": redacted(record.getMessage()),
        }
        if record.exc_info:
            line["traceback"] = redacted(self.formatException(record.exc_info))
        return json_line(line)


class _LastingFile(RotatingFileHandler):
    """A rotating file that begins anew where it was removed, alone or with its folder.

    Where another file has taken its place (logrotate, or a second app in the same folder that has
    rotated it), it goes on in that one.

    What goes wrong is told on standard error once, until a message is written again.
    """

    _fails = _is_told = False

    def emit(self, record: logging.LogRecord) -> None:
        """Write a message."""
        self._fails = False
        path = Path(self.baseFilename)
        # Otherwise it would go on into a file that nobody can open any more, or looks for.
        if not self._is_at(path):
            if self.stream is not None:
                self.stream.close()
                self.stream = None  # opened again as it is used
            with suppress(OSError):  # opening says why
                path.parent.mkdir(parents=True, exist_ok=True)
        super().emit(record)
        self._is_told = self._fails

    def _is_at(self, path: Path) -> bool:
        """Return whether what is open is the file of that name."""
        try:
            there = path.stat()
            return self.stream is None or os.path.samestat(os.fstat(self.stream.fileno()), there)
        except (OSError, ValueError):  # gone, or closed
            return False

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """Say that a message could not be written."""
        error = sys.exc_info()[1]
        if not isinstance(error, OSError):
            super().handleError(record)
            return
        self._fails = True
        if not self._is_told:
            sys.stderr.write(
                f"The log cannot be written to {self.baseFilename} ({error.strerror}); free space "
                "or grant access there. What it would say is lost until then.\n"
            )


@contextmanager
def writing_to(folder: Path, level: str) -> Iterator[Path]:
    """Write the messages of our own code from `level` on, and everyone's warnings, to `folder`.

    Yields the path of the file; it is closed on leaving. At most six files of 2 MB are kept.

    Raises
    ------
    SettingsError
        The folder cannot be made or written.
    """
    path = folder / LOG_FILE
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handler = _LastingFile(
            path, maxBytes=_MAX_BYTES, backupCount=_OLDER_FILES, encoding="utf-8"
        )
    except OSError as error:
        message = (
            f"The log cannot be written to {path} ({error.strerror}). "
            "Set LOGS_DIR to a folder that can be written."
        )
        raise SettingsError(message) from error
    handler.setFormatter(_JsonLines())
    root, ours = logging.getLogger(), [logging.getLogger(name) for name in ("core", "pages")]
    before = [logger.level for logger in ours]
    root.addHandler(handler)
    for logger in ours:
        logger.setLevel(level)
    try:
        yield path
    finally:
        for logger, former in zip(ours, before, strict=True):
            logger.setLevel(former)
        root.removeHandler(handler)
        handler.close()
