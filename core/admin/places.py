"""Where the app keeps its files, and how much there is."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Place", "place"]

_MOST_FILES = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A folder or file: what it holds, how large it is and whether the app may write there.

    `size_bytes` is None where there is nothing, or too many files to count.
    """

    holds: str
    path: Path
    size_bytes: int | None
    is_writable: bool


def place(holds: str, path: Path) -> Place:
    """Return what is known of a path; it need not be there."""
    size: int | None = None
    if path.is_file():
        size = path.stat().st_size
    elif path.is_dir():
        size = _size(_files(path))
    existing = next(one for one in (path, *path.parents) if one.exists())
    return Place(holds=holds, path=path, size_bytes=size, is_writable=os.access(existing, os.W_OK))


def _files(folder: Path) -> Iterable[os.DirEntry[str]]:
    waiting = [str(folder)]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                    elif entry.is_file(follow_symlinks=False):
                        yield entry
        except OSError:  # not ours to read, or just gone: it does not count
            continue


def _size(files: Iterable[os.DirEntry[str]]) -> int | None:
    """Return the size of all files; one that has several names counts once."""
    sizes: dict[tuple[int, int] | str, int] = {}
    for n, entry in enumerate(files):
        if n >= _MOST_FILES:
            return None
        try:
            stat = Path(entry.path).stat()
        except OSError:  # just gone
            continue
        sizes[(stat.st_dev, stat.st_ino) if stat.st_ino else entry.path] = stat.st_size
    return sum(sizes.values())
