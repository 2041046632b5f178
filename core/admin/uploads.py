"""Files that admins have brought: kept below DATA_DIR until they are saved or dropped."""

import contextlib
import secrets
import shutil
import threading
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import IO, Protocol

from core import file_lock
from core.access import Actor, require_admin
from core.background import Work
from core.dataset.review import Review, review
from core.errors import DataError

__all__ = ["Readable", "Upload", "Uploads", "shown_name"]

_FOLDER = "uploads"
_CHUNK_BYTES = 4 << 20
_NAME_CHARACTERS = 120
# How much a gzipped file may unpack to, in uploads of the largest size. Telemetry shrinks to a
# third or a tenth; what shrinks a thousandfold was made to do harm.
_UNPACKED = 10
_LOCK = ".lock"
_AS_IT_IS: Mapping[str, str] = MappingProxyType({})


class Readable(Protocol):
    """What an upload is read from."""

    def read(self, size: int, /) -> bytes:
        """Return the next bytes, at most `size`; none at the end."""


class Uploads:
    """The folder in which uploads wait; what processes that are gone left there is removed.

    Several apps may work in one data folder: each keeps its uploads in a folder of its own, whose
    lock file it holds for as long as there is something in it.

    Parameters
    ----------
    data_dir : Path
    limit_bytes : int
        The size of the largest file that is taken.
    """

    def __init__(self, data_dir: Path, limit_bytes: int) -> None:
        self._data_dir = data_dir
        self._folder = data_dir / _FOLDER / secrets.token_hex(8)
        self._limit_bytes = limit_bytes
        self._open: set[Upload] = set()
        self._in_use: set[Path] = set()
        self._held: IO[bytes] | None = None
        self._lock = threading.Lock()
        _remove_what_nobody_holds(data_dir / _FOLDER)

    def take(self, actor: Actor, file: Readable, name: str) -> "Upload":
        """Keep a file and begin to look into it, in the background.

        Parameters
        ----------
        actor : Actor
        file : Readable
            Read in parts, no further than to the limit.
        name : str
            As it came from the browser; never used as a path.

        Raises
        ------
        NotAllowedError
            `actor` is no admin.
        DataError
            It is larger than the limit, or could not be read or written to the end. Nothing of it
            is kept.
        """
        require_admin(actor, "upload a dataset")
        folder = self._folder / secrets.token_hex(8)
        name = shown_name(name)
        try:
            self._begin(folder)
            n_bytes = self._write(file, folder / "upload", name)
        except OSError as error:
            self._end(folder)
            raise DataError(
                f"{name} could not be kept in {self._folder.parent} ({error.strerror or error}); "
                "mend that and upload it again. The dataset is as it was."
            ) from error
        except BaseException:
            self._end(folder)
            raise
        upload = Upload(folder, name, n_bytes, self._data_dir, _UNPACKED * self._limit_bytes)
        with self._lock:
            self._open.add(upload)
        return upload

    def drop(self, upload: "Upload") -> None:
        """Remove an upload and all that was made of it; one that is gone already is let be."""
        with self._lock:
            self._open.discard(upload)
        upload.stop()
        self._end(upload.folder)

    def close(self) -> None:
        """Remove all of them."""
        with self._lock:
            left = tuple(self._open)
        for upload in left:
            self.drop(upload)

    def _begin(self, folder: Path) -> None:
        """Make the folder of an upload, below one that no other process removes."""
        with self._lock:
            if self._held is None:
                self._folder.parent.mkdir(parents=True, exist_ok=True)
                self._held = file_lock.locked(_lock_of(self._folder))
            self._in_use.add(folder)
        folder.mkdir(parents=True)

    def _end(self, folder: Path) -> None:
        """Remove the folder of an upload; with the last one, all that shows where they were."""
        shutil.rmtree(folder, ignore_errors=True)
        with self._lock:
            self._in_use.discard(folder)
            if self._in_use or self._held is None:
                return
            with contextlib.suppress(OSError):
                self._folder.rmdir()
            file_lock.let_go(self._held, _lock_of(self._folder))
            self._held = None
            with contextlib.suppress(OSError):  # not empty where another process has put something
                self._folder.parent.rmdir()

    def _write(self, file: Readable, path: Path, name: str) -> int:
        n_bytes = 0
        with path.open("xb") as kept:
            while chunk := file.read(_CHUNK_BYTES):
                n_bytes += len(chunk)
                if n_bytes > self._limit_bytes:
                    raise DataError(
                        f"{name} is larger than the {self._limit_bytes / (1 << 20):,.0f} MB that "
                        "may be uploaded. Gzip it, raise UPLOAD_LIMIT_MB, or import it with "
                        "`python -m core dataset import FILE`, which has no limit."
                    )
                kept.write(chunk)
        return n_bytes


class Upload:
    """A file that waits, and the work that looks into it.

    Attributes
    ----------
    name : str
        What the file was called, fit to be shown as text.
    size_bytes : int
    folder : Path
        Where it is, with what is made of it.
    rename : mapping of str to str
        The names in the file that were last said to stand for columns of the dataset.
    """

    def __init__(
        self, folder: Path, name: str, size_bytes: int, data_dir: Path, unpacked_limit_bytes: int
    ) -> None:
        self.name = name
        self.size_bytes = size_bytes
        self.rename = _AS_IT_IS
        self.folder = folder
        self._data_dir = data_dir
        self._unpacked_limit_bytes = unpacked_limit_bytes
        self._work = self._begun()

    @property
    def work(self) -> Work[Review]:
        """The work that looks into the file."""
        return self._work

    def look_again(self, rename: Mapping[str, str] | None = None) -> None:
        """Look into the file anew, by default with the same names."""
        self._work.cancel()
        if rename is not None:
            self.rename = MappingProxyType(dict(rename))
        self._work = self._begun()

    def stop(self) -> None:
        """Look no further."""
        self._work.cancel()

    def _begun(self) -> Work[Review]:
        return Work(
            review,
            self.folder / "upload",
            self.name,
            dict(self.rename),
            self._data_dir,
            self.folder / "version",
            self._unpacked_limit_bytes,
        )


def shown_name(name: str) -> str:
    """Return a file's name from a browser, fit to be shown and logged: it may be anything.

    Examples
    --------
    >>> shown_name("fleet" + chr(0) + ".csv")
    'fleet\ufffd.csv'
    """
    # Controls, and what changes the direction of writing or is no character at all.
    plain = "".join("\ufffd" if unicodedata.category(c)[0] == "C" else c for c in name).strip()
    if len(plain) > _NAME_CHARACTERS:
        plain = f"{plain[: _NAME_CHARACTERS - 20]}…{plain[-19:]}"
    return plain or "the file"


def _lock_of(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}{_LOCK}")


def _remove_what_nobody_holds(root: Path) -> None:
    """Remove what was left in `root` by processes that are gone, and `root` where it is empty."""
    with contextlib.suppress(OSError):  # nothing is there, or nothing that we may remove
        for name in {path.name.removesuffix(_LOCK) for path in root.iterdir()}:
            lock = _lock_of(root / name)
            held = file_lock.locked(lock)
            if held is not None:
                shutil.rmtree(root / name, ignore_errors=True)
                file_lock.let_go(held, lock)
        root.rmdir()
