"""Models changed for a person: trained anew, switched, deleted, handed out; each on record."""

import io
import random
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core import artifacts
from core.access import Actor, require_admin
from core.admin.trail import note
from core.admin.versions import AREAS
from core.artifacts import Manifest
from core.comparison import Comparison, comparison_of
from core.errors import ArtifactError, ArtifactNotFoundError, JobError
from core.jobs import JobRunner
from core.store import JobRecord, Store

__all__ = [
    "Retraining",
    "activate",
    "archive",
    "cancel",
    "delete",
    "overrule",
    "retrain",
    "roll_back",
]

_LEAST_REASON = 3
_SEEDS = 2**31


@dataclass(frozen=True, slots=True, kw_only=True)
class Retraining:
    """What to train: `area`, on the file `data` (None: simulated hosts), `about` in words."""

    area: str
    data: Path | None
    about: str


def retrain(
    actor: Actor, store: Store, jobs: JobRunner, models_dir: Path, retraining: Retraining
) -> JobRecord:
    """Begin to train a challenger; it takes over where it is shown not to be worse.

    Raises
    ------
    NotAllowedError
        `actor` is no admin.
    JobError
        Another training runs.
    StoreError
        It cannot be put on record.
    """
    require_admin(actor, "train a model")
    area, data = retraining.area, retraining.data
    arguments = [area, "train", "--compare", "--models", str(models_dir)]
    arguments += ["--json"] if area == "tickets" else []
    # From the same simulated hosts the same model would come: each training draws others, and its
    # version's manifest keeps the seed.
    drawn = ["--seed", str(random.randrange(_SEEDS))]
    arguments += drawn if data is None else ["--data", str(data)]

    def finish(answer: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
        return _concluded(actor, store, models_dir, area, answer)

    job = jobs.start(area, f"Training the {AREAS[area]}", arguments, actor.name, finish)
    note(store, actor, "training begun", AREAS[area], f"job {job.id}, on {retraining.about}")
    return job


def cancel(actor: Actor, store: Store, jobs: JobRunner) -> None:
    """Stop the training that this app runs, if one does.

    Raises
    ------
    NotAllowedError
        `actor` is no admin.
    StoreError
        It is stopped, and that could not be entered in the audit trail.
    """
    require_admin(actor, "cancel a training")
    job = jobs.running()
    if job is not None:
        jobs.cancel()
        note(store, actor, "training cancelled", AREAS[job.kind], f"job {job.id}")


def activate(
    actor: Actor, store: Store, models_dir: Path, area: str, version: str, reason: str
) -> Manifest:
    """Make a version the active one: every session is served by it from its next step on.

    `reason` is what the audit trail keeps; it may be empty.

    Raises
    ------
    NotAllowedError
        `actor` is no admin.
    ArtifactError
        There is no such version, or its files are not those that were written.
    StoreError
        It is active, and that could not be entered in the audit trail.
    """
    require_admin(actor, "activate a model")
    manifest = artifacts.activate(models_dir, area, version)
    note(store, actor, "activated", f"{area} {version}", reason.strip())
    return manifest


def overrule(
    actor: Actor, store: Store, models_dir: Path, area: str, version: str, reason: str
) -> Manifest:
    """Activate a challenger that was not shown to be as good; a reason is asked for.

    Raises
    ------
    JobError
        There is no reason.
    NotAllowedError, ArtifactError, StoreError
        As `activate`.
    """
    require_admin(actor, "activate a model")
    if len(reason.strip()) < _LEAST_REASON:
        raise JobError(f"Say why {version} is to take over all the same: the audit trail keeps it.")
    return activate(actor, store, models_dir, area, version, f"all the same: {reason.strip()}")


def roll_back(actor: Actor, store: Store, models_dir: Path, area: str, reason: str) -> Manifest:
    """Make the version active again that was active before.

    Raises
    ------
    ArtifactNotFoundError
        There is none, or it was deleted.
    NotAllowedError, ArtifactError, StoreError
        As `activate`.
    """
    require_admin(actor, "roll a model back")
    previous = artifacts.previous_version(models_dir, area)
    if previous is None:
        raise ArtifactNotFoundError(
            f"No earlier version of the {AREAS[area]} was active here; "
            f"`python -m core models list` names those that can be activated."
        )
    return activate(actor, store, models_dir, area, previous, f"roll back. {reason}".strip())


def delete(actor: Actor, store: Store, models_dir: Path, area: str, version: str) -> None:
    """Delete a version for good; its manifest and its name stay on record.

    Raises
    ------
    NotAllowedError
        `actor` is no admin.
    ArtifactError
        It is the active one, is not there, or cannot be deleted.
    StoreError
        It is deleted, and that could not be entered in the audit trail.
    """
    require_admin(actor, "delete a model")
    artifacts.delete(models_dir, area, version)
    note(store, actor, "deleted", f"{area} {version}")


def archive(actor: Actor, store: Store, models_dir: Path, area: str, version: str) -> bytes:
    """Return a version, verified, as a zip file of one folder.

    Raises
    ------
    NotAllowedError
        `actor` is no admin.
    ArtifactError
        There is no such version, or its files are not those that were written.
    StoreError
        It could not be entered in the audit trail.
    """
    require_admin(actor, "download a model")
    manifest, folder = artifacts.load_version(models_dir, area, version)
    packed = io.BytesIO()
    try:
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
            for name in ("manifest.json", *sorted(manifest.files)):
                file.write(folder / name, f"{area}-{version}/{name}")
    except OSError as error:
        raise ArtifactError(f"The {area} model {version} cannot be read ({error}).") from error
    note(store, actor, "downloaded", f"{area} {version}")
    return packed.getvalue()


def _concluded(
    actor: Actor, store: Store, models_dir: Path, area: str, answer: Mapping[str, Any]
) -> tuple[str, Mapping[str, Any]]:
    """Activate the challenger where it may take over; return what is to be said, and the result."""
    version = answer.get("model_version") or answer.get("version")
    if not isinstance(version, str):
        raise JobError("The training ended without naming its version; its log says more.")
    found = answer.get("comparison")
    if not isinstance(found, dict):
        # There was nothing to be compared with: the command has made it the active one.
        note(store, actor, "activated", f"{area} {version}", "the first one that can be used")
        return f"{version} is active: there was none before.", {"version": version}
    comparison = comparison_of(found)
    result = {"version": version, "comparison": comparison.as_json()}
    if not comparison.is_not_worse:
        note(store, actor, "trained", f"{area} {version}", _verdict(comparison))
        return f"{version} is ready. {comparison.champion} stays active.", result
    activate(actor, store, models_dir, area, version, _verdict(comparison))
    return f"{version} has taken over from {comparison.champion}.", result


def _verdict(found: Comparison) -> str:
    if found.why_not or found.difference is None:
        return f"not compared with {found.champion}: {found.why_not}"
    return (
        f"{found.score} {100 * found.difference:+.1f} points against {found.champion} "
        f"({100 * (found.low or 0.0):+.1f} to {100 * (found.high or 0.0):+.1f}) on "
        f"{found.n_rows:,} {found.rows}"
    )
