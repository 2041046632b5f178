"""Reports and comparisons of model versions as they lie on the disk."""

from pathlib import Path

from core import artifacts
from core.analytics.comparison import comparison
from core.analytics.failure import failure_report
from core.analytics.figures import Report, Section
from core.analytics.tickets import ticket_report
from core.errors import ArtifactCorruptError
from core.failure.figures import read_figures
from core.tickets.model import AREA, METRICS_FILE
from core.tickets.report import TrainingReport, report_from_json

__all__ = ["compared", "report_of", "training_of"]


def report_of(models_dir: Path, area: str, version: str) -> Report:
    """Return the report on a version; ArtifactError where it cannot be verified or read."""
    if area == AREA:
        manifest, training = training_of(models_dir, version)
        return ticket_report(training, manifest)
    manifest, folder = artifacts.load_version(models_dir, area, version)
    return failure_report(manifest, read_figures(folder))


def compared(models_dir: Path, area: str, version: str, other: str, active: str) -> Section:
    """Return two versions side by side; ArtifactError where one of them cannot be read."""
    if area == AREA:
        (mine, ours), (its, theirs) = (training_of(models_dir, v) for v in (version, other))
        return comparison(mine, its, active, (ours, theirs))
    mine, _ = artifacts.load_version(models_dir, area, version)
    its, _ = artifacts.load_version(models_dir, area, other)
    return comparison(mine, its, active)


def training_of(models_dir: Path, version: str) -> tuple[artifacts.Manifest, TrainingReport]:
    """Return what came out of the training of a ticket model; ArtifactError as above."""
    manifest, folder = artifacts.load_version(models_dir, AREA, version)
    try:
        text = (folder / METRICS_FILE).read_text(encoding="utf-8")
    except OSError as error:
        raise ArtifactCorruptError(
            f"{METRICS_FILE} of the tickets model {version} cannot be read ({error.strerror}); "
            "train one with `python -m core tickets train --data FILE`."
        ) from error
    return manifest, report_from_json(text, version)
