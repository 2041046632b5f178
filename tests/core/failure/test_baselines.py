import numpy as np
import pytest

from core.failure.baselines import BASELINES, ThresholdRule
from core.failure.windows import Windows, host_windows, stack_windows
from tests.core.failure.fakes import column, leaking_hosts, record, steps


def ending_with(**metrics: float | None) -> Windows:
    """One window whose last step is as given, calm in all other respects."""
    values = steps(10)
    for name, value in metrics.items():
        values[-1, column(name)] = np.nan if value is None else value
    windows = host_windows(record(values))
    return windows.where(windows.enough)


def full_windows(*runs: str) -> Windows:
    windows = stack_windows(leaking_hosts(runs))
    return windows.where(windows.enough & ~windows.down)


@pytest.mark.parametrize(
    ("metrics", "expected"),
    [
        ({}, 0.0),
        ({"cpu_percent": 89.9}, 0.0),
        ({"cpu_percent": 90.0}, 0.25),
        ({"memory_percent": 95.0}, 0.25),
        ({"disk_percent": 99.0}, 0.25),
        ({"temperature_c": 85.0}, 0.25),
        ({"temperature_c": 85.0, "disk_percent": 99.0}, 0.5),
        (
            {
                "cpu_percent": 100.0,
                "memory_percent": 91.0,
                "disk_percent": 90.0,
                "temperature_c": 90.0,
            },
            1.0,
        ),
        ({"temperature_c": None}, 0.0),
        ({"process_count": 1e6, "errors_per_s": 1e6}, 0.0),
    ],
)
def test_rule_when_not_fitted_then_each_line_crossed_adds_a_quarter(metrics, expected):
    assert ThresholdRule().probabilities(ending_with(**metrics)).tolist() == [expected]


def test_rule_when_a_line_was_crossed_earlier_then_only_the_last_step_counts():
    values = steps(10, memory_percent=[99.0] * 9 + [50.0])
    windows = host_windows(record(values))
    assert ThresholdRule().probabilities(windows.where(windows.enough)).tolist() == [0.0]


def test_rule_when_fitted_then_it_says_how_often_that_many_lines_were_followed_by_a_failure():
    crossed, calm = ending_with(cpu_percent=95.0), ending_with()
    windows = Windows.joined([crossed, crossed, crossed, calm, calm])
    windows.fails[[0, 3]] = True
    rule = ThresholdRule()
    rule.fit(windows, np.array([1.0, 1.0, 2.0, 1.0, 9.0]))
    assert rule.probabilities(crossed).tolist() == [0.25]
    assert rule.probabilities(calm).tolist() == [0.1]
    # Nobody has seen two lines crossed at once.
    both = ending_with(cpu_percent=95.0, memory_percent=95.0)
    assert rule.probabilities(both).tolist() == [0.0]


@pytest.mark.parametrize("name", BASELINES)
def test_baseline_when_fitted_then_it_ranks_hosts_that_it_has_not_seen(name):
    learnt, unseen = full_windows("r1", "r2", "r3"), full_windows("r4", "r5")
    baseline = BASELINES[name]()
    baseline.fit(learnt, np.ones(len(learnt)))
    said = baseline.probabilities(unseen)
    assert said.shape == (len(unseen),)
    assert ((said >= 0) & (said <= 1)).all()
    assert said[unseen.fails].mean() > said[~unseen.fails].mean() + 0.3


@pytest.mark.parametrize("name", BASELINES)
def test_baseline_when_fitted_twice_then_it_says_the_same(name):
    learnt = full_windows("r1", "r2")
    first, second = BASELINES[name](), BASELINES[name]()
    for baseline in (first, second):
        baseline.fit(learnt, np.ones(len(learnt)))
    np.testing.assert_array_equal(first.probabilities(learnt), second.probabilities(learnt))


@pytest.mark.parametrize("name", BASELINES)
def test_baseline_when_a_failure_counts_more_then_it_is_held_more_likely(name):
    learnt = full_windows("r1", "r2")
    # Told apart by nothing: what remains is how often each outcome counts.
    learnt.x[:], learnt.usual[:] = 1.0, 1.0
    said = []
    for times in (1.0, 20.0):
        baseline = BASELINES[name]()
        baseline.fit(learnt, np.where(learnt.fails, times, 1.0))
        said.append(baseline.probabilities(learnt)[0])
    assert said[0] < 0.3
    assert said[1] > said[0] + 0.3


@pytest.mark.parametrize("name", BASELINES)
def test_baseline_when_metrics_are_missing_then_it_answers_all_the_same(name):
    learnt = full_windows("r1", "r2")
    learnt.x[:, :, column("temperature_c")] = np.nan  # nobody has such a sensor
    baseline = BASELINES[name]()
    baseline.fit(learnt, np.ones(len(learnt)))
    blank = full_windows("r3").where(np.arange(3))
    blank.x[:], blank.usual[:] = np.nan, np.nan
    assert np.isfinite(baseline.probabilities(blank)).all()
