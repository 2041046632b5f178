"""Files that people name: written whole or not at all, and read as often as it takes."""

import contextlib
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from core.errors import DataError

__all__ = ["refuse_stream", "written"]


@contextmanager
def written(path: Path) -> Iterator[IO[bytes]]:
    """Yield a file to write into, which is there under its name once it is complete.

    Until then, and where anything goes wrong, what stood there before is still there. A link stays
    one: what it leads to is written. A pipe or a device is written into as it is.

    Raises
    ------
    DataError
        It is a folder, or cannot be written.
    """
    try:
        kind = _kind(path)
        if kind == stat.S_IFDIR:
            raise DataError(f"{path} is a folder; name a file in it.")
        if kind == stat.S_IFREG:
            with _replaced(Path(os.path.realpath(path))) as file:
                yield file
        else:
            with path.open("wb") as file:
                yield file
    except BrokenPipeError:
        raise  # no fault: whoever reads the pipe has had enough
    except OSError as error:
        is_nowhere = isinstance(error, FileNotFoundError | NotADirectoryError)
        raise DataError(
            f"{path} cannot be written ({error.strerror or error}); "
            f"{'' if is_nowhere else 'free space or grant access there, or '}"
            "name a file in a folder that exists."
        ) from error


def refuse_stream(path: Path) -> None:
    """Refuse what can be read only once, where a file is read from its beginning several times.

    Where there is nothing, or it cannot be looked at, opening it says so.

    Raises
    ------
    DataError
        It is a pipe or a device.
    """
    try:
        kind = _kind(path)
    except OSError:
        return
    if kind not in (stat.S_IFREG, stat.S_IFDIR):
        raise DataError(
            f"{path} is a pipe or a device, which can be read only once; save what comes from it "
            "in a file, and name that."
        )


def _kind(path: Path) -> int:
    """Return what stands there, as the S_IF... of `stat`; a regular file is what can still be."""
    try:
        return stat.S_IFMT(path.stat().st_mode)
    except FileNotFoundError:
        return stat.S_IFREG


@contextmanager
def _replaced(path: Path) -> Iterator[IO[bytes]]:
    beside = path.with_name(f".{secrets.token_hex(8)}.writing")
    try:
        with beside.open("wb") as file:
            yield file
        beside.replace(path)
    finally:
        with contextlib.suppress(OSError):  # read-only: what failed first is to be said
            beside.unlink()
