"""Model versions on disk: written whole or not at all, verified on loading, one of them active."""

import contextlib
import hashlib
import json
import math
import os
import platform
import re
import secrets
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from core.errors import (
    ArtifactCorruptError,
    ArtifactError,
    ArtifactNotFoundError,
)
from core.manifest import FORMAT, MANIFEST, Manifest, parsed, read_manifest

__all__ = [
    "FORMAT",
    "TRAIN_COMMANDS",
    "Manifest",
    "activate",
    "current_version",
    "load_version",
    "versions",
    "write_version",
]

TRAIN_COMMANDS: Mapping[str, str] = {
    "failure": "python -m core failure train",
    "tickets": "python -m core tickets train",
}

_CURRENT = "CURRENT"
_UNFINISHED = ".*.writing"
_ABANDONED_AFTER_S = 24 * 3600.0
_VERSION = re.compile(r"v[0-9]{4,9}")
# What file browsers leave behind in a folder that somebody looked at.
_DROPPINGS = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})
# A model may depend on any of these; those that are not installed are left out.
_LIBRARIES = (
    "joblib keras numpy onnx onnxruntime pandas scikit-learn tensorflow tensorflow-cpu tf2onnx "
    "xgboost xgboost-cpu"
)


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
    area_dir = _area_dir(models_dir, area)
    beside = area_dir / f".{secrets.token_hex(8)}.writing"
    try:
        beside.mkdir(parents=True)
        _remove_abandoned(area_dir)
        fill(beside)
        hashes = _hashes(beside)
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
            libraries=_libraries(),
            files=hashes,
            scores=scores,
            baseline_scores=baseline_scores,
            source=source,
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


def versions(models_dir: Path, area: str) -> tuple[Manifest, ...]:
    """Return the manifests of all versions, oldest first.

    Their files are not verified (`load_version` does that); a version whose manifest cannot be read
    is left out.
    """
    found = []
    for folder in _version_folders(_area_dir(models_dir, area)):
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
    area_dir = _area_dir(models_dir, area)
    try:
        name = (area_dir / _CURRENT).read_text(encoding="utf-8").strip()
    except FileNotFoundError as error:
        raise ArtifactNotFoundError(
            f"No {area} model is active in {area_dir}; {_remedy(area_dir, area)}."
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ArtifactCorruptError(
            f"{area_dir / _CURRENT} cannot be read ({error}); {_remedy(area_dir, area)}."
        ) from error
    if not _VERSION.fullmatch(name):
        raise ArtifactCorruptError(
            f"{area_dir / _CURRENT} should name a version such as v0001 and holds {name[:40]!r}; "
            f"{_remedy(area_dir, area)}."
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
    area_dir = _area_dir(models_dir, area)
    name = current_version(models_dir, area) if version is None else version
    if not _VERSION.fullmatch(name):
        raise ArtifactNotFoundError(
            f"{name[:40]!r} is not the name of a {area} model version such as v0001; "
            f"{_remedy(area_dir, area)}."
        )
    folder = area_dir / name
    if not folder.is_dir():
        raise ArtifactNotFoundError(
            f"The {area} model {name} is not in {area_dir}; {_remedy(area_dir, area, name)}."
        )
    try:
        return _verified(folder), folder
    except ArtifactError as error:
        raise type(error)(f"{error}; {_remedy(area_dir, area, name)}.") from error


def activate(models_dir: Path, area: str, version: str) -> Manifest:
    """Make `version` the active one and return its manifest; a version that fails is refused.

    Raises what `load_version` raises, and ArtifactError where CURRENT cannot be written.
    """
    manifest, folder = load_version(models_dir, area, version)
    current = folder.parent / _CURRENT
    beside = current.with_name(f".{secrets.token_hex(8)}.writing")
    try:
        beside.write_text(f"{version}\n", encoding="utf-8", newline="\n")
        _sync(beside)
        beside.replace(current)
    except OSError as error:
        raise ArtifactError(
            f"The {area} model {version} could not be made active: {current} cannot be written "
            f"({error.strerror or error})."
        ) from error
    finally:
        # On a read-only disk this fails too, and what failed first is what is to be said.
        with contextlib.suppress(OSError):
            beside.unlink()
    return manifest


def _area_dir(models_dir: Path, area: str) -> Path:
    if area not in TRAIN_COMMANDS:
        raise ValueError(f"no such area of models: {area!r}")
    return models_dir / area


def _remove_abandoned(area_dir: Path) -> None:
    """Remove what a writer left that was killed; one that is at work is younger than a day."""
    for beside in area_dir.glob(_UNFINISHED):
        with contextlib.suppress(OSError):
            if time.time() - beside.stat().st_mtime > _ABANDONED_AFTER_S:
                shutil.rmtree(beside)


def _version_folders(area_dir: Path) -> list[Path]:
    """Return the version folders, oldest first; none where the area's folder is not there."""
    if not area_dir.is_dir():
        return []
    found = [path for path in area_dir.iterdir() if _VERSION.fullmatch(path.name)]
    return sorted((path for path in found if path.is_dir()), key=lambda path: int(path.name[1:]))


def _publish(beside: Path, area_dir: Path, manifest: Manifest) -> Manifest:
    """Give the finished folder the next free name; another writer may take that name first."""
    while True:
        taken = [int(folder.name[1:]) for folder in _version_folders(area_dir)]
        folder = area_dir / f"v{max(taken, default=0) + 1:04d}"
        text = json.dumps(_plain({**asdict(manifest), "version": folder.name}), indent=2)
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


def _verified(folder: Path) -> Manifest:
    """Return the manifest of a folder that holds exactly what was written."""
    manifest = read_manifest(folder)
    what = f"The {manifest.area} model {folder.name} cannot be used"
    try:
        hashes = _hashes(folder)
    except OSError as error:
        raise ArtifactCorruptError(f"{what}: {error.filename}: {error.strerror}") from error
    if missing := sorted(manifest.files.keys() - hashes.keys()):
        raise ArtifactCorruptError(f"{what}: {', '.join(missing)} is missing from {folder}")
    if foreign := sorted(hashes.keys() - manifest.files.keys()):
        raise ArtifactCorruptError(f"{what}: {folder} holds {foreign[0]}, which is not part of it")
    for name, digest in manifest.files.items():
        if hashes[name] != digest:
            raise ArtifactCorruptError(f"{what}: {folder / name} is not the file that was written")
    return manifest


def _remedy(area_dir: Path, area: str, broken: str | None = None) -> str:
    """Return what to do, with its command: activate the newest other version that verifies, else
    train.
    """
    for folder in reversed(_version_folders(area_dir)):
        if folder.name == broken:
            continue
        with contextlib.suppress(ArtifactError):
            _verified(folder)
            return f"activate another version with `python -m core {area} activate {folder.name}`"
    return f"train one with `{TRAIN_COMMANDS[area]}`"


def _hashes(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of each file in the folder, by its path in it, without the manifest."""
    hashes = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_dir() or name == MANIFEST or path.name in _DROPPINGS:
            continue
        with path.open("rb") as file:
            hashes[name] = hashlib.file_digest(file, "sha256").hexdigest()
    return hashes


def _libraries() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for name in _LIBRARIES.split():
        with contextlib.suppress(metadata.PackageNotFoundError):
            found[name] = metadata.version(name)
    return found


def _plain(value: Any) -> Any:
    """Return `value` as JSON knows it: numpy's numbers as Python's, NaN and infinity as null."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if hasattr(value, "tolist"):
        return _plain(value.tolist())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _sync(path: Path) -> None:
    """Put a file or folder on the disk itself, so that a power cut cannot leave an empty one."""
    if path.is_dir() and os.name != "posix":
        return
    descriptor = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
