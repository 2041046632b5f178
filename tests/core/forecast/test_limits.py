import numpy as np
import pytest

from core.errors import SettingsError
from core.forecast import (
    DEFAULT_LIMITS,
    Forecast,
    Limits,
    crossing,
    crossings,
    forecast,
)
from core.metrics import METRICS
from tests.core.forecast.made_up import DAY_S, HOUR_S, START_S, daily, history, hours

N = 720


def growing(slope: float, noise: float = 1.0, swing: float = 0.0, seed: int = 1) -> Forecast:
    random = np.random.default_rng(seed)
    values = 30 + slope * hours(N) + daily(N, swing) + random.normal(0, noise, N)
    found = forecast(history(values), 30 * DAY_S)
    assert isinstance(found, Forecast)
    return found


def test_crossing_when_a_limit_lies_ahead_then_the_true_date_is_between_earliest_and_latest():
    for seed in range(5):
        found = crossing(growing(0.05, seed=seed), 80.0, "warning")
        true_s = START_S + 1000 * HOUR_S
        assert found.earliest.timestamp() <= true_s <= found.latest.timestamp()
        assert found.likely.timestamp() == pytest.approx(true_s, abs=2 * DAY_S)
        assert not found.is_reached


def test_crossing_when_load_swings_daily_then_the_first_peak_over_the_limit_counts():
    found = crossing(growing(0.05, swing=10), 80.0, "warning")
    t = np.arange(N, 2000)
    truth = 30 + 0.05 * t + 10 * np.sin(2 * np.pi * t / 24)
    true_s = START_S + HOUR_S * t[truth >= 80][0]
    assert found.earliest.timestamp() <= true_s <= found.latest.timestamp()


def test_crossing_when_the_level_stays_then_the_limit_is_not_reached():
    found = crossing(growing(0.0), 80.0, "warning")
    assert (found.earliest, found.likely, found.latest) == (None, None, None)
    assert not found.is_reached


def test_crossing_when_the_level_is_over_the_limit_then_it_is_reached_now():
    ahead = growing(0.05)
    found = crossing(ahead, 50.0, "warning")
    assert found.is_reached
    assert found.earliest == found.likely == found.latest == ahead.history_end


def test_crossing_when_dates_are_given_then_they_are_in_order_and_within_the_horizon():
    ahead = growing(0.05, noise=4)
    for limit in (68.0, 75.0, 85.0, 95.0, 99.0):
        found = crossing(ahead, limit, "limit")
        dates = [at for at in (found.earliest, found.likely, found.latest) if at is not None]
        assert dates == sorted(dates)
        assert all(ahead.history_end < at <= ahead.at(ahead.mean.size) for at in dates)


def test_crossing_when_the_limit_is_higher_then_no_date_is_sooner():
    ahead = growing(0.05)
    lower, higher = crossing(ahead, 75.0, "warning"), crossing(ahead, 80.0, "hard")
    assert lower.earliest < higher.earliest
    assert lower.likely < higher.likely


def test_crossings_when_limits_are_set_then_each_is_answered_by_name():
    ahead = growing(0.05)
    found = crossings(ahead, Limits(warning=75.0, hard=85.0))
    assert [(one.name, one.limit) for one in found] == [("warning", 75.0), ("hard", 85.0)]
    assert [one.name for one in crossings(ahead, Limits(hard=85.0))] == ["hard"]
    assert crossings(ahead, Limits()) == ()
    assert crossings(ahead, Limits(warning=75.0, excluded="a batch machine is always busy")) == ()


def test_limits_when_they_make_no_sense_then_it_says_why():
    with pytest.raises(SettingsError, match=r"90.*above.*80"):
        Limits(warning=90.0, hard=80.0)
    with pytest.raises(SettingsError, match="nan"):
        Limits(warning=float("nan"))


def test_default_limits_when_a_share_is_meant_then_they_lie_within_it():
    for name in ("cpu_usage", "memory_usage", "cpu_percent", "memory_percent", "disk_percent"):
        assert 50 < DEFAULT_LIMITS[name].warning < DEFAULT_LIMITS[name].hard <= 100
    known = {spec.name for spec in METRICS}
    assert {name for name in DEFAULT_LIMITS if name.endswith(("percent", "per_s"))} <= known
