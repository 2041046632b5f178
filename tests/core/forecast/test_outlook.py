from datetime import UTC, datetime

import numpy as np
import pytest

from core.errors import SettingsError
from core.forecast import Forecast, History, NoForecast, forecast
from tests.core.forecast.made_up import (
    DAY_S,
    HOUR_S,
    START_S,
    daily,
    history,
    hours,
    remembering,
    weekend,
)

N, AHEAD = 720, 168
WEEK_S = 7 * DAY_S


@pytest.fixture
def random() -> np.random.Generator:
    return np.random.default_rng(4)


def made(what: History, horizon_s: float = WEEK_S) -> Forecast:
    found = forecast(what, horizon_s)
    assert isinstance(found, Forecast), found
    return found


def inside(found: Forecast, truth: np.ndarray, level: float) -> float:
    band = found.band(level)
    return float(((band.low <= truth) & (truth <= band.high)).mean())


def test_forecast_when_day_and_week_repeat_then_both_are_recognised_and_carried_on(random):
    truth = 50 + daily(N + AHEAD) + weekend(N + AHEAD)
    found = made(history(truth[:N] + random.normal(0, 2, N)))
    assert [season.name for season in found.seasons] == ["daily", "weekly"]
    assert found.model == "trend and seasons"
    assert np.abs(found.mean - truth[N:]).mean() < 1.5
    assert found.backtest.mase < found.backtest.baseline_mase
    assert found.trend_per_day == pytest.approx(0, abs=0.2)


def test_forecast_when_nothing_repeats_then_no_season_is_claimed(random):
    assert made(history(50 + remembering(N, 5, 0.9, random))).seasons == ()


def test_forecast_when_load_grows_then_level_and_trend_are_those_of_the_truth(random):
    truth = 30 + 0.02 * hours(N + AHEAD) + daily(N + AHEAD)
    found = made(history(truth[:N] + random.normal(0, 2, N)))
    assert found.level == pytest.approx(30 + 0.02 * N, abs=1)
    assert found.trend_per_day == pytest.approx(0.48, abs=0.08)
    assert np.abs(found.mean - truth[N:]).max() < 3


def test_forecast_when_made_then_its_points_follow_the_history_a_step_apart():
    found = made(history(50 + daily(N)))
    assert found.history_end.timestamp() == START_S + (N - 1) * HOUR_S
    assert found.at(1).timestamp() == START_S + N * HOUR_S
    assert found.mean.shape == (AHEAD,)
    assert found.at(AHEAD).timestamp() == found.history_end.timestamp() + WEEK_S


def test_forecast_when_bands_are_drawn_then_wider_ones_hold_narrower_ones_and_the_mean(random):
    found = made(history(50 + daily(N) + random.normal(0, 3, N)))
    half, most, nearly_all = found.bands
    assert (nearly_all.low <= most.low).all()
    assert (most.low <= half.low).all()
    assert (half.low <= found.mean).all()
    assert (found.mean <= half.high).all()
    assert (half.high < most.high).all()
    assert (most.high < nearly_all.high).all()


def test_forecast_when_series_is_constant_then_it_stays_and_nothing_is_divided_by_zero():
    found = made(history(np.full(N, 42.0)))
    assert found.mean == pytest.approx(np.full(AHEAD, 42.0))
    assert found.band(0.95).high == pytest.approx(np.full(AHEAD, 42.0))
    assert found.trend_per_day == 0
    assert found.backtest.mase is None
    assert found.backtest.coverage80 == 1


@pytest.mark.parametrize("n", [1, 2, 7])
def test_forecast_when_there_are_few_points_then_it_says_so(n: int):
    found = forecast(history(np.arange(n) + 10.0), WEEK_S)
    assert isinstance(found, NoForecast)
    assert found.reason == f"not enough history: {n} of the 8 points needed"
    assert found.level == n + 9
    assert found.history_end.timestamp() == START_S + (n - 1) * HOUR_S


def test_forecast_when_nothing_was_measured_then_it_says_so():
    for values in (np.array([]), np.array([np.nan, np.nan])):
        found = forecast(history(values), WEEK_S)
        assert isinstance(found, NoForecast)
        assert "nothing was measured" in found.reason
        assert found.history_end is None


def test_forecast_when_there_are_just_enough_points_then_bands_grow_beyond_what_was_tested():
    found = made(history(np.array([40, 41, 40, 44, 47, 45, 49, 54.0]), high=None))
    width = found.band(0.8).high - found.band(0.8).low
    assert np.isfinite(width).all()
    assert width[-1] > width[0]
    assert found.backtest.windows >= 3
    assert any("further ahead than the history" in note for note in found.notes)


def test_forecast_when_days_are_missing_then_the_season_keeps_its_phase(random):
    truth = 50 + daily(N + AHEAD)
    is_known = np.ones(N, bool)
    is_known[200:275] = False
    is_known[random.choice(N - 1, 60, replace=False)] = False
    values = truth[:N] + random.normal(0, 1, N)
    found = made(history(values[is_known], START_S + HOUR_S * np.flatnonzero(is_known)))
    assert found.mean.size == AHEAD
    assert np.abs(found.mean - truth[N:]).mean() < 1.5
    assert any("Nothing was measured in" in note for note in found.notes)


def test_forecast_when_cells_are_empty_then_it_is_as_if_the_rows_were_not_there(random):
    values = 50 + daily(N) + random.normal(0, 1, N)
    is_known = random.random(N) < 0.9
    is_known[-1] = True
    emptied = made(history(np.where(is_known, values, np.nan)))
    removed = made(history(values[is_known], START_S + HOUR_S * np.flatnonzero(is_known)))
    assert emptied.mean == pytest.approx(removed.mean)


def test_forecast_when_stamps_wander_and_are_shuffled_then_it_is_nearly_the_same(random):
    truth = 50 + daily(N + AHEAD)
    at_s = START_S + HOUR_S * (np.arange(N) + random.uniform(-0.1, 0.1, N))
    order = random.permutation(N)
    found = made(history((truth[:N] + random.normal(0, 1, N))[order], at_s[order]))
    assert found.step_s == HOUR_S
    assert np.abs(found.mean[: AHEAD - 1] - truth[N : N + AHEAD - 1]).mean() < 2


def test_forecast_when_measured_at_random_moments_then_the_season_is_found(random):
    at_s = np.sort(START_S + random.uniform(0, N * HOUR_S, 2 * N))
    phase = 2 * np.pi * (at_s - START_S) / DAY_S
    found = made(history(50 + 10 * np.sin(phase) + random.normal(0, 1, at_s.size), at_s))
    assert [season.name for season in found.seasons] == ["daily"]
    ahead_s = np.array([found.at(step + 1).timestamp() for step in range(found.mean.size)])
    truth = 50 + 10 * np.sin(2 * np.pi * (ahead_s - START_S) / DAY_S)
    assert np.abs(found.mean - truth).mean() < 2.5


@pytest.mark.parametrize("shifted_at", [150, 400, 650])
def test_forecast_when_the_level_has_shifted_then_it_goes_on_from_the_new_one(shifted_at, random):
    truth = 30 + daily(N + AHEAD) + np.where(hours(N + AHEAD) >= shifted_at, 25, 0)
    found = made(history(truth[:N] + random.normal(0, 2, N)))
    assert np.abs(found.mean - truth[N:]).mean() < 2.5
    assert abs(found.trend_per_day) < 0.5


def test_forecast_when_a_filling_disk_is_cleaned_then_it_fills_on_at_the_same_pace(random):
    filling = 20 + 0.08 * hours(N + AHEAD) - np.where(hours(N + AHEAD) >= 500, 30, 0)
    found = made(history(filling[:N] + random.normal(0, 0.3, N)))
    assert np.abs(found.mean - filling[N:]).mean() < 2
    assert found.trend_per_day == pytest.approx(0.08 * 24, rel=0.15)


def test_forecast_when_a_counter_starts_again_then_its_rate_is_forecast(random):
    rate = 500 + 200 * np.sin(2 * np.pi * hours(N + AHEAD) / 24)
    counted = np.cumsum((rate[:N] + random.normal(0, 10, N)) * HOUR_S)
    counted[300:] -= counted[299]
    counted[600:] -= counted[599]
    found = made(history(counted, metric="network_traffic", high=None))
    assert np.abs(found.mean - rate[N:]).mean() < 25
    assert any("counter with 2 resets:" in note for note in found.notes)
    assert found.is_rate


def test_forecast_when_a_clock_was_wrong_once_then_that_row_is_left_out_and_counted():
    rising = 60 + 28 * hours(336) / 336
    at_s = START_S + HOUR_S * hours(336)
    clean = made(history(rising, at_s))
    for stray_s in (0.0, datetime(9999, 12, 31, tzinfo=UTC).timestamp()):
        found = made(history(np.append(rising, 5.0), np.append(at_s, stray_s)))
        assert (found.step_s, found.history_end) == (HOUR_S, clean.history_end)
        assert found.mean == pytest.approx(clean.mean)
        assert any("1 row lies more than" in note for note in found.notes)


def test_forecast_when_a_share_falls_to_nothing_then_it_is_no_counter():
    filling = np.arange(N) % 240 * 0.3 + 1
    found = made(history(filling, metric="memory_usage"))
    assert not any("counter" in note for note in found.notes)
    assert not found.is_rate
    assert found.level > 60


def test_forecast_when_saturated_then_it_stays_within_bounds_and_says_what_is_hidden(random):
    values = np.clip(92 + daily(N, 15) + random.normal(0, 3, N), 0, 100)
    found = made(history(values))
    assert found.band(0.95).high.max() <= 100
    assert found.mean.max() <= 100
    assert found.mean.min() > 60
    assert any("% of the measurements are at 100" in note for note in found.notes)
    assert made(history(np.full(N, 100.0))).mean == pytest.approx(np.full(AHEAD, 100.0))


def test_forecast_when_load_nears_zero_then_it_is_never_negative(random):
    values = np.maximum(30 - 0.05 * hours(N) + random.normal(0, 2, N), 0)
    found = made(history(values, high=None, metric="network_traffic"))
    assert found.band(0.95).low.min() >= 0
    assert found.mean.min() >= 0


def test_forecast_when_one_week_had_an_incident_then_it_is_not_expected_again(random):
    values = 40 + daily(N) + weekend(N) + random.normal(0, 2, N)
    usual = made(history(values))
    values[N - 100 : N - 92] = 98
    found = made(history(values))
    assert np.abs(found.mean - usual.mean).max() < 8


def test_forecast_when_only_repeating_serves_then_the_baseline_is_served_and_says_so(random):
    pattern = random.normal(50, 20, 24)
    found = made(history(np.tile(pattern, 30)))
    assert found.mean == pytest.approx(np.tile(pattern, 7), abs=1e-6)
    assert found.backtest.mase is None or found.backtest.mase <= found.backtest.baseline_mase
    if found.model == "seasonal naive":
        assert any("repeating the last season" in note for note in found.notes)


def test_forecast_when_measured_every_ten_seconds_then_the_step_suits_the_horizon():
    found = made(history(np.full(3 * 8640, 40.0), step_s=10.0), DAY_S)
    assert found.step_s == 120
    assert found.mean.size == 720


@pytest.mark.parametrize("horizon_s", [0.0, -5.0, float("nan"), float("inf")])
def test_forecast_when_the_horizon_is_no_time_then_it_says_what_one_is(horizon_s: float):
    with pytest.raises(SettingsError, match="such as 7d"):
        forecast(history(np.full(20, 1.0)), horizon_s)


def test_forecast_when_asked_twice_then_the_answer_is_the_same(random):
    what = history(50 + daily(N) + random.normal(0, 3, N))
    first, second = made(what), made(what)
    assert (first.mean == second.mean).all()
    assert (first.band(0.8).high == second.band(0.8).high).all()


def test_forecast_when_made_then_the_history_is_untouched(random):
    values = 50 + daily(N) + random.normal(0, 3, N)
    kept = values.copy()
    made(history(values))
    assert (values == kept).all()


@pytest.mark.slow
def test_bands_when_many_series_are_simulated_then_they_hold_what_they_promise():
    random = np.random.default_rng(11)
    held = {0.5: [], 0.8: [], 0.95: []}
    told, errors, baseline = [], [], []
    for number in range(40):
        n = N + AHEAD
        growth = random.normal(0, 0.02) * hours(n)
        week = weekend(n, random.uniform(0, 20)) if number % 2 else 0
        noise = remembering(n, random.uniform(1, 5), random.uniform(0, 0.9), random)
        truth = 45 + growth + daily(n, random.uniform(0, 12)) + week + noise
        found = made(history(truth[:N], high=None))
        for level, shares in held.items():
            shares.append(inside(found, truth[N:], level))
        told.append(found.backtest.coverage80)
        errors.append(found.backtest.mase)
        baseline.append(found.backtest.baseline_mase)
    assert 0.75 <= np.mean(told) <= 0.85
    assert 0.75 <= np.mean(held[0.8]) <= 0.85
    assert 0.44 <= np.mean(held[0.5]) <= 0.58
    assert 0.91 <= np.mean(held[0.95]) <= 0.985
    assert np.mean(errors) < 0.9 * np.mean(baseline)
