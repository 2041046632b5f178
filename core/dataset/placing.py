"""Files put in their place at once: written beside it, then renamed."""

import hashlib
import os
import secrets
import shutil
from pathlib import Path

__all__ = ["beside_of", "put", "sha256", "sync", "write"]


def put(stored: Path, path: Path) -> None:
    """Make `path` the stored file, at once: as another name of it, or as a copy."""
    beside = beside_of(path)
    try:
        try:
            beside.hardlink_to(stored)
        except OSError:  # not every filesystem can
            shutil.copyfile(stored, beside)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def write(path: Path, text: str) -> None:
    """Write a small text file at once, and on the disk itself."""
    beside = beside_of(path)
    try:
        beside.write_text(text, encoding="utf-8", newline="\n")
        sync(beside)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def beside_of(path: Path) -> Path:
    """Return a name for what is to take the place of `path`."""
    return path.with_name(f".{secrets.token_hex(8)}.writing")


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sync(path: Path) -> None:
    """Put a file on the disk itself, so that a power cut cannot leave an empty one."""
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
