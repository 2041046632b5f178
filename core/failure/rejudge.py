"""Figures for a version that was made before they were kept: judged again, not trained again."""

import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core import artifacts
from core.errors import ArtifactError
from core.failure.alarm import alarm_steps
from core.failure.evaluation import EvaluationReport, evaluate
from core.failure.faults import HELD_OUT_FAULTS
from core.failure.figures import (
    METRICS_FILE,
    NETWORK,
    FailureFigures,
    JudgedFigures,
    ModelCost,
    figures_of,
    input_profiles,
    write_figures,
)
from core.failure.hosts import HostRecord
from core.failure.importance import MetricImportance, metric_importances
from core.failure.judging import Hosts, hosts_of, judge_baselines, simulated
from core.failure.sampling import sampled
from core.failure.serving import MODEL_FILES, FailureModel, load_model

__all__ = ["rewritten"]

MAIN_TEST, KEPT_OUT = "test", "fault kinds kept out of training"
N_CALIBRATION_HOSTS = 1500


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Again:
    figures: FailureFigures
    scores: Mapping[str, Any]
    baseline_scores: Mapping[str, Any]


def rewritten(
    models_dir: Path,
    version: str,
    into: Path,
    recorded: Mapping[str, Sequence[HostRecord]] | None = None,
    progress: Callable[[float, str], None] = lambda part, text: None,
) -> artifacts.Manifest:
    """Write a version again with its figures, as the next one in the folder `into`; not activated.

    The hosts that it learnt from and was judged on are simulated again from its seed, and the
    baselines fitted again. The network stays; its training time and the loss of each epoch are
    lost. Scores on recorded hosts that are not in `recorded` stay as they were.

    Raises
    ------
    ArtifactError
        Where the version cannot be used, did not learn from simulated hosts, or nothing can be
        written.
    """
    manifest, folder = artifacts.load_version(models_dir, "failure", version)
    size_bytes = (folder / MODEL_FILES.onnx).stat().st_size
    again = _again(load_model(models_dir, version), manifest, size_bytes, recorded or {}, progress)

    def fill(beside: Path) -> None:
        for name in manifest.files:
            if name != METRICS_FILE:
                shutil.copyfile(folder / name, beside / name)
        write_figures(beside, again.figures)

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
        scores={**manifest.scores, **again.scores},
        baseline_scores={**manifest.baseline_scores, **again.baseline_scores},
        source=manifest.source,
        training=manifest.training,
    )


def _again(
    model: FailureModel,
    manifest: artifacts.Manifest,
    size_bytes: int,
    recorded: Mapping[str, Sequence[HostRecord]],
    progress: Callable[[float, str], None],
) -> _Again:
    learnt = re.match(r"(\d+) simulated hosts, seed", manifest.source)
    if learnt is None:
        raise ArtifactError(
            f"The failure model {manifest.version} ({manifest.source}) was not trained on "
            "simulated hosts, so its tests cannot be made again; train one with "
            "`python -m core failure train`."
        )
    seed = manifest.seed
    said = f"simulating {learnt[1]} hosts that it learnt from"
    training = simulated(int(learnt[1]), seed, progress=lambda f: progress(0.4 * f, said))
    inputs = input_profiles(training.windows)
    chosen, weights = sampled(training.windows, np.random.default_rng(seed))
    del training
    progress(0.4, "simulating hosts that it was judged on")
    calibration = simulated(N_CALIBRATION_HOSTS, seed + 1_000_000).windows
    tests = _tests(manifest) | {
        f"recorded hosts, {name}": hosts_of(hosts) for name, hosts in recorded.items()
    }
    baselines, costs = judge_baselines(
        chosen, weights, calibration, tests, lambda f, text: progress(0.5 + 0.4 * f, text)
    )
    progress(0.9, "judging it again")
    judged = {name: _judged(model, hosts) for name, hosts in tests.items()}
    importances: tuple[MetricImportance, ...] = ()
    if MAIN_TEST in tests:
        importances = metric_importances(tests[MAIN_TEST].windows, lambda w: model.score(w)[0])
    return _Again(
        figures=FailureFigures(
            tests={name: figures for name, (_, figures) in judged.items()},
            inputs=inputs,
            importances=importances,
            costs=(ModelCost(name=NETWORK, training_s=None, size_bytes=size_bytes), *costs),
        ),
        scores={name: asdict(report) for name, (report, _) in judged.items()},
        baseline_scores={
            test: {name: asdict(report) for name, report in reports.items()}
            for test, reports in baselines.items()
        },
    )


def _tests(manifest: artifacts.Manifest) -> dict[str, Hosts]:
    sizes = {name: int(scores["n_hosts"]) for name, scores in manifest.scores.items()}
    tests = {}
    if n := sizes.get(MAIN_TEST):
        tests[MAIN_TEST] = simulated(n, manifest.seed + 2_000_000)
    if n := sizes.get(KEPT_OUT):
        tests[KEPT_OUT] = simulated(n, manifest.seed + 3_000_000, HELD_OUT_FAULTS)
    return tests


def _judged(model: FailureModel, hosts: Hosts) -> tuple[EvaluationReport, JudgedFigures]:
    said, causes = model.score(hosts.windows)
    alarm = alarm_steps(said, hosts.windows.host, model.policy)
    return (
        evaluate(hosts.windows, said, causes, alarm, hosts.intervals_s),
        figures_of(hosts.windows, said, causes, alarm, hosts.intervals_s, hosts.faults),
    )
