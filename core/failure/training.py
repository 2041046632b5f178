"""Train the failure model on simulated hosts, judge it on others, and write it as a version."""

import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import joblib
import numpy as np

from core import artifacts
from core.errors import ArtifactError
from core.failure import network
from core.failure.alarm import AlarmPolicy, alarm_steps
from core.failure.evaluation import EvaluationReport, choose_policy, evaluate
from core.failure.faults import HELD_OUT_FAULTS
from core.failure.figures import (
    NETWORK,
    FailureFigures,
    JudgedFigures,
    ModelCost,
    figures_of,
    input_profiles,
    write_figures,
)
from core.failure.hosts import HostRecord
from core.failure.importance import metric_importances
from core.failure.judging import MAX_FALSE_SHARE, Hosts, hosts_of, judge_baselines, simulated
from core.failure.sampling import sampled
from core.failure.scaling import fit_scaler
from core.failure.serving import MODEL_FILES, FailureModel
from core.failure.simulate import simulate_hosts
from core.failure.windows import HORIZON_STEPS, LENGTH, Windows, stack_windows
from core.metrics import METRIC_NAMES

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

__all__ = ["SimulationPlan", "TrainedModel", "train_on_simulation", "write_model"]

Progress = Callable[[float, str], None]

# How much of a training's time goes into simulating: about 2 of 6 minutes on 2 cores.
SIMULATING = 0.3
EXPORT_TOLERANCE = 1e-4
MAIN_TEST = "test"


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulationPlan:
    """How many hosts to simulate for what, and how long to fit."""

    seed: int = 7
    n_training_hosts: int = 10_000
    n_calibration_hosts: int = 1500
    n_test_hosts: int = 1500
    n_held_out_hosts: int = 500
    epochs: int = 8
    batch_size: int = 1024
    rate: float = 3e-3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrainedModel:
    """A network with all that a version needs: scaler, alarm policy and its scores.

    `reports` are by the name of the test, MAIN_TEST first; `baselines` by test, then baseline;
    `n_hosts` is how many it has learnt from.
    """

    network: Any
    scaler: "Pipeline"
    policy: AlarmPolicy
    figures: FailureFigures
    reports: Mapping[str, EvaluationReport]
    baselines: Mapping[str, Mapping[str, EvaluationReport]]
    seed: int
    data_hash: str
    source: str
    n_hosts: int = 0


def train_on_simulation(
    plan: SimulationPlan,
    progress: Progress,
    recorded: Mapping[str, Sequence[HostRecord]] | None = None,
) -> TrainedModel:
    """Return a model trained on simulated hosts and judged on simulated hosts it has not seen.

    Calibration and thresholds come from hosts of their own, scores from yet others; faults of the
    kinds in HELD_OUT_FAULTS occur in the last test only. `recorded` hosts, by the name of where
    they come from, are judged too; nothing is learnt or chosen from them.
    """
    rng = np.random.default_rng(plan.seed)
    said = f"simulating {plan.n_training_hosts} hosts to learn from"
    progress(0.0, said)
    training = simulated(
        plan.n_training_hosts, plan.seed, progress=lambda f: progress(SIMULATING * f, said)
    )
    chosen, weights = sampled(training.windows, rng)
    data_hash = hashlib.sha256(training.windows.x.tobytes()).hexdigest()
    inputs = input_profiles(training.windows)
    del training
    scaler = fit_scaler(chosen.x[:, LENGTH - 1])
    model = network.build(scaler, plan.seed)
    fit_plan = network.FitPlan(
        epochs=plan.epochs, batch_size=plan.batch_size, rate=plan.rate, seed=plan.seed
    )
    started = time.process_time()
    losses = network.fit(
        model,
        scaler,
        chosen,
        weights,
        fit_plan,
        lambda f, text: progress(SIMULATING + (0.7 - SIMULATING) * f, text),
    )
    fitted_s = time.process_time() - started
    progress(0.7, f"calibrating on {plan.n_calibration_hosts} other hosts")
    calibration = simulated(plan.n_calibration_hosts, plan.seed + 1_000_000)
    policy = calibrate_and_choose(model, scaler, calibration.windows)
    progress(0.75, "judging on hosts that were never seen")
    tests = _tests(plan, recorded or {})
    judged = {name: _judge_network(model, scaler, policy, hosts) for name, hosts in tests.items()}
    baselines, costs = judge_baselines(
        chosen,
        weights,
        calibration.windows,
        tests,
        lambda f, text: progress(0.8 + 0.2 * f, text),
    )
    return TrainedModel(
        network=model,
        scaler=scaler,
        policy=policy,
        figures=FailureFigures(
            tests={name: figures for name, (_, figures) in judged.items()},
            losses=losses,
            inputs=inputs,
            importances=metric_importances(
                tests[MAIN_TEST].windows, lambda w: network.predict(model, scaler, w)[0]
            ),
            # What the network takes on the disk is known when it is written.
            costs=(ModelCost(name=NETWORK, training_s=fitted_s, size_bytes=None), *costs),
        ),
        reports={name: report for name, (report, _) in judged.items()},
        baselines=baselines,
        seed=plan.seed,
        data_hash=data_hash,
        source=f"{plan.n_training_hosts} simulated hosts, seed {plan.seed}",
        n_hosts=plan.n_training_hosts,
    )


def _tests(plan: SimulationPlan, recorded: Mapping[str, Sequence[HostRecord]]) -> dict[str, Hosts]:
    tests = {
        MAIN_TEST: simulated(plan.n_test_hosts, plan.seed + 2_000_000),
        "fault kinds kept out of training": simulated(
            plan.n_held_out_hosts, plan.seed + 3_000_000, HELD_OUT_FAULTS
        ),
    }
    return tests | {f"recorded hosts, {name}": hosts_of(hosts) for name, hosts in recorded.items()}


def calibrate_and_choose(model: Any, scaler: "Pipeline", windows: Windows) -> AlarmPolicy:
    """Calibrate the network on windows it was not fitted on; return the policy they suggest."""
    said, _ = network.predict(model, scaler, windows)
    counts = windows.enough & ~windows.down
    network.calibrate(model, said[counts], windows.fails[counts])
    said, _ = network.predict(model, scaler, windows)
    return choose_policy(windows, said, MAX_FALSE_SHARE)


def _judge_network(
    model: Any, scaler: "Pipeline", policy: AlarmPolicy, hosts: Hosts
) -> tuple[EvaluationReport, JudgedFigures]:
    said, causes = network.predict(model, scaler, hosts.windows)
    alarm = alarm_steps(said, hosts.windows.host, policy)
    return (
        evaluate(hosts.windows, said, causes, alarm, hosts.intervals_s),
        figures_of(hosts.windows, said, causes, alarm, hosts.intervals_s, hosts.faults),
    )


def write_model(
    models_dir: Path, trained: TrainedModel, *, activate: bool = True
) -> artifacts.Manifest:
    """Export, check the export against Keras, write a version and, if asked, activate it.

    Raises
    ------
    ArtifactError
        Where the served graph does not answer as Keras does, or nothing can be written.
    """

    def fill(folder: Path) -> None:
        network.save(trained.network, folder / MODEL_FILES.keras)
        joblib.dump(trained.scaler, folder / MODEL_FILES.scaler)
        network.export_onnx(trained.network, trained.scaler, folder / MODEL_FILES.onnx)
        _check_export(trained, folder / MODEL_FILES.onnx)
        write_figures(folder, trained.figures.with_size((folder / MODEL_FILES.onnx).stat().st_size))

    manifest = artifacts.write_version(
        models_dir,
        "failure",
        fill=fill,
        data_hash=trained.data_hash,
        seed=trained.seed,
        columns=METRIC_NAMES,
        classes=METRIC_NAMES,
        window=LENGTH,
        horizon=HORIZON_STEPS,
        thresholds=asdict(trained.policy),
        scores={test: asdict(report) for test, report in trained.reports.items()},
        baseline_scores={
            test: {name: asdict(report) for name, report in reports.items()}
            for test, reports in trained.baselines.items()
        },
        source=trained.source,
        training={"n_rows": trained.n_hosts},
    )
    if activate:
        artifacts.activate(models_dir, "failure", manifest.version)
    return manifest


def _check_export(trained: TrainedModel, onnx: Path) -> None:
    """Raise ArtifactError unless Keras and the served graph agree on simulated windows."""
    windows = stack_windows(simulate_hosts(5, seed=trained.seed + 4_000_000))
    windows = windows.where(windows.enough)
    said, causes = network.predict(trained.network, trained.scaler, windows)
    served, served_causes = FailureModel.open(onnx, trained.policy).probabilities(
        windows.x, windows.usual
    )
    worst = float(np.abs(said - served).max())
    if served_causes is not None:
        worst = max(worst, float(np.abs(causes - served_causes).max()))
    if not worst <= EXPORT_TOLERANCE:
        raise ArtifactError(
            f"The exported model differs from Keras by {worst:.1e} (at most {EXPORT_TOLERANCE:.0e} "
            "is rounding), so nothing was written; report this with the versions of tensorflow, "
            "tf2onnx and onnxruntime."
        )
