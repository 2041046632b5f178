import numpy as np
import pytest

from core.stray_times import bulk_of

DAY_S = 86_400.0
YEAR_S = 365.25 * DAY_S
HOURLY = 56.5 * YEAR_S + 3600.0 * np.arange(300)


def test_bulk_when_a_few_clocks_were_wrong_then_their_rows_lie_outside():
    times = np.sort(np.concatenate([[0.0, 30 * YEAR_S], HOURLY, [7000 * YEAR_S]]))
    bulk = bulk_of(times)
    assert (times[bulk.inside] == HOURLY).all()
    assert bulk.n_outside == 3
    assert bulk.left_out(3) == "3 rows lie more than 26 years from all others and are left out."
    assert bulk.left_out(1) == "1 row lies more than 26 years from all others and is left out."


@pytest.mark.parametrize(
    "before_s",
    [
        pytest.param([10 * DAY_S], id="less than a season off"),
        pytest.param([YEAR_S + DAY_S * n for n in range(40)], id="more than a tenth of all"),
    ],
)
def test_bulk_when_it_may_well_be_so_then_all_rows_are_in_it(before_s):
    times = np.sort(np.concatenate([HOURLY[0] - np.array(before_s), HOURLY]))
    bulk = bulk_of(times)
    assert (times[bulk.inside] == times).all()
    assert bulk.n_outside == 0


def test_bulk_when_years_are_recorded_then_a_row_a_year_before_is_an_early_one():
    times = np.concatenate([[0.0], np.linspace(YEAR_S, 3 * YEAR_S, 2000)])
    assert bulk_of(times).n_outside == 0


def test_bulk_when_rows_come_in_groups_then_they_are_counted():
    day = np.array([0.0, 100 * YEAR_S, 100 * YEAR_S + DAY_S])
    bulk = bulk_of(day, day + DAY_S, np.array([7, 500, 400]))
    assert (bulk.inside, bulk.n_outside) == (slice(1, 3), 7)
    assert "7 rows lie more than 99 years" in bulk.told(7)


@pytest.mark.parametrize("times", [[], [5.0], [5.0, 5.0], [0.0, YEAR_S]])
def test_bulk_when_there_is_next_to_nothing_then_all_of_it_is_kept(times):
    bulk = bulk_of(np.array(times))
    assert (bulk.inside, bulk.n_outside) == (slice(0, len(times)), 0)
