"""The baselines beside the network: fitted on the same windows, judged on the same hosts."""

import pickle
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.failure.alarm import alarm_steps
from core.failure.baselines import BASELINES, Baseline
from core.failure.evaluation import EvaluationReport, choose_policy, evaluate
from core.failure.faults import FAULTS, Fault
from core.failure.figures import ModelCost
from core.failure.hosts import HostRecord
from core.failure.simulate import simulate_hosts
from core.failure.windows import Windows, stack_windows
from core.metrics import FloatArray

__all__ = ["MAX_FALSE_SHARE", "Hosts", "hosts_of", "judge_baselines", "simulated"]

# The share of windows of faultless hosts that may be in alarm when thresholds are chosen.
MAX_FALSE_SHARE = 0.002


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Hosts:
    """The windows of some hosts, each host's interval and its simulated kind of fault or ""."""

    windows: Windows
    intervals_s: Sequence[float]
    faults: Sequence[str]


def hosts_of(records: Sequence[HostRecord]) -> Hosts:
    """Return the windows of recorded or simulated hosts."""
    return Hosts(
        windows=stack_windows(records),
        intervals_s=[record.interval_s for record in records],
        faults=[record.fault for record in records],
    )


def simulated(
    n_hosts: int,
    seed: int,
    faults: Sequence[Fault] = FAULTS,
    progress: Callable[[float], None] | None = None,
) -> Hosts:
    """Return the windows of hosts made up from a seed."""
    return hosts_of(list(simulate_hosts(n_hosts, seed=seed, faults=faults, progress=progress)))


def judge_baselines(
    chosen: Windows,
    weights: FloatArray,
    calibration: Windows,
    tests: Mapping[str, Hosts],
    progress: Callable[[float, str], None],
) -> tuple[dict[str, dict[str, EvaluationReport]], tuple[ModelCost, ...]]:
    """Return the scores of every baseline, by test and name, and what each takes.

    They learn from `chosen` windows, each counted `weights` times, shape (n,); thresholds are
    chosen on the `calibration` windows like the network's.
    """
    reports: dict[str, dict[str, EvaluationReport]] = {test: {} for test in tests}
    costs = []
    for position, (name, make) in enumerate(BASELINES.items()):
        progress(position / len(BASELINES), f"fitting the baseline {name}")
        started = time.process_time()
        baseline = make()
        baseline.fit(chosen, weights)
        costs.append(
            ModelCost(
                name=name,
                training_s=time.process_time() - started,
                size_bytes=len(pickle.dumps(baseline)),
            )
        )
        for test, report in _judge_baseline(baseline, calibration, tests).items():
            reports[test][name] = report
    return reports, tuple(costs)


def _judge_baseline(
    baseline: Baseline, calibration: Windows, tests: Mapping[str, Hosts]
) -> dict[str, EvaluationReport]:
    """Return a fitted baseline's scores, its thresholds chosen like the network's."""
    policy = choose_policy(calibration, baseline.probabilities(calibration), MAX_FALSE_SHARE)
    reports = {}
    for test, hosts in tests.items():
        said = np.where(hosts.windows.enough, baseline.probabilities(hosts.windows), np.nan)
        alarm = alarm_steps(said, hosts.windows.host, policy)
        reports[test] = evaluate(hosts.windows, said, None, alarm, hosts.intervals_s)
    return reports
