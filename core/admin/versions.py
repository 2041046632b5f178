"""The versions of a model as a person chooses among them: what each is made of, and how good."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from core import artifacts
from core.artifacts import Manifest
from core.comparison import Comparison, recorded
from core.errors import ArtifactError

__all__ = ["AREAS", "Version", "versions"]

AREAS = {"tickets": "ticket models", "failure": "failure model"}
"""The areas that have models, in words."""

# The score that versions are told apart by, and the test that gives it.
_SCORES = {"tickets": "weighted F1", "failure": "average precision"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version: `score` (0-1) is on data it had not learnt from, with its 95 % interval, beside
    the best baseline's on the same data; None where it was not judged.

    `n_rows` counts what it was trained on (None: not on record), `source` says it in words.
    `comparison` is with the version that was active when it was trained, where they were compared.
    """

    area: str
    version: str
    is_active: bool
    is_previous: bool
    created_at: datetime
    source: str
    data_hash: str
    n_rows: int | None
    score_name: str
    score: float | None
    low: float | None
    high: float | None
    baseline: float | None
    size_bytes: int
    comparison: Comparison | None


def versions(models_dir: Path, area: str) -> tuple[Version, ...]:
    """Return the versions of an area, the newest first; one whose manifest is broken is left out.

    Their files are not verified; activation does that.
    """
    try:
        active = artifacts.current_version(models_dir, area)
    except ArtifactError:
        active = None
    previous = artifacts.previous_version(models_dir, area)
    return tuple(
        _version(models_dir / area / manifest.version, manifest, active, previous)
        for manifest in reversed(artifacts.versions(models_dir, area))
    )


def _version(folder: Path, manifest: Manifest, active: str | None, previous: str | None) -> Version:
    value, low, high = _score(manifest.area, manifest.scores)
    baselines = manifest.baseline_scores
    if manifest.area == "failure":
        baselines = baselines.get("test") or {}
        baselines = {name: {"test": one} for name, one in baselines.items()}
    known = [_score(manifest.area, one)[0] for one in baselines.values()]
    n_rows = manifest.training.get("n_rows")
    return Version(
        area=manifest.area,
        version=manifest.version,
        is_active=manifest.version == active,
        is_previous=manifest.version == previous,
        created_at=datetime.fromisoformat(manifest.created_at),
        source=manifest.source,
        data_hash=manifest.data_hash,
        n_rows=n_rows if isinstance(n_rows, int) else None,
        score_name=_SCORES[manifest.area],
        score=value,
        low=low,
        high=high,
        baseline=max((one for one in known if one is not None), default=None),
        size_bytes=_size(folder, manifest),
        comparison=recorded(manifest.training),
    )


def _score(area: str, scores: Any) -> tuple[float | None, float | None, float | None]:
    """Return (score, low, high) of what a manifest holds; None where it was not judged."""
    if area == "tickets":
        found = scores.get("weighted_f1") or {}
        return found.get("value"), found.get("low"), found.get("high")
    found = scores.get("test") or {}
    low, high = found.get("average_precision_interval") or (None, None)
    return found.get("average_precision"), low, high


def _size(folder: Path, manifest: Manifest) -> int:
    there = [folder / name for name in manifest.files]
    return sum(path.stat().st_size for path in there if path.exists())
