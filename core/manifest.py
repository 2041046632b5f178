"""What is on record of a model version: the file beside its model, read back with every check."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from core.errors import ArtifactCorruptError, ArtifactIncompatibleError

__all__ = ["FORMAT", "MANIFEST", "Manifest", "parsed", "read_manifest"]

FORMAT = 1
MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a model version is: how it came to be, what it reads and answers, how good it is.

    `created_at` is ISO-8601 in UTC, `window` and `horizon` count steps, `files` maps each file of
    the version to its SHA-256, `source` says in plain words what the model was made from.
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
    for field in fields(Manifest):
        if not _is_right(field.name, data.get(field.name)):
            raise ArtifactCorruptError(f"{path} has no usable {field.name!r}")
    belongs = (data["area"], data["version"])
    if belongs != (path.parent.parent.name, path.parent.name):
        raise ArtifactCorruptError(f"{path} belongs to another area or version: {belongs}")
    known = {field.name: data[field.name] for field in fields(Manifest)}
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
        case "scores" | "baseline_scores":
            return isinstance(value, dict)
        case "window" | "horizon":
            return value is None or type(value) is int
        case "format" | "seed":
            return type(value) is int  # a bool is none
        case _:
            return isinstance(value, str)
