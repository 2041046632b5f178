"""Train on recorded hosts: fine-tune the simulator's model, judged on runs it has not seen."""

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import joblib
import numpy as np

from core import artifacts
from core.errors import ArtifactError, TooFewSamplesError
from core.failure import network
from core.failure.alarm import AlarmPolicy, alarm_steps
from core.failure.baselines import BASELINES, Baseline
from core.failure.evaluation import EvaluationReport, choose_policy, evaluate
from core.failure.figures import FailureFigures, figures_of, input_profiles
from core.failure.hosts import BoolArray, HostRecord
from core.failure.judging import MAX_FALSE_SHARE
from core.failure.sampling import hide_some, sampled
from core.failure.serving import MODEL_FILES, policy_of
from core.failure.simulate import simulate_hosts
from core.failure.training import MAIN_TEST, Progress, TrainedModel
from core.failure.windows import LENGTH, Windows, stack_windows
from core.metrics import FloatArray

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

__all__ = ["runs_of", "train_on_recorded"]

MAX_FOLDS = 6
# Simulated windows stay in the mix: what a few recorded faults do not show is not forgotten.
N_REHEARSED_HOSTS = 500
REHEARSAL_WEIGHT = 1.0
# Only the layers from the LSTM's memory to the risk are tuned. On six recorded runs, each left out
# in turn, tuning all of them ranked worse (AUC .94 against .95): it forgot the faults that the
# runs at hand do not show.
PLAN = network.FitPlan(epochs=3, batch_size=512, rate=5e-4, seed=0, layers=("risk", "logit"))

_TUNED_FROM = re.compile(r"recorded hosts .*fine-tuned from (v\d+);")

FoldArray = np.ndarray[tuple[int], np.dtype[np.int64]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Start:
    """Where fine-tuning begins, and the simulated windows that are rehearsed with it."""

    network: Any
    scaler: "Pipeline"
    policy: AlarmPolicy
    version: str
    rehearsed: Windows
    weights: FloatArray


def runs_of(hosts: Sequence[str]) -> tuple[str, ...]:
    """Return the run that each host belongs to: hosts of one run are never split.

    The text before the first dash is the run where every host has one and each run has several
    hosts ("e2-redis-14" is of run "e2"), else each host is a run of its own.
    """
    prefixes = [re.split("-", host, maxsplit=1)[0] for host in hosts]
    counts = Counter(prefixes)
    if len(counts) >= 2 and all("-" in host for host in hosts) and min(counts.values()) >= 2:
        return tuple(prefixes)
    return tuple(hosts)


def train_on_recorded(
    records: Sequence[HostRecord],
    models_dir: Path,
    *,
    seed: int,
    progress: Progress,
    shipped: Path | None = None,
) -> TrainedModel:
    """Return the active model fine-tuned on recorded hosts.

    Its scores are of runs left out in turn, each judged by a model that has not seen it, with
    thresholds that were chosen without it; the model itself then learns from all of them. Where the
    active model was itself tuned on recorded hosts, the start is the one on simulated hosts that it
    came from, looked for in `models_dir`, then in `shipped`: it may have learnt these very runs.

    Raises
    ------
    TooFewSamplesError
        Where there are fewer than two runs with a failure, so that none could be left out.
    ArtifactError
        Where there is no model to start from.
    """
    windows = stack_windows(records)
    runs = np.array(runs_of([record.host for record in records]))[windows.host]
    folds = _folds(windows, runs)
    start = _start(models_dir, shipped, seed)
    progress(0.05, f"{len(np.unique(runs))} runs in {folds.max() + 1} folds, from {start.version}")
    said, causes, alarm = _left_out(windows, folds, start, progress)
    intervals_s = [record.interval_s for record in records]
    baselines = _judge_baselines(windows, folds, intervals_s, progress)
    progress(0.9, "learning from all runs")
    final, losses = _tuned(start, windows, np.ones(len(windows), dtype=bool))
    return TrainedModel(
        network=final,
        scaler=start.scaler,
        policy=_policy(windows, said, start),
        figures=FailureFigures(
            tests={MAIN_TEST: figures_of(windows, said, causes, alarm, intervals_s)},
            losses=losses,
            inputs=input_profiles(windows),
        ),
        reports={MAIN_TEST: evaluate(windows, said, causes, alarm, intervals_s)},
        baselines={MAIN_TEST: baselines},
        seed=seed,
        data_hash=hashlib.sha256(windows.x.tobytes()).hexdigest(),
        source=(
            f"{len(records)} recorded hosts in {len(np.unique(runs))} runs, "
            f"fine-tuned from {start.version}; scores are of runs left out in turn"
        ),
        n_hosts=len(records),
    )


def _folds(windows: Windows, runs: np.ndarray[tuple[int], np.dtype[np.str_]]) -> FoldArray:
    """Return the fold of each window; runs with failures are spread evenly over the folds."""
    failing = sorted(np.unique(runs[windows.fails & windows.enough]))
    if not failing and windows.fails.any():
        raise TooFewSamplesError(
            f"Every failure in this file lacks the {LENGTH} steps before it from which it could be "
            "told: the host is recorded too briefly, or with gaps; record hosts for longer before "
            "they fail."
        )
    if not failing:
        raise TooFewSamplesError(
            "No host in this file fails (no row has failed = 1 after a step with failed = 0), so "
            "there is no failure to learn; record hosts up to a failure, or train on simulated "
            "hosts with `python -m core failure train`."
        )
    if len(failing) < 2:
        raise TooFewSamplesError(
            f"Only run {failing[0]} holds a failure with {LENGTH} steps before it; at least two "
            "are needed, so that one can be left out to judge the model. "
            "`python -m core failure evaluate --data FILE` judges the present model on this file."
        )
    calm = sorted(set(np.unique(runs)) - set(failing))
    n_folds = min(len(failing), MAX_FOLDS)
    fold_of = {run: i % n_folds for i, run in enumerate([*failing, *calm])}
    return np.array([fold_of[run] for run in runs])


def _start(models_dir: Path, shipped: Path | None, seed: int) -> _Start:
    manifest, folder = _untuned(models_dir, shipped)
    if not (folder / MODEL_FILES.keras).exists() or "imported" in manifest.source:
        raise ArtifactError(
            f"The active failure model {manifest.version} ({manifest.source}) cannot be "
            "fine-tuned; train one on simulated hosts first with `python -m core failure train`."
        )
    simulated = stack_windows(simulate_hosts(N_REHEARSED_HOSTS, seed=seed + 5_000_000))
    rehearsed, weights = sampled(simulated, np.random.default_rng(seed))
    return _Start(
        network=network.load(folder / MODEL_FILES.keras),
        # Our own file, its hash verified a line above.
        scaler=joblib.load(folder / MODEL_FILES.scaler),
        policy=policy_of(manifest),
        version=manifest.version,
        rehearsed=rehearsed,
        weights=weights,
    )


def _untuned(models_dir: Path, shipped: Path | None) -> tuple[artifacts.Manifest, Path]:
    """Return the active version, or the one without recorded hosts that it was tuned from."""
    active = artifacts.load_version(models_dir, "failure")[0]
    found = active.version
    for place in (models_dir, shipped or models_dir):
        # What was tuned from a shipped version may name it and have the same name.
        left = {one.version for one in artifacts.versions(place, "failure")}
        while found in left:
            left.remove(found)
            manifest, folder = artifacts.load_version(place, "failure", found)
            origin = _TUNED_FROM.search(manifest.source)
            if origin is None:
                return manifest, folder
            found = origin[1]
    raise ArtifactError(
        f"The active failure model {active.version} ({active.source}) may have learnt from these "
        f"very hosts, and {found}, which it was tuned from, is not there to start from again; "
        "train one on simulated hosts first with `python -m core failure train`."
    )


def _tuned(start: _Start, windows: Windows, learnt: BoolArray) -> tuple[Any, tuple[float, ...]]:
    """Return the start's network fine-tuned on the chosen windows, and the loss of each epoch.

    Windows of a fault that is under way but not yet within the horizon are left out: they are
    neither calm nor the end, and a few long faults would teach that trouble is harmless.
    """
    on_the_way = (windows.cause >= 0) & ~windows.fails
    recorded = windows.where(learnt & windows.enough & ~windows.down & ~on_the_way)
    hide_some(recorded, np.random.default_rng(PLAN.seed))
    together = Windows.joined((recorded, start.rehearsed))
    rehearsal = start.weights * (REHEARSAL_WEIGHT * len(recorded) / start.weights.sum())
    weights = np.concatenate([np.ones(len(recorded)), rehearsal])
    tuned = network.clone(start.network, unroll=True)
    losses = network.fit(tuned, start.scaler, together, weights, PLAN, lambda _, __: None)
    return tuned, losses


def _left_out(
    windows: Windows, folds: FoldArray, start: _Start, progress: Progress
) -> tuple[FloatArray, FloatArray, BoolArray]:
    """Return (probability, cause, alarm) of each window by a model that has not seen its fold.

    The thresholds of a fold come from the other folds, judged in two halves by models that have
    seen neither their own half nor the fold that is left out.
    """
    said = np.full(len(windows), np.nan)
    causes = np.full((len(windows), windows.x.shape[2]), np.nan)
    alarm = np.zeros(len(windows), dtype=bool)
    for fold in np.unique(folds):
        progress(0.05 + 0.7 * fold / (folds.max() + 1), f"leaving out fold {fold + 1}")
        left, others = folds == fold, folds != fold
        model, _ = _tuned(start, windows, others)
        said[left], causes[left] = network.predict(model, start.scaler, windows.where(left))
        policy = _policy_without(windows, folds, fold, start)
        alarm[left] = alarm_steps(said[left], windows.host[left], policy)
    return said, causes, alarm


def _policy_without(windows: Windows, folds: FoldArray, fold: int, start: _Start) -> AlarmPolicy:
    others = folds != fold
    rest = np.unique(folds[others])
    said = np.full(len(windows), np.nan)
    if rest.size < 2:
        model = start.network
        said[others], _ = network.predict(model, start.scaler, windows.where(others))
    else:
        for half in (rest[::2], rest[1::2]):
            judged = np.isin(folds, half)
            model, _ = _tuned(start, windows, others & ~judged)
            said[judged], _ = network.predict(model, start.scaler, windows.where(judged))
    return _policy(windows.where(others), said[others], start)


def _policy(windows: Windows, said: FloatArray, start: _Start) -> AlarmPolicy:
    """Return the policy that recorded hosts suggest, never more eager than the start's.

    A few recorded hosts may show that the thresholds are too low, but not that thousands of
    simulated hosts set them too high.
    """
    suggested = choose_policy(windows, said, MAX_FALSE_SHARE)
    return AlarmPolicy(
        enter=max(suggested.enter, start.policy.enter),
        exit=max(suggested.exit, start.policy.exit),
        min_steps=suggested.min_steps,
    )


def _judge_baselines(
    windows: Windows, folds: FoldArray, intervals_s: Sequence[float], progress: Progress
) -> dict[str, EvaluationReport]:
    """Return each baseline's scores on the same folds, with thresholds chosen in the same way."""
    reports = {}
    for name, make in BASELINES.items():
        progress(0.8, f"fitting the baseline {name}")
        said = np.full(len(windows), np.nan)
        alarm = np.zeros(len(windows), dtype=bool)
        for fold in np.unique(folds):
            left, others = folds == fold, folds != fold
            said[left] = _fitted(make(), windows, others).probabilities(windows.where(left))
            inner = np.full(len(windows), np.nan)
            rest = np.unique(folds[others])
            for half in (rest[::2], rest[1::2]) if rest.size > 1 else ():
                judged = np.isin(folds, half)
                model = _fitted(make(), windows, others & ~judged)
                inner[judged] = model.probabilities(windows.where(judged))
            policy = choose_policy(windows.where(others), inner[others], MAX_FALSE_SHARE)
            alarm[left] = alarm_steps(said[left], windows.host[left], policy)
        reports[name] = evaluate(windows, said, None, alarm, intervals_s)
    return reports


def _fitted(baseline: Baseline, windows: Windows, learnt: BoolArray) -> Baseline:
    rows = learnt & windows.enough & ~windows.down
    baseline.fit(windows.where(rows), np.ones(int(rows.sum())))
    return baseline
