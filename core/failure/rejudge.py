"""Figures for a version that was made before they were kept: judged again, not trained again."""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from core import artifacts
from core.errors import ArtifactError
from core.failure.alarm import alarm_steps
from core.failure.faults import FAULTS, HELD_OUT_FAULTS
from core.failure.figures import (
    METRICS_FILE,
    FailureFigures,
    JudgedFigures,
    figures_of,
    input_profiles,
    write_figures,
)
from core.failure.hosts import HostRecord
from core.failure.serving import FailureModel, load_model
from core.failure.simulate import simulate_hosts
from core.failure.windows import stack_windows

__all__ = ["figures_again", "rewritten"]

MAIN_TEST, KEPT_OUT = "test", "fault kinds kept out of training"
# Every host has a seed of its own: these are the first of those that it learnt from.
_TRAINING_HOSTS = 1_000


def figures_again(
    model: FailureModel,
    manifest: artifacts.Manifest,
    recorded: Mapping[str, Sequence[HostRecord]] | None = None,
    n_training_hosts: int = _TRAINING_HOSTS,
) -> FailureFigures:
    """Return the figures of a model that learnt from simulated hosts, on the tests of its training.

    The hosts are simulated again from the version's seed. The loss of each epoch is lost, and the
    inputs are those of the first hosts that it learnt from.

    Raises
    ------
    ArtifactError
        Where the version did not learn from simulated hosts.
    """
    if "simulated hosts, seed" not in manifest.source:
        raise ArtifactError(
            f"The failure model {manifest.version} ({manifest.source}) was not trained on "
            "simulated hosts, so its tests cannot be made again; train one with "
            "`python -m core failure train`."
        )
    sizes = {name: int(scores["n_hosts"]) for name, scores in manifest.scores.items()}
    seed = manifest.seed
    hosts: dict[str, Sequence[HostRecord]] = {}
    if n := sizes.get(MAIN_TEST):
        hosts[MAIN_TEST] = list(simulate_hosts(n, seed=seed + 2_000_000, faults=FAULTS))
    if n := sizes.get(KEPT_OUT):
        hosts[KEPT_OUT] = list(simulate_hosts(n, seed=seed + 3_000_000, faults=HELD_OUT_FAULTS))
    hosts |= {f"recorded hosts, {name}": found for name, found in (recorded or {}).items()}
    learnt = stack_windows(simulate_hosts(n_training_hosts, seed=seed))
    return FailureFigures(
        tests={name: _judged(model, records) for name, records in hosts.items()},
        inputs=input_profiles(learnt),
    )


def rewritten(
    models_dir: Path,
    version: str,
    into: Path,
    recorded: Mapping[str, Sequence[HostRecord]] | None = None,
) -> artifacts.Manifest:
    """Write a version again with its figures, as the next one in the folder `into`; not activated.

    Raises
    ------
    ArtifactError
        Where the version cannot be used, or nothing can be written.
    """
    manifest, folder = artifacts.load_version(models_dir, "failure", version)
    figures = figures_again(load_model(models_dir, version), manifest, recorded)

    def fill(beside: Path) -> None:
        for name in manifest.files:
            if name != METRICS_FILE:
                shutil.copyfile(folder / name, beside / name)
        write_figures(beside, figures)

    return artifacts.write_version(
        into,
        "failure",
        fill=fill,
        data_hash=manifest.data_hash,
        seed=manifest.seed,
        columns=manifest.columns,
        classes=manifest.classes,
        window=manifest.window,
        horizon=manifest.horizon,
        thresholds=manifest.thresholds,
        scores=manifest.scores,
        baseline_scores=manifest.baseline_scores,
        source=manifest.source,
    )


def _judged(model: FailureModel, records: Sequence[HostRecord]) -> JudgedFigures:
    windows = stack_windows(records)
    said, causes = model.score(windows)
    return figures_of(
        windows,
        said,
        causes,
        alarm_steps(said, windows.host, model.policy),
        [record.interval_s for record in records],
        [record.fault for record in records],
    )
