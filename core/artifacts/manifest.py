"""What a model version is: the manifest in its folder, and whether the folder is what it says."""

import contextlib
import hashlib
import json
import platform
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from importlib import metadata
from pathlib import Path
from typing import Any

from core.errors import ArtifactCorruptError, ArtifactError, ArtifactIncompatibleError

__all__ = [
    "FORMAT",
    "MANIFEST",
    "TRAIN_COMMANDS",
    "VERSION",
    "Manifest",
    "area_dir_of",
    "hashes_of",
    "libraries",
    "parsed",
    "read_manifest",
    "remedy",
    "verified",
    "version_folders",
]

FORMAT = 1
TRAIN_COMMANDS: Mapping[str, str] = {
    "failure": "python -m core failure train",
    "tickets": "python -m core tickets train --data FILE",
}

MANIFEST = "manifest.json"
VERSION = re.compile(r"v[0-9]{4,9}")
# What file browsers leave behind in a folder that somebody looked at.
_DROPPINGS = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})
# A model may depend on any of these; those that are not installed are left out.
_LIBRARIES = (
    "joblib keras numpy onnx onnxruntime pandas scikit-learn tensorflow tensorflow-cpu tf2onnx "
    "xgboost xgboost-cpu"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a model version is: how it came to be, what it reads and answers, how good it is.

    `created_at` is ISO-8601 in UTC, `window` and `horizon` count steps, `files` maps each file of
    the version to its SHA-256, `source` says in plain words what the model was made from.
    `training` holds what else is on record of how it came to be (rows, seconds, what was held
    back); older versions have none.
    """

    format: int
    area: str
    version: str
    created_at: str
    data_hash: str
    seed: int
    columns: tuple[str, ...]
    classes: tuple[str, ...]
    window: int | None
    horizon: int | None
    thresholds: Mapping[str, float]
    libraries: Mapping[str, str]
    files: Mapping[str, str]
    scores: Mapping[str, Any]
    baseline_scores: Mapping[str, Any]
    source: str
    training: Mapping[str, Any] = field(default_factory=dict)


def area_dir_of(models_dir: Path, area: str) -> Path:
    """Return the folder of an area's versions; ValueError where there is no such area."""
    if area not in TRAIN_COMMANDS:
        raise ValueError(f"no such area of models: {area!r}")
    return models_dir / area


def version_folders(area_dir: Path) -> list[Path]:
    """Return the version folders, oldest first; none where the area's folder is not there."""
    if not area_dir.is_dir():
        return []
    found = [path for path in area_dir.iterdir() if VERSION.fullmatch(path.name)]
    return sorted((path for path in found if path.is_dir()), key=lambda path: int(path.name[1:]))


def verified(folder: Path) -> Manifest:
    """Return the manifest of a folder that holds exactly what was written."""
    manifest = read_manifest(folder)
    what = f"The {manifest.area} model {folder.name} cannot be used"
    try:
        hashes = hashes_of(folder)
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


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest of a version folder."""
    path = folder / MANIFEST
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ArtifactCorruptError(f"{path} is missing") from error
    except (OSError, ValueError, RecursionError) as error:
        raise ArtifactCorruptError(f"{path} cannot be read as JSON ({error})") from error
    return parsed(data, path)


def parsed(data: object, path: Path) -> Manifest:
    """Return the manifest that `path` holds as `data`, every field of it of the right type."""
    if not isinstance(data, dict) or "format" not in data:
        raise ArtifactCorruptError(f"{path} is not a manifest: it has no format number")
    if data["format"] != FORMAT:
        raise ArtifactIncompatibleError(
            f"{path} is in format {str(data['format'])[:20]}; this program reads format {FORMAT}"
        )
    data = {"training": {}, **data}
    for one in fields(Manifest):
        if not _is_right(one.name, data.get(one.name)):
            raise ArtifactCorruptError(f"{path} has no usable {one.name!r}")
    belongs = (data["area"], data["version"])
    if belongs != (path.parent.parent.name, path.parent.name):
        raise ArtifactCorruptError(f"{path} belongs to another area or version: {belongs}")
    known = {one.name: data[one.name] for one in fields(Manifest)}
    known |= {"columns": tuple(data["columns"]), "classes": tuple(data["classes"])}
    return Manifest(**known)


def _is_right(name: str, value: object) -> bool:
    """Whether a manifest's field holds what its name promises."""
    match name:
        case "columns" | "classes":
            return isinstance(value, list) and all(isinstance(item, str) for item in value)
        case "files" | "libraries":
            return isinstance(value, dict) and all(isinstance(v, str) for v in value.values())
        case "thresholds":
            return isinstance(value, dict) and all(type(v) in (int, float) for v in value.values())
        case "scores" | "baseline_scores" | "training":
            return isinstance(value, dict)
        case "window" | "horizon":
            return value is None or type(value) is int
        case "format" | "seed":
            return type(value) is int  # a bool is none
        case _:
            return isinstance(value, str)


def remedy(area_dir: Path, area: str, broken: str | None = None) -> str:
    """Return what to do, with its command: activate the newest other version that verifies, else
    train.
    """
    for folder in reversed(version_folders(area_dir)):
        if folder.name == broken:
            continue
        with contextlib.suppress(ArtifactError):
            verified(folder)
            return f"activate another version with `python -m core {area} activate {folder.name}`"
    return f"train one with `{TRAIN_COMMANDS[area]}`"


def hashes_of(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of each file in the folder, by its path in it, without the manifest."""
    hashes = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_dir() or name == MANIFEST or path.name in _DROPPINGS:
            continue
        with path.open("rb") as file:
            hashes[name] = hashlib.file_digest(file, "sha256").hexdigest()
    return hashes


def libraries() -> dict[str, str]:
    """Return the versions of Python and of the libraries that models depend on."""
    found = {"python": platform.python_version()}
    for name in _LIBRARIES.split():
        with contextlib.suppress(metadata.PackageNotFoundError):
            found[name] = metadata.version(name)
    return found
