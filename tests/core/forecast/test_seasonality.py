from collections.abc import Callable

import numpy as np
import pytest

from core.forecast import Forecast, crossing, forecast
from core.forecast.seasonality import recognised
from tests.core.forecast.made_up import DAY_S, HOUR_S, daily, history, hours, weekend


def share_with_season(
    make: Callable[[np.random.Generator], np.ndarray], step_s: float, n_series: int = 200
) -> float:
    made = (make(np.random.default_rng(seed)) for seed in range(n_series))
    return float(np.mean([bool(recognised(values, step_s)) for values in made]))


def rising(days: int) -> np.ndarray:
    return 60 + 29 * hours(24 * days) / (24 * days)


@pytest.mark.parametrize("days", [14, 15, 17, 20, 28])
@pytest.mark.parametrize("noise", [0.0, 0.01, 0.5])
def test_seasons_when_load_only_rises_then_none_is_claimed(days: int, noise: float):
    values = rising(days) + np.random.default_rng(days).normal(0, noise, 24 * days)
    assert recognised(values, HOUR_S) == ()
    assert recognised(np.round(values, 1), HOUR_S) == ()


@pytest.mark.parametrize("days", [14, 17, 28])
def test_seasons_when_growth_bends_then_none_is_claimed(days: int):
    share = hours(24 * days) / (24 * days)
    for grown in (share**2, np.sqrt(share), np.expm1(3 * share), 1 / (1 + np.exp(5 - 10 * share))):
        assert recognised(60 + 29 * grown, HOUR_S) == ()


@pytest.mark.parametrize(
    ("step_s", "n"), [(DAY_S, 14), (DAY_S, 21), (DAY_S, 28), (DAY_S / 4, 8), (DAY_S / 4, 12)]
)
def test_seasons_when_few_points_are_noise_then_next_to_none_is_claimed(step_s: float, n: int):
    assert share_with_season(lambda random: random.normal(50, 2, n), step_s, 400) <= 0.04
    slope = np.linspace(0, 29, n)
    assert share_with_season(lambda random: slope + random.normal(50, 2, n), step_s, 400) <= 0.04


@pytest.mark.parametrize("slope", [0.0, 0.05])
def test_seasons_when_a_day_repeats_then_three_days_are_enough_to_see_it(slope: float):
    def make(random: np.random.Generator) -> np.ndarray:
        return 40 + slope * hours(72) + daily(72, 4) + random.normal(0, 2, 72)

    assert share_with_season(make, HOUR_S, 50) > 0.95


@pytest.mark.parametrize("slope", [0.0, 0.08])
def test_seasons_when_a_week_repeats_then_two_weeks_are_enough_to_see_it(slope: float):
    n = 24 * 14

    def make(random: np.random.Generator) -> np.ndarray:
        return 40 + slope * hours(n) + weekend(n, 12) + random.normal(0, 2, n)

    assert share_with_season(make, HOUR_S, 50) > 0.95


def test_seasons_when_one_value_a_day_is_known_then_four_weeks_show_weekends():
    def make(random: np.random.Generator) -> np.ndarray:
        return 40 + weekend(24 * 28, 8)[::24] + random.normal(0, 2, 28)

    assert share_with_season(make, DAY_S) > 0.95


@pytest.mark.parametrize("days", [14, 17, 20])
def test_forecast_when_load_rises_steadily_for_weeks_then_the_limits_day_is_told(days: int):
    found = forecast(history(rising(days)), 7 * DAY_S)
    assert isinstance(found, Forecast)
    when = crossing(found, 95.0, "hard")
    for at in (when.earliest, when.likely, when.latest):
        ahead_s = (at - found.history_end).total_seconds()
        assert ahead_s == pytest.approx(6 / 29 * days * DAY_S, abs=2 * HOUR_S)


def test_forecast_when_whole_percents_look_like_a_week_then_the_limits_day_is_told_all_the_same():
    # Eight steps in each week, which is a pattern indeed; only that a week has a trend, too.
    n = 24 * 20
    found = forecast(history(np.round(60.3 + 22.9 * hours(n) / n)), 15 * DAY_S)
    assert isinstance(found, Forecast)
    when = crossing(found, 60.3 + 1.3 * 22.9, "limit")
    for at in (when.earliest, when.likely, when.latest):
        ahead_s = (at - found.history_end).total_seconds()
        assert ahead_s == pytest.approx(6 * DAY_S, abs=DAY_S)
