import math
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from core import quantities

AT = datetime(2026, 11, 21, 23, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ratio", "text"),
    [
        (0.0, "under 1 %"),
        (0.0099, "under 1 %"),
        (0.01, "1 %"),
        (0.034, "3 %"),
        (0.91, "91 %"),
        (0.99, "99 %"),
        (0.996, "over 99 %"),
        (1.0, "over 99 %"),
    ],
)
def test_percent_when_near_an_end_then_it_never_claims_certainty(ratio: float, text: str) -> None:
    assert quantities.percent(ratio) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (0.001, "under 0.01"),
        (0.25, "0.25"),
        (0.999, "1"),
        (1.84, "1.8"),
        (2.0, "2"),
        (9.97, "10"),
        (61.2, "61"),
        (91.0, "91"),
        (99.96, "100"),
        (412.3, "412"),
        (999.7, "1,000"),
        (12438, "12,400"),
        (1_234_567, "1,230,000"),
        (-3.25, "-3.2"),
        (-0.001, "0"),
        (float("nan"), "?"),
        (float("-inf"), "?"),
    ],
)
def test_rounded_when_written_then_it_has_three_significant_digits_at_most(
    value: float, text: str
) -> None:
    assert quantities.rounded(value) == text


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (91.4, "%", "91 %"),
        (61, "°C", "61 °C"),
        (1_840_000, "B/s", "1.8 MB/s"),
        (999_700, "B/s", "1 MB/s"),
        (640, "B/s", "640 B/s"),
        (5e19, "B/s", "50,000 PB/s"),
        (12.4, "ms", "12 ms"),
        (2500, "ms", "2.5 s"),
        (0, "1/s", "0 per s"),
        (0.002, "1/s", "under 0.01 per s"),
        (312, "", "312"),
        (1_036_800, "s", "12 days"),
    ],
)
def test_quantity_when_written_then_it_carries_its_unit(value: float, unit: str, text: str) -> None:
    assert quantities.quantity(value, unit) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (0.5, "0.5 s"),
        (50, "50 s"),
        (99, "99 s"),
        (120, "2 min"),
        (3600, "60 min"),
        (12_600, "3.5 h"),
        (86_400, "24 h"),
        (216_000, "2.5 days"),
        (1_036_800, "12 days"),
    ],
)
def test_duration_when_written_then_it_uses_the_unit_people_would(
    seconds: float, text: str
) -> None:
    assert quantities.duration(seconds) == text


def test_duration_range_when_said_then_in_one_unit_where_that_says_both_ends() -> None:
    assert quantities.duration_range(240, 420) == "4-7 min"
    assert quantities.duration_range(40, 420) == "40 s to 7 min"
    assert quantities.duration_range(120, 86_400) == "2 min to 24 h"
    assert quantities.duration_range(0, 30) == "0-30 s"
    assert quantities.duration_range(20, 45) == "20-45 s"
    assert quantities.duration_range(290, 310) == "about 5 min"
    assert quantities.duration_range(32_040, math.inf) == "8.9 h or more"


def test_age_when_a_clock_jump_put_the_moment_into_the_future_then_it_is_zero() -> None:
    assert quantities.age(-3) == "0 s ago"
    assert quantities.duration(-3600) == "0 s"
    assert quantities.age(180) == "3 min ago"


def test_moment_when_written_then_it_is_local_on_screen_and_exact_in_utc() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    assert quantities.clock(AT, berlin) == "00:04:05"
    assert quantities.moment(AT, berlin) == "22 Nov, 00:04:05"
    assert quantities.utc(AT.astimezone(berlin)) == "2026-11-21 23:04:05 UTC"
