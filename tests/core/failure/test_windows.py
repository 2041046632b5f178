from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.failure.windows import (
    HORIZON_STEPS,
    LENGTH,
    MAX_SPAN_STEPS,
    MIN_PAST_STEPS,
    Windows,
    host_windows,
    stack_windows,
    usual_levels,
    without_absurd,
)
from core.metrics import METRIC_NAMES, METRICS
from tests.core.failure.fakes import CALM, column, failing_record, record, steps

CPU, MEMORY = column("cpu_percent"), column("memory_percent")


def counted(n: int) -> np.ndarray:
    """Calm steps whose cpu value is the number of the step, 0 to 99 and over again."""
    return steps(n, cpu_percent=np.arange(n) % 100)


def test_windows_when_ten_steps_are_there_then_each_holds_the_last_ten_oldest_first():
    windows = host_windows(record(counted(30)))
    assert len(windows) == 30
    assert windows.enough.tolist() == [False] * (LENGTH - 1) + [True] * 21
    assert windows.x[9, :, CPU].tolist() == list(range(10))
    assert windows.x[29, :, CPU].tolist() == list(range(20, 30))
    assert windows.step.tolist() == list(range(30))


def test_windows_when_there_are_too_few_steps_then_they_hold_nothing():
    for n in (1, 2, LENGTH - 1):
        windows = host_windows(record(steps(n)))
        assert not windows.enough.any()
        assert np.isnan(windows.x).all()
        assert np.isnan(windows.usual).all()


def test_windows_when_a_host_never_speaks_then_there_is_none():
    windows = host_windows(record(np.full((40, len(METRICS)), np.nan)))
    assert not windows.enough.any()


def test_windows_when_steps_say_nothing_then_they_are_passed_over():
    values = counted(40)
    values[[20, 22, 23]] = np.nan
    windows = host_windows(record(values))
    assert windows.x[25, :, CPU].tolist() == [13, 14, 15, 16, 17, 18, 19, 21, 24, 25]
    # At a silent step the window is still the one of the last step that spoke.
    assert windows.x[23, :, CPU].tolist() == windows.x[21, :, CPU].tolist()
    assert windows.enough[23]


def test_windows_when_one_metric_is_missing_then_the_step_still_counts():
    values = counted(20)
    values[15, MEMORY] = np.nan
    windows = host_windows(record(values))
    assert windows.x[19, :, CPU].tolist() == list(range(10, 20))
    assert np.isnan(windows.x[19, :, MEMORY]).tolist() == [False] * 5 + [True] + [False] * 4


def test_windows_when_a_gap_is_longer_than_the_span_then_the_host_is_unknown_until_it_is_full():
    # The silence may be rows without values or no rows at all.
    silent = counted(80)
    silent[30:60] = np.nan
    windows = host_windows(record(silent))
    enough = windows.enough
    # The last ten steps before the silence began at step 20.
    assert enough[20 + MAX_SPAN_STEPS]
    assert not enough[20 + MAX_SPAN_STEPS + 1 : 60].any()
    assert enough[69:].all()
    kept = np.r_[0:30, 60:80]
    whole = record(counted(80))
    cut = replace(
        whole,
        at_s=whole.at_s[kept],
        values=whole.values[kept],
        failed=whole.failed[kept],
        causes=whole.causes[kept],
    )
    np.testing.assert_array_equal(host_windows(cut).enough, enough[kept])


def test_windows_when_a_value_cannot_be_then_it_is_a_gap():
    values = counted(20)
    values[12, CPU] = 5000.0
    values[13, MEMORY] = -3.0
    windows = host_windows(record(values))
    assert np.isnan(windows.x[19, 2, CPU])
    assert np.isnan(windows.x[19, 3, MEMORY])
    assert np.isnan(windows.x[19]).sum() == 2


def test_windows_when_a_monitor_answers_with_zeros_then_the_step_is_a_gap_as_a_whole():
    values = counted(30)
    values[15] = 0.0
    windows = host_windows(record(values))
    assert windows.x[20, :, CPU].tolist() == [10, 11, 12, 13, 14, 16, 17, 18, 19, 20]


def test_without_absurd_when_values_are_at_their_bounds_then_they_stay():
    highs = [spec.high if spec.high is not None else 1e12 for spec in METRICS]
    lows = [max(spec.low, 0.0) for spec in METRICS]
    bounds = np.array([highs, lows])
    bounds[1, [MEMORY, column("process_count")]] = 1.0
    np.testing.assert_array_equal(without_absurd(bounds), bounds)


@pytest.mark.parametrize("value", [np.inf, -np.inf, 100.5, -0.5])
def test_without_absurd_when_a_value_is_out_of_bounds_then_only_that_one_goes(value):
    cleaned = without_absurd(steps(3, cpu_percent=[1.0, value, 2.0]))
    assert np.isnan(cleaned[1, CPU])
    assert np.isnan(cleaned).sum() == 1


def test_usual_levels_when_the_past_is_known_then_they_are_its_percentiles():
    values = steps(101, cpu_percent=np.random.default_rng(3).permutation(np.arange(101.0)))
    assert usual_levels(values)[:, CPU].tolist() == [10.0, 50.0, 90.0]
    assert usual_levels(values)[:, MEMORY].tolist() == [CALM["memory_percent"]] * 3


def test_usual_levels_when_the_past_is_too_short_for_a_metric_then_that_one_is_not_known():
    values = steps(MIN_PAST_STEPS)
    values[0, CPU] = np.nan
    usual = usual_levels(values)
    assert np.isnan(usual[:, CPU]).all()
    assert not np.isnan(usual[:, MEMORY]).any()
    assert np.isnan(usual_levels(values[:0])).all()


def test_usual_when_a_window_has_too_short_a_past_then_it_is_not_known():
    windows = host_windows(record(steps(60)))
    # The window that ends at step 29 begins at step 20: twenty steps lie before it.
    first = MIN_PAST_STEPS + LENGTH - 1
    assert np.isnan(windows.usual[:first]).all()
    assert not np.isnan(windows.usual[first:]).any()


def test_usual_when_a_jump_happens_within_the_window_then_it_does_not_know_of_it():
    values = steps(80, cpu_percent=np.where(np.arange(80) < 60, 20.0, 95.0))
    windows = host_windows(record(values))
    # Up to step 69 the window begins at step 60 or earlier.
    assert (windows.usual[29:70, :, CPU] == 20.0).all()
    assert (windows.x[69, :, CPU] == 95.0).all()


def test_usual_when_a_new_level_lasts_then_it_becomes_usual():
    values = steps(400, cpu_percent=np.where(np.arange(400) < 60, 20.0, 95.0))
    assert host_windows(record(values)).usual[399, 1, CPU] == 95.0


@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_windows_when_the_future_changes_then_those_of_the_past_do_not(data):
    n = data.draw(st.integers(2, 120), label="steps")
    now = data.draw(st.integers(1, n - 1), label="first step of the future")
    rng = np.random.default_rng(data.draw(st.integers(0, 2**20), label="seed"))
    gaps = data.draw(st.sampled_from([0.0, 0.05, 0.5]), label="share of silent steps")
    values = steps(n) * rng.uniform(0.2, 1.9, (n, len(METRICS)))
    values[rng.random(n) < gaps] = np.nan
    other = values.copy()
    other[now:] = np.where(
        rng.random((n - now, len(METRICS))) < 0.2,
        np.nan,
        rng.uniform(-50, 500, (n - now, len(METRICS))),
    )
    before = np.arange(n) < now
    ours = host_windows(record(values)).where(before)
    theirs = host_windows(failing_record(other, onset=now, down=n - 1)).where(before)
    for field in fields(Windows):
        if field.name != "fails":  # that one is what comes, by its name
            np.testing.assert_array_equal(
                getattr(ours, field.name), getattr(theirs, field.name), err_msg=field.name
            )


@settings(deadline=None, max_examples=30)
@given(n=st.integers(21, 150), cut=st.integers(12, 150), seed=st.integers(0, 2**20))
def test_windows_when_the_future_has_not_come_yet_then_those_of_the_past_are_the_same(n, cut, seed):
    cut = min(cut, n)
    values = steps(n) * np.random.default_rng(seed).uniform(0.2, 1.9, (n, len(METRICS)))
    whole = host_windows(record(values)).where(np.arange(n) < cut)
    so_far = host_windows(record(values[:cut]))
    np.testing.assert_array_equal(whole.x, so_far.x)
    np.testing.assert_array_equal(whole.usual, so_far.usual)


def test_fails_when_the_host_goes_down_then_the_steps_within_the_horizon_say_so():
    windows = host_windows(failing_record(steps(60), onset=30, down=50))
    expected = np.zeros(60, dtype=bool)
    expected[50 - HORIZON_STEPS : 50] = True
    np.testing.assert_array_equal(windows.fails, expected)
    np.testing.assert_array_equal(windows.down, np.arange(60) >= 50)
    np.testing.assert_array_equal(windows.cause >= 0, np.arange(60) >= 30)
    assert set(windows.cause[30:]) == {MEMORY}


def test_fails_when_rows_are_missing_then_it_goes_by_time_not_by_rows():
    whole = failing_record(steps(60), onset=30, down=50)
    kept = np.r_[0:41, 46:60]  # five rows are missing within the horizon
    cut = replace(
        whole,
        at_s=whole.at_s[kept],
        values=whole.values[kept],
        failed=whole.failed[kept],
        causes=whole.causes[kept],
    )
    assert host_windows(cut).step[host_windows(cut).fails].tolist() == [40, 41, 42, 43, 44]


@pytest.mark.parametrize("late_s", [-20.0, 20.0])
def test_fails_when_timestamps_wander_a_little_then_the_horizon_keeps_its_ten_steps(late_s):
    whole = failing_record(steps(60), onset=30, down=50)
    wandering = replace(whole, at_s=whole.at_s + np.where(np.arange(60) == 50, late_s, 0.0))
    assert np.flatnonzero(host_windows(wandering).fails).tolist() == list(range(40, 50))


def test_fails_when_a_host_fails_twice_then_before_both():
    twice = record(steps(80))
    twice.failed[30:35] = True
    twice.failed[70:] = True
    windows = host_windows(twice)
    assert np.flatnonzero(windows.fails).tolist() == [*range(20, 30), *range(60, 70)]


def test_fails_when_a_host_comes_back_before_the_horizon_is_over_then_up_again_is_healthy():
    back = record(steps(60))
    back.failed[30:35] = True
    assert not host_windows(back).fails[30:].any()


def test_stack_windows_when_hosts_are_joined_then_each_keeps_its_own_windows():
    records = [record(counted(25), host="a"), record(steps(12), host="b", interval_s=5.0)]
    windows = stack_windows(records)
    np.testing.assert_array_equal(windows.host, np.repeat([0, 1], [25, 12]))
    np.testing.assert_array_equal(windows.x[:25], host_windows(records[0]).x)
    np.testing.assert_array_equal(windows.enough[25:], np.arange(12) >= LENGTH - 1)
    chosen = windows.where(windows.host == 1)
    assert len(chosen) == 12
    chosen.x[:] = 0
    assert (windows.x[25 + LENGTH :, :, CPU] == CALM["cpu_percent"]).all()


def test_windows_when_made_then_axes_follow_the_one_order_of_metrics():
    values = np.tile(np.arange(1.0, 11.0), (LENGTH, 1))
    windows = host_windows(record(values))
    assert windows.x[-1, -1].tolist() == list(range(1, 11))
    assert windows.x.shape == (LENGTH, LENGTH, len(METRIC_NAMES))
