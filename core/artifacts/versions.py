"""Model versions on disk: written whole or not at all, one of them active."""

import contextlib
import json
import os
import secrets
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core.artifacts.manifest import (
    FORMAT,
    MANIFEST,
    VERSION,
    Manifest,
    area_dir_of,
    hashes_of,
    libraries,
    parsed,
    read_manifest,
    remedy,
    verified,
    version_folders,
)
from core.errors import ArtifactCorruptError, ArtifactError, ArtifactNotFoundError
from core.plain import plain

__all__ = [
    "activate",
    "current_version",
    "delete",
    "keep_of_training",
    "load_version",
    "previous_version",
    "versions",
    "write_version",
]

_CURRENT, _PREVIOUS = "CURRENT", "PREVIOUS"
# Stands for a version that was deleted, and holds its manifest: its name is never given again.
_DELETED = ".deleted.json"
_UNFINISHED = ".*.writing"
_ABANDONED_AFTER_S = 24 * 3600.0


def write_version(
    models_dir: Path,
    area: str,
    *,
    fill: Callable[[Path], None],
    data_hash: str,
    seed: int,
    columns: Sequence[str],
    classes: Sequence[str],
    window: int | None,
    horizon: int | None,
    thresholds: Mapping[str, float],
    scores: Mapping[str, Any],
    baseline_scores: Mapping[str, Any],
    source: str,
    training: Mapping[str, Any] | None = None,
) -> Manifest:
    """Write a new version and return its manifest; it is not activated.

    `fill` is given an empty folder and writes the model's files into it. The folder becomes the
    next version ("v0001", "v0002", ...) by a rename once everything in it is on the disk; on any
    error or interruption nothing is left. Scores that are not finite are stored as null.

    Raises
    ------
    ArtifactError
        Where the folder cannot be written (no space, no permission).
    """
    area_dir = area_dir_of(models_dir, area)
    beside = area_dir / f".{secrets.token_hex(8)}.writing"
    try:
        _clear_away_unfinished(area_dir)
        beside.mkdir(parents=True)
        fill(beside)
        hashes = hashes_of(beside)
        if not hashes:
            raise ValueError(f"fill() wrote no file for the {area} model")
        for name in hashes:
            _sync(beside / name)
        manifest = Manifest(
            format=FORMAT,
            area=area,
            version="",
            created_at=datetime.now(UTC).isoformat(timespec="seconds"),
            data_hash=data_hash,
            seed=seed,
            columns=tuple(columns),
            classes=tuple(classes),
            window=window,
            horizon=horizon,
            thresholds=thresholds,
            libraries=libraries(),
            files=hashes,
            scores=scores,
            baseline_scores=baseline_scores,
            source=source,
            training=training or {},
        )
        return _publish(beside, area_dir, manifest)
    except OSError as error:
        raise ArtifactError(
            f"The new {area} model could not be written to {area_dir}: "
            f"{error.strerror or error}; free space or grant access there and try again."
        ) from error
    finally:
        # Still there only where something went wrong, Ctrl-C included.
        shutil.rmtree(beside, ignore_errors=True)


def keep_of_training(models_dir: Path, area: str, version: str, **facts: Any) -> Manifest:
    """Add to what a version's manifest says of its training, and return it; no file changes.

    For what is known only once the version is written, such as how it does beside another one.

    Raises
    ------
    ArtifactError
        There is no such version, or its manifest cannot be read or written.
    """
    path = area_dir_of(models_dir, area) / version / MANIFEST
    manifest = read_manifest(path.parent)
    kept = replace(manifest, training={**manifest.training, **facts})
    try:
        _put(path, json.dumps(plain(asdict(kept)), indent=2) + "\n")
    except OSError as error:
        raise ArtifactError(
            f"{path} cannot be written ({error.strerror or error}); free space or grant access "
            "there. The version itself is whole."
        ) from error
    return kept


def versions(models_dir: Path, area: str) -> tuple[Manifest, ...]:
    """Return the manifests of all versions, oldest first.

    Their files are not verified (`load_version` does that); a version whose manifest cannot be read
    is left out.
    """
    found = []
    for folder in version_folders(area_dir_of(models_dir, area)):
        with contextlib.suppress(ArtifactError):
            found.append(read_manifest(folder))
    return tuple(found)


def current_version(models_dir: Path, area: str) -> str:
    """Return the name of the active version.

    Raises
    ------
    ArtifactNotFoundError
        Where none is active.
    ArtifactCorruptError
        Where CURRENT does not hold the name of a version.
    """
    area_dir = area_dir_of(models_dir, area)
    try:
        name = (area_dir / _CURRENT).read_text(encoding="utf-8").strip()
    except FileNotFoundError as error:
        raise ArtifactNotFoundError(
            f"No {area} model is active in {area_dir}; {remedy(area_dir, area)}."
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ArtifactCorruptError(
            f"{area_dir / _CURRENT} cannot be read ({error}); {remedy(area_dir, area)}."
        ) from error
    if not VERSION.fullmatch(name):
        raise ArtifactCorruptError(
            f"{area_dir / _CURRENT} should name a version such as v0001 and holds {name[:40]!r}; "
            f"{remedy(area_dir, area)}."
        )
    return name


def load_version(models_dir: Path, area: str, version: str | None = None) -> tuple[Manifest, Path]:
    """Return the manifest and the folder of a version (default: the active one), both verified.

    Checked are the format, then that the folder holds exactly the files of the manifest with the
    bytes that were written. Whether its columns are those that the caller needs, the caller checks.

    Raises
    ------
    ArtifactNotFoundError
        Where there is no such version.
    ArtifactIncompatibleError
        Where it was written in another format.
    ArtifactCorruptError
        Where a file is missing, changed or foreign.
    """
    area_dir = area_dir_of(models_dir, area)
    name = current_version(models_dir, area) if version is None else version
    if not VERSION.fullmatch(name):
        raise ArtifactNotFoundError(
            f"{name[:40]!r} is not the name of a {area} model version such as v0001; "
            f"{remedy(area_dir, area)}."
        )
    folder = area_dir / name
    if not folder.is_dir():
        raise ArtifactNotFoundError(
            f"The {area} model {name} is not in {area_dir}; {remedy(area_dir, area, name)}."
        )
    try:
        return verified(folder), folder
    except ArtifactError as error:
        raise type(error)(f"{error}; {remedy(area_dir, area, name)}.") from error


def previous_version(models_dir: Path, area: str) -> str | None:
    """Return the version that was active before the present one; None where it is not there."""
    area_dir = area_dir_of(models_dir, area)
    try:
        name = (area_dir / _PREVIOUS).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return None
    return name if VERSION.fullmatch(name) and (area_dir / name).is_dir() else None


def activate(models_dir: Path, area: str, version: str) -> Manifest:
    """Make `version` the active one and return its manifest; a version that fails is refused.

    The one that was active is remembered as the previous one.

    Raises what `load_version` raises, and ArtifactError where CURRENT cannot be written.
    """
    manifest, folder = load_version(models_dir, area, version)
    active = None
    with contextlib.suppress(ArtifactError):
        active = current_version(models_dir, area)
    try:
        if active not in (None, version):
            _put(folder.parent / _PREVIOUS, f"{active}\n")
        _put(folder.parent / _CURRENT, f"{version}\n")
    except OSError as error:
        raise ArtifactError(
            f"The {area} model {version} could not be made active: {folder.parent / _CURRENT} "
            f"cannot be written ({error.strerror or error})."
        ) from error
    return manifest


def delete(models_dir: Path, area: str, version: str) -> None:
    """Delete a version for good; its name is not given again, and its manifest stays on record.

    Raises
    ------
    ArtifactNotFoundError
        Where there is no such version.
    ArtifactError
        Where it is the active one, or cannot be deleted.
    """
    area_dir = area_dir_of(models_dir, area)
    folder = area_dir / version
    if not VERSION.fullmatch(version) or not folder.is_dir():
        raise ArtifactNotFoundError(f"There is no {area} model {version[:40]!r} in {area_dir}.")
    with contextlib.suppress(ArtifactNotFoundError):
        if current_version(models_dir, area) == version:
            raise ArtifactError(
                f"The {area} model {version} is the active one and stays; activate another one "
                "before you delete it."
            )
    beside = area_dir / f".{secrets.token_hex(8)}.writing"
    try:
        record = folder / MANIFEST
        text = record.read_text(encoding="utf-8") if record.exists() else "{}\n"
        _put(area_dir / f"{version}{_DELETED}", text)
        folder.rename(beside)
    except (OSError, UnicodeDecodeError) as error:
        raise ArtifactError(f"The {area} model {version} cannot be deleted ({error}).") from error
    # Gone from the list already; what cannot be removed now is cleared away later.
    shutil.rmtree(beside, ignore_errors=True)


def _clear_away_unfinished(area_dir: Path) -> None:
    """Remove what a killed process has left, a day later: another one may be writing now."""
    for left in area_dir.glob(_UNFINISHED):
        with contextlib.suppress(OSError):
            if time.time() - left.stat().st_mtime > _ABANDONED_AFTER_S:
                left.unlink() if left.is_file() else shutil.rmtree(left)


def _put(path: Path, text: str) -> None:
    """Write a small file whole or not at all; OSError where that cannot be done."""
    beside = path.with_name(f".{secrets.token_hex(8)}.writing")
    try:
        beside.write_text(text, encoding="utf-8", newline="\n")
        _sync(beside)
        beside.replace(path)
    finally:
        # On a read-only disk this fails too, and what failed first is what is to be said.
        with contextlib.suppress(OSError):
            beside.unlink()


def _publish(beside: Path, area_dir: Path, manifest: Manifest) -> Manifest:
    """Give the finished folder the next free name; another writer may take that name first."""
    while True:
        gone = [Path(path.name.removesuffix(_DELETED)) for path in area_dir.glob(f"*{_DELETED}")]
        taken = [
            int(folder.name[1:])
            for folder in (*version_folders(area_dir), *gone)
            if VERSION.fullmatch(folder.name)
        ]
        folder = area_dir / f"v{max(taken, default=0) + 1:04d}"
        text = json.dumps(plain({**asdict(manifest), "version": folder.name}), indent=2)
        # What is published is what will be read back: nothing that reading would refuse gets out.
        published = parsed(json.loads(text), folder / MANIFEST)
        (beside / MANIFEST).write_text(text + "\n", encoding="utf-8", newline="\n")
        _sync(beside / MANIFEST)
        try:
            beside.rename(folder)
        except OSError:
            if folder.is_dir():
                continue
            raise
        _sync(area_dir)
        return published


def _sync(path: Path) -> None:
    """Put a file or folder on the disk itself, so that a power cut cannot leave an empty one."""
    if path.is_dir() and os.name != "posix":
        return
    descriptor = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
