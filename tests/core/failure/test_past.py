from datetime import timedelta

import numpy as np
import pytest

from core.failure.past import HostPast
from core.failure.windows import MAX_PAST_STEPS, MIN_PAST_STEPS, usual_levels
from core.metrics import METRIC_NAMES
from tests.core.failure.fakes import NOON, column, every, steps

CPU = column("cpu_percent")


def past_of(values: np.ndarray, interval_s: float = 5.0) -> HostPast:
    past = HostPast()
    for at, row in zip(every(interval_s, len(values)), values, strict=True):
        past.add(at, row)
    return past


def counted(n: int) -> np.ndarray:
    return steps(n, cpu_percent=np.linspace(0, 100, n))


def test_past_when_empty_then_nothing_is_known():
    past = HostPast()
    assert past.before(NOON).shape == (0, len(METRIC_NAMES))
    assert past.span_s(NOON) == 0
    assert np.isnan(past.usual(NOON)).all()
    assert past.usual_percent(NOON, counted(1)[0]) == {}


def test_before_when_asked_for_a_moment_then_only_what_was_earlier_counts():
    values = counted(30)
    past = past_of(values)
    moments = every(5.0, 30)
    np.testing.assert_array_equal(past.before(moments[12]), values[:12])
    np.testing.assert_array_equal(past.usual(moments[25]), usual_levels(values[:25]))
    assert past.span_s(moments[-1]) == 29 * 5


def test_past_when_values_cannot_be_then_they_are_gaps_in_it():
    values = counted(30)
    values[3, CPU] = 900.0
    values[4] = 0.0
    before = past_of(values).before(NOON + timedelta(days=1))
    assert np.isnan(before[3, CPU])
    assert np.isnan(before[4]).all()
    assert np.isnan(before).sum() == 1 + len(METRIC_NAMES)


def test_past_when_a_day_is_over_then_it_is_forgotten():
    values = counted(40)
    past = past_of(values, interval_s=3600.0)
    at = every(3600.0, 40)[-1]
    assert past.span_s(at) == 24 * 3600
    np.testing.assert_array_equal(past.before(at), values[15:39])


def test_past_when_it_would_grow_too_large_then_it_is_thinned_evenly_and_still_reaches_back():
    n = 4 * MAX_PAST_STEPS
    past = past_of(counted(n))
    at = every(5.0, n)[-1]
    kept = past.before(at)
    assert MAX_PAST_STEPS / 2 <= len(kept) <= MAX_PAST_STEPS
    assert past.span_s(at) > 0.98 * n * 5
    # The whole of it counts: the median is that of all values, not of the last ones.
    assert past.usual(at)[1, CPU] == pytest.approx(50, abs=2)
    gaps = np.diff(kept[:, CPU])
    assert gaps.max() < 2.1 * gaps.min()


def test_usual_percent_when_the_past_is_known_then_it_is_the_share_that_lies_below():
    past = past_of(steps(41, cpu_percent=[*range(40), 10]))
    at = every(5.0, 41)[-1]
    values = steps(1, cpu_percent=10)[0]
    # Ten of the forty values before this step are below ten.
    assert past.usual_percent(at, values)["cpu_percent"] == 25.0
    assert past.usual_percent(at, values)["memory_percent"] == 0.0
    assert past.usual_percent(at, steps(1, cpu_percent=99)[0])["cpu_percent"] == 100.0


def test_usual_percent_when_a_metric_is_missing_or_new_then_it_is_left_out():
    values = steps(40)
    values[: 40 - MIN_PAST_STEPS, column("thread_count")] = np.nan
    past = past_of(values)
    at = every(5.0, 40)[-1]
    now = steps(1, temperature_c=None)[0]
    # The last value is not past yet, so threads are one short.
    assert set(past.usual_percent(at, now)) == set(METRIC_NAMES) - {"temperature_c", "thread_count"}
    later = at + timedelta(seconds=5)
    assert "thread_count" in past.usual_percent(later, now)
