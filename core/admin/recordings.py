"""Recordings of hosts that admins have brought for a training: kept until the next one comes."""

import contextlib
import hashlib
import re
import shutil
from pathlib import Path

from core.access import Actor, require_admin
from core.dataset.placing import beside_of
from core.errors import DataError
from core.jobs import owner

__all__ = ["keep_recording"]

_FOLDER = "hosts"
# What may not be in a file's name everywhere.
_UNFIT = re.compile(r"[^\w.()-]", re.ASCII)
_NAME_CHARACTERS = 80


def keep_recording(actor: Actor, data_dir: Path, models_dir: Path, data: bytes, name: str) -> Path:
    """Return where a recording is kept: in a folder of its own, under a name like its own.

    Messages on what is in it name it by that. One that is there already is left as it is. Those
    brought before are removed, unless a training runs, which may be reading one of them; who
    brings one keeps the original.

    Raises
    ------
    NotAllowedError
        `actor` is no admin.
    DataError
        It cannot be written; nothing of it is kept.
    """
    require_admin(actor, "bring a recording of hosts")
    folder = data_dir / _FOLDER / hashlib.sha256(data).hexdigest()[:16]
    file = folder / (
        _UNFIT.sub("_", Path(name).name)[-_NAME_CHARACTERS:].lstrip(".") or "hosts.csv"
    )
    if file.exists():
        return file
    beside = beside_of(file)
    try:
        if owner(models_dir) is None:
            _remove_all_but(folder)
        folder.mkdir(parents=True, exist_ok=True)
        beside.write_bytes(data)
        beside.replace(file)
    except OSError as error:
        # No more than that: under another name the same recording may be there, and be read.
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
            folder.rmdir()
        raise DataError(
            f"The file could not be stored ({error.strerror}); free space, and bring it again."
        ) from error
    return file


def _remove_all_but(kept: Path) -> None:
    if kept.parent.is_dir():
        for folder in kept.parent.iterdir():
            if folder != kept:
                shutil.rmtree(folder, ignore_errors=True)
