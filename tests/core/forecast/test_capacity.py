import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from core.forecast import (
    Forecast,
    History,
    Limits,
    NoForecast,
    WhatIf,
    capacity_table,
    coverage,
    forecast_chunk,
    forecast_many,
)
from tests.core.forecast.made_up import DAY_S, history, hours

N = 24 * 10


def growing(name: str, slope: float, start: float = 40.0) -> History:
    noise = np.random.default_rng(len(name)).normal(0, 0.5, N)
    return history(start + slope * hours(N) + noise, resource=name)


@pytest.fixture(scope="module")
def forecasts() -> tuple[Forecast | NoForecast, ...]:
    fleet = [
        growing("calm", 0.0),
        growing("slow", 0.10),
        growing("fast", 0.15),
        growing("full", 0.0, start=97.0),
        history(np.array([50.0, 51.0]), resource="new"),
    ]
    return forecast_many(fleet, 10 * DAY_S)


def test_table_when_drawn_then_what_may_run_out_first_is_on_top(forecasts):
    table = capacity_table(forecasts)
    assert [row.resource for row in table] == ["full", "fast", "slow", "calm", "new"]
    assert [row.answer for row in table] == [
        "hard limit reached",
        "hard limit expected within the horizon",
        "warning limit expected within the horizon",
        "not reached within the horizon",
        "not enough history: 2 of the 8 points needed",
    ]
    fast = table[1]
    assert fast.trend_per_day == pytest.approx(3.6, rel=0.1)
    assert fast.level == pytest.approx(76, abs=1)
    assert fast.earliest == fast.crossings[0].earliest
    assert table[-1].level == 51
    assert table[-1].forecast is None


def test_table_when_there_is_no_forecast_then_the_present_level_meets_the_limits(forecasts):
    table = {row.resource: row for row in capacity_table(forecasts, {"cpu_usage": Limits(hard=50)})}
    new = table["new"]
    assert new.answer == "hard limit reached; not enough history: 2 of the 8 points needed"
    assert [one.is_reached for one in new.crossings] == [True]
    assert new.earliest == new.crossings[0].likely
    excluded = {"cpu_usage": Limits(hard=50, excluded="may be busy")}
    table = {row.resource: row for row in capacity_table(forecasts, excluded)}
    assert table["new"].crossings == ()


def test_coverage_when_some_have_no_forecast_then_they_are_counted_with_the_kind_of_reason(
    forecasts,
):
    found = coverage(capacity_table(forecasts), 7)
    assert (found.n_resources, found.n_known, found.n_forecast, found.n_without) == (7, 5, 4, 3)
    assert found.reasons == ("not enough history",)


def test_table_when_other_limits_are_given_then_they_hold(forecasts):
    table = {row.resource: row for row in capacity_table(forecasts, {"cpu_usage": Limits(hard=70)})}
    assert table["fast"].answer == "hard limit reached"
    assert [one.limit for one in table["slow"].crossings] == [70]


def test_table_when_a_limit_is_excluded_then_the_reason_stands_there(forecasts):
    excluded = Limits(warning=80, hard=95, excluded="batch machines may be busy all the time")
    row = capacity_table(forecasts, {"cpu_usage": excluded})[0]
    assert row.answer == "excluded: batch machines may be busy all the time"
    assert row.crossings == ()


def test_table_when_a_metric_has_no_limit_then_it_says_so(forecasts):
    assert {row.answer for row in capacity_table(forecasts, {}) if row.forecast} == {
        "no limit is set"
    }


def test_table_when_nothing_changes_then_what_if_is_the_same_table(forecasts):
    plain, same = capacity_table(forecasts), capacity_table(forecasts, what_if=WhatIf())
    for one, other in zip(plain, same, strict=True):
        assert (one.crossings, one.level, one.answer) == (
            other.crossings,
            other.level,
            other.answer,
        )


def test_table_when_the_load_grows_then_limits_come_sooner(forecasts):
    plain = {row.resource: row for row in capacity_table(forecasts)}
    more = {row.resource: row for row in capacity_table(forecasts, what_if=WhatIf(growth=1.2))}
    assert more["slow"].earliest < plain["slow"].earliest
    assert more["fast"].answer == "warning limit reached"


def test_many_when_worked_on_elsewhere_then_the_answers_are_the_same_and_in_order():
    fleet = [growing(f"vm-{n}", 0.01 * n) for n in range(20)]
    here = forecast_many(fleet, DAY_S)
    with ThreadPoolExecutor(2) as pool:
        there = forecast_many(fleet, DAY_S, executor=pool)
    assert [one.resource for one in there] == [one.resource for one in fleet]
    for one, other in zip(here, there, strict=True):
        assert isinstance(one, Forecast)
        assert isinstance(other, Forecast)
        assert (one.mean == other.mean).all()


def test_many_when_sent_to_another_process_then_work_and_answers_survive_it():
    work = pickle.loads(pickle.dumps((forecast_chunk, [growing("a", 0.1)], DAY_S)))  # noqa: S301
    answer = work[0](*work[1:])
    back = pickle.loads(pickle.dumps(answer))  # noqa: S301
    assert (back[0].mean == answer[0].mean).all()
    assert back[0].backtest == answer[0].backtest


def test_many_when_it_goes_on_then_progress_rises_to_one():
    told: list[float] = []
    forecast_many([growing(f"vm-{n}", 0) for n in range(20)], DAY_S, on_progress=told.append)
    assert told == sorted(told)
    assert told[0] > 0
    assert told[-1] == 1
    assert len(told) >= 3


class StoppedError(Exception):
    """What a person's click raises."""


class Counting(ThreadPoolExecutor):
    """Knows how many pieces of work were begun."""

    def __init__(self) -> None:
        super().__init__(1)
        self.begun = 0

    def submit(self, work, /, *arguments, **options):
        def counted():
            self.begun += 1
            return work(*arguments, **options)

        return super().submit(counted)


def test_many_when_stopped_then_what_has_not_begun_never_does():
    def stop(_: float) -> None:
        raise StoppedError

    fleet = [growing(f"vm-{n}", 0) for n in range(200)]
    with Counting() as pool, pytest.raises(StoppedError):
        forecast_many(fleet, DAY_S, executor=pool, on_progress=stop)
    assert pool.begun < 10
    with pytest.raises(StoppedError):
        forecast_many(fleet, DAY_S, on_progress=stop)


def test_many_when_there_is_nothing_then_there_is_nothing():
    assert forecast_many([], DAY_S) == ()
    assert capacity_table([]) == ()
