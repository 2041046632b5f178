from hypothesis import given
from hypothesis import strategies as st

from core.dataset.overview.buckets import MOST_BUCKETS, buckets_for

MICROS = st.integers(-62_135_596_800_000_000, 253_402_300_799_000_000)  # the years 1 to 9999


@given(MICROS, MICROS)
def test_buckets_are_few_and_hold_the_whole_time(one: int, other: int) -> None:
    first, last = sorted((one, other))
    buckets = buckets_for(first, last)
    assert buckets.start_us <= first
    assert (last - buckets.start_us) // buckets.width_us < MOST_BUCKETS


def test_one_moment_is_one_bucket() -> None:
    assert buckets_for(5, 5).width_s == 1.0


def test_weeks_begin_on_monday_and_hours_at_full_hours() -> None:
    monday_us = 1_741_564_800_000_000  # 2025-03-10
    weeks = buckets_for(monday_us + 3 * 86_400_000_000, monday_us + 3_000 * 86_400_000_000)
    assert (weeks.width_s, weeks.start_us) == (7 * 86_400.0, monday_us)
    hours = buckets_for(monday_us + 1_800_000_000, monday_us + 400 * 3_600_000_000)
    assert (hours.width_s, hours.start_us) == (3_600.0, monday_us)
