"""What the Dashboard's line and card say of rows of every kind."""

from datetime import UTC, datetime, timedelta

import pytest

from core.fleet_jobs import FLEET, capacity_rows
from core.forecast import CapacityRow, Crossing, Forecast, Limits, NoForecast, forecast
from pages.ui import capacity_words
from tests.core.forecast.made_up import DAY_S, history, hours

LIMITS = {"cpu_usage": Limits(warning=80.0, hard=95.0)}
SHORT = "not enough history: 7 of the 8 points needed"


def steady(resource: str, level: float = 40.0, slope: float = 0.0) -> Forecast | NoForecast:
    values = level + slope * hours(100) + 0.1 * (hours(100) % 2)
    return forecast(history(values, resource=resource), 2 * DAY_S)


def unknown(resource: str, level: float | None, reason: str = SHORT) -> NoForecast:
    return NoForecast(
        resource=resource,
        metric="cpu_usage",
        reason=reason,
        n_points=7,
        history_end=datetime(2026, 3, 2, tzinfo=UTC),
        level=level,
    )


def rows_of(*forecasts: Forecast | NoForecast) -> tuple[CapacityRow, ...]:
    return capacity_rows(forecasts, LIMITS, {})


def line(n_vms: int, *forecasts: Forecast | NoForecast) -> str:
    rows = rows_of(*forecasts)
    return capacity_words.line(n_vms, rows, capacity_words.next_limit(rows), 2 * DAY_S)


def card(*forecasts: Forecast | NoForecast) -> tuple[str, str]:
    return capacity_words.card(capacity_words.next_limit(rows_of(*forecasts)))


def test_line_when_nothing_is_forecast_then_present_levels_count_and_no_limit_is_promised():
    full = [unknown(f"vm-{n}", 99.0) for n in range(5)]
    assert line(5, *full) == "5 VMs, 5 need attention; none forecast: not enough history."
    assert card(*full) == ("–", "no forecast")
    calm = [unknown(f"vm-{n}", 30.0) for n in range(5)]
    assert line(5, *calm) == "5 VMs, none needs attention; none forecast: not enough history."


def test_line_when_all_are_forecast_then_it_says_how_far_ahead_nothing_happens():
    calm = [steady(FLEET), steady("vm-0")]
    assert line(1, *calm) == "1 VM, none needs attention, no limit ahead within 2 days."
    assert card(*calm) == ("–", "none ahead")


def test_line_when_some_are_forecast_then_the_others_are_counted():
    some = [steady("vm-0"), unknown("vm-1", 99.0), unknown("vm-2", 10.0)]
    assert line(3, *some) == (
        "3 VMs, 1 needs attention, no other limit ahead within 2 days; "
        "2 of 3 not forecast: not enough history."
    )
    assert card(*some) == ("–", "none ahead where forecast")


def test_line_when_a_limit_is_ahead_then_it_is_named_whatever_is_not_forecast():
    said = line(2, steady("vm-0", 55.0, 0.2), unknown("vm-1", None))
    assert said.startswith("2 VMs, 1 of the 1 looked at needs attention, next limit: CPU of vm-0")
    assert said.endswith("; 1 of 2 not forecast: not enough history.")


def test_line_when_only_the_fleet_is_known_then_nothing_is_said_of_its_vms():
    assert line(20_000, steady(FLEET)) == (
        "20,000 VMs, no limit of the fleet ahead within 2 days; none forecast."
    )
    assert line(3) == "3 VMs; none forecast."


@pytest.mark.parametrize(
    ("hours_ahead", "said"),
    [
        ((40, 47, 60), "in 1.7-2.5 days"),
        ((1, 47, 720), "any time within 30 days, likely in 47 h"),
        ((1, None, 720), "any time within 30 days"),
        ((40, 47, None), "in 40 h or later, likely in 47 h"),
        ((40, None, None), "in 40 h or later"),
        ((None, None, None), "not reached within the horizon"),
    ],
)
def test_when_a_limit_comes_is_said_by_its_earliest_and_latest_and_where_these_say_little_by_likely(
    hours_ahead, said
):
    now = datetime(2026, 3, 2, tzinfo=UTC)
    earliest, likely, latest = (
        None if hour is None else now + timedelta(hours=hour) for hour in hours_ahead
    )
    crossing = Crossing(
        name="warning",
        limit=80.0,
        earliest=earliest,
        likely=likely,
        latest=latest,
        is_reached=False,
    )
    assert capacity_words.when(crossing, now) == said
