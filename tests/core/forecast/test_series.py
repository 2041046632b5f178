import numpy as np
import pytest

from core.errors import MissingDataError
from core.forecast import regular
from tests.core.forecast.made_up import DAY_S, HOUR_S, START_S, history


def test_regular_when_measured_hourly_then_it_is_the_history_itself():
    values = np.arange(100.0)
    series = regular(history(values))
    assert (series.values == values).all()
    assert (series.step_s, series.end_s) == (HOUR_S, START_S + 99 * HOUR_S)
    assert series.notes == ()


@pytest.mark.parametrize(
    ("spacing_s", "step_s"),
    [(5, 5), (55, 60), (60, 60), (61, 60), (300, 300), (3600, 3600), (4500, 7200), (DAY_S, DAY_S)],
)
def test_regular_when_spacing_is_about_a_usual_step_then_it_is_that_step(spacing_s, step_s):
    assert regular(history(np.ones(50), step_s=spacing_s)).step_s == step_s


def test_regular_when_several_fall_into_a_step_then_they_are_averaged():
    at_s = START_S + HOUR_S * np.array([0, 1, 1, 2, 3, 4, 5])
    series = regular(history(np.array([1, 10, 20, 3, 4, 5, 6]), at_s), step_s=HOUR_S)
    assert list(series.values) == [1, 15, 3, 4, 5, 6]


def test_regular_when_there_is_a_gap_then_it_is_bridged_straight_and_said():
    at_s = START_S + HOUR_S * np.array([0, 1, 2, 3, 4, 8, 9, 10])
    series = regular(history(np.array([0, 1, 2, 3, 4, 8, 9, 10]), at_s))
    assert series.values == pytest.approx(np.arange(11))
    assert "Nothing was measured in 3 of 11 steps" in series.notes[0]


def test_regular_when_a_counter_starts_again_then_the_rate_counts_from_zero():
    counted = np.concatenate([np.arange(1, 11) * 3600.0, np.arange(1, 11) * 7200.0]) + 50_000
    counted[10:] -= 50_000
    series = regular(history(counted, metric="network_traffic", high=None))
    assert series.values == pytest.approx([1.0] * 9 + [2.0] * 10)
    assert "counter with 1 reset:" in series.notes[0]


def test_regular_when_load_only_grows_then_it_is_no_counter():
    series = regular(history(np.arange(1, 50.0), metric="network_traffic", high=None))
    assert list(series.values) == list(range(1, 50))


def test_regular_when_measured_every_second_for_a_day_then_it_is_thinned_out():
    series = regular(history(np.arange(86_400) / 1000, step_s=1.0))
    assert series.step_s == 60
    assert series.values[-1] == pytest.approx(86.4, abs=0.1)


@pytest.mark.parametrize("years", [1, 50, 8000])
def test_regular_when_a_history_is_long_then_it_is_thinned_out_however_long(years):
    at_s = np.linspace(-60.0, 1.0, 40) * years * 365 * DAY_S
    series = regular(history(np.ones(40), at_s))
    assert series.values.size <= 2300


def test_regular_when_nothing_was_measured_then_it_says_of_what():
    with pytest.raises(MissingDataError, match="cpu_usage of web-1"):
        regular(history(np.array([np.nan])))
