import numpy as np
import pytest

from core.failure.trends import in_words, trend_of
from core.metrics import metric_spec

MEMORY = metric_spec("memory_percent")
STEPS = np.arange(10.0)


def test_trend_when_values_lie_on_a_line_then_it_is_that_line():
    trend = trend_of(60 + 0.5 * STEPS, 5.0 * STEPS)
    assert trend.last == 64.5
    assert trend.slope_per_s == pytest.approx(0.1)
    assert trend.slope_error_per_s == pytest.approx(0, abs=1e-12)
    assert trend.span_s == 45.0
    assert trend.is_rising
    assert not trend.is_falling


def test_trend_when_values_scatter_then_slope_and_error_are_those_of_least_squares():
    y = np.array([1.0, 3.0, 2.0, 5.0])
    trend = trend_of(y, np.arange(4.0))
    # By hand: sxx 5, sxy 5.5; residuals -0.1, 0.8, -1.3, 0.6 over 2 degrees of freedom.
    assert trend.slope_per_s == pytest.approx(1.1)
    assert trend.slope_error_per_s == pytest.approx(np.sqrt(2.7 / 2 / 5))
    assert trend.is_rising


def test_trend_when_it_is_within_the_noise_then_it_goes_neither_way():
    noise = np.random.default_rng(4).normal(0, 3, 10)
    assert not trend_of(50 + noise + 0.05 * STEPS, 5.0 * STEPS).is_rising
    assert not trend_of(50 + noise - 0.05 * STEPS, 5.0 * STEPS).is_falling
    flat = trend_of(np.full(10, 50.0), 5.0 * STEPS)
    assert not flat.is_rising
    assert not flat.is_falling


def test_trend_when_values_fall_then_it_says_so():
    falling = trend_of(60 - STEPS, 60.0 * STEPS)
    assert falling.is_falling
    assert not falling.is_rising
    assert falling.slope_per_s == pytest.approx(-1 / 60)


def test_trend_when_steps_are_missing_then_the_others_keep_their_time():
    values = 60 + 0.5 * STEPS
    values[[0, 4, 5, 9]] = np.nan
    trend = trend_of(values, 5.0 * STEPS)
    assert trend.slope_per_s == pytest.approx(0.1)
    assert trend.last == 64.0
    assert trend.span_s == 35.0


def test_trend_when_steps_lie_unequally_far_apart_then_each_counts_at_its_own_time():
    at_s = np.array([0.0, 5.0, 10.0, 110.0, 115.0, 145.0])
    trend = trend_of(80 + 0.1 * at_s, at_s)
    assert trend.slope_per_s == pytest.approx(0.1)
    assert trend.slope_error_per_s == pytest.approx(0, abs=1e-12)
    assert trend.span_s == 145.0


def test_trend_when_no_time_passes_between_steps_then_it_claims_no_direction():
    trend = trend_of(STEPS, 1e-200 * STEPS)
    assert not trend.is_rising
    assert trend.last == 9.0


@pytest.mark.parametrize("n_known", [0, 1, 2])
def test_trend_when_too_little_is_known_then_it_claims_no_direction(n_known):
    values = np.full(10, np.nan)
    values[:n_known] = 10 * STEPS[:n_known]
    trend = trend_of(values, 5.0 * STEPS)
    assert not trend.is_rising
    assert not trend.is_falling
    assert np.isnan(trend.last) == (n_known == 0)


def test_words_when_memory_climbs_then_value_pace_and_time_left_stand_in_one_sentence():
    trend = trend_of(91 - 0.15 * STEPS[::-1], 5.0 * STEPS)
    text = in_words(MEMORY, trend, 60.0, (300.0, 300.0))
    assert text == (
        "memory 91 %, up 1.8 points a minute over the last 45 s; at this pace full in about 5 min"
    )


@pytest.mark.parametrize(
    ("time_left_s", "text"),
    [
        ((300.0, 302.0), "about 5 min"),
        ((300.0, 480.0), "5-8 min"),
        ((40.0, 60.0), "40-60 s"),
        ((50.0, 300.0), "50 s to 5 min"),
        ((300.0, 7_200.0), "5 min to 2 h"),
        ((7_200.0, 86_400.0), "2-24 h"),
    ],
)
def test_words_when_the_time_left_is_a_range_then_both_ends_keep_their_unit(time_left_s, text):
    trend = trend_of(91 - 0.15 * STEPS[::-1], 5.0 * STEPS)
    assert in_words(MEMORY, trend, None, time_left_s).endswith(f"; at this pace full in {text}")


def test_words_when_there_is_no_limit_ahead_then_what_is_usual_is_told_instead():
    flat = trend_of(np.full(10, 91.0), 5.0 * STEPS)
    assert in_words(MEMORY, flat, 60.0, None) == "memory 91 % (usual for this host: 60 %)"
    assert in_words(MEMORY, flat, None, None) == "memory 91 %"
    assert in_words(MEMORY, flat, float("nan"), None) == "memory 91 %"


def test_words_when_a_metric_falls_or_has_its_own_unit_then_the_pace_says_so():
    traffic = trend_of(2e6 - 1e5 * STEPS, 60.0 * STEPS)
    text = in_words(metric_spec("network_bytes_per_s"), traffic, None, None)
    assert text == "network traffic 1.1 MB/s, down 100 kB/s a minute over the last 9 min"
    cpu = trend_of(np.full(10, 97.0), 5.0 * STEPS)
    assert in_words(metric_spec("cpu_percent"), cpu, None, None) == "CPU 97 %"
