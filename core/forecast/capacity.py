"""Many series at once, and the table of what runs out when."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor, as_completed
from dataclasses import dataclass
from datetime import UTC, datetime

from core.forecast.limits import DEFAULT_LIMITS, Crossing, Limits, crossings, reached
from core.forecast.outlook import Forecast, NoForecast, forecast
from core.forecast.series import History
from core.forecast.what_if import WhatIf, applied

__all__ = [
    "CapacityRow",
    "Coverage",
    "capacity_table",
    "coverage",
    "forecast_chunk",
    "forecast_many",
]

# Small enough for progress that moves, large enough that sending them costs nothing.
_CHUNK = 8
_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CapacityRow:
    """One metric of one machine, or of the fleet.

    `level` is None where nothing was measured, `trend_per_day` where there is no forecast. `answer`
    says in words what the dates say, or why there are none. `forecast` is None where there is none,
    and `reason` says why; the `crossings` are then of the limits that the level has reached.
    `is_rate`: values and limits are the rate per second of a counter.
    """

    resource: str
    metric: str
    level: float | None
    trend_per_day: float | None
    crossings: tuple[Crossing, ...]
    answer: str
    forecast: Forecast | None
    reason: str | None = None
    is_rate: bool = False

    @property
    def earliest(self) -> datetime | None:
        """When the first of the limits may be reached."""
        return min((c.earliest for c in self.crossings if c.earliest is not None), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How many of `n_resources` have a forecast, in one metric at least, and how many do not.

    `n_known` of them were measured, so that they can be compared with their limits. `reasons` are
    the kinds of reasons why there is no forecast.
    """

    n_resources: int
    n_known: int
    n_forecast: int
    n_without: int
    reasons: tuple[str, ...]


def forecast_many(
    histories: Sequence[History],
    horizon_s: float,
    *,
    executor: Executor | None = None,
    on_progress: Callable[[float], None] | None = None,
) -> tuple[Forecast | NoForecast, ...]:
    """Return the forecast of each history, in their order.

    Parameters
    ----------
    histories : sequence of History
    horizon_s : float
        How far ahead, in seconds.
    executor : Executor, optional
        Where chunks of series are worked on, such as a ProcessPoolExecutor or what a Dask client
        hands out; here and now without one.
    on_progress : callable, optional
        Is told the fraction done (0-1). What it raises ends the work: chunks that have not begun
        are cancelled.
    """
    chunks = [histories[n : n + _CHUNK] for n in range(0, len(histories), _CHUNK)]
    found: dict[int, tuple[Forecast | NoForecast, ...]] = {}

    def done(number: int, results: tuple[Forecast | NoForecast, ...]) -> None:
        found[number] = results
        if on_progress is not None:
            on_progress(len(found) / len(chunks))

    if executor is None:
        for number, chunk in enumerate(chunks):
            done(number, forecast_chunk(chunk, horizon_s))
    else:
        futures = {
            executor.submit(forecast_chunk, chunk, horizon_s): number
            for number, chunk in enumerate(chunks)
        }
        try:
            for future in as_completed(futures):
                done(futures[future], future.result())
        finally:
            for future in futures:
                future.cancel()
    return tuple(result for number in sorted(found) for result in found[number])


def forecast_chunk(
    histories: Sequence[History], horizon_s: float
) -> tuple[Forecast | NoForecast, ...]:
    """Return the forecast of each history: the piece of work that a worker process is given."""
    return tuple(forecast(history, horizon_s) for history in histories)


def capacity_table(
    forecasts: Iterable[Forecast | NoForecast],
    limits: Mapping[str, Limits] = DEFAULT_LIMITS,
    what_if: WhatIf | None = None,
) -> tuple[CapacityRow, ...]:
    """Return one row for each forecast, what may reach a limit first on top.

    `limits` by metric; one that is not named has none. Nothing is fitted here, so that other limits
    and a `what_if` are answered at once. Where there is no forecast the present level is compared
    with the limits, whatever the `what_if`.
    """
    rows = [_row(one, limits.get(one.metric, Limits()), what_if) for one in forecasts]
    return tuple(sorted(rows, key=lambda row: (row.earliest or _NEVER, row.resource, row.metric)))


def coverage(rows: Iterable[CapacityRow], n_resources: int) -> Coverage:
    """Return how many of `n_resources`, of which `rows` may leave out some, have a forecast."""
    rows = tuple(rows)
    ahead = {row.resource for row in rows if row.forecast is not None}
    others = [row.reason for row in rows if row.resource not in ahead and row.reason is not None]
    return Coverage(
        n_resources=n_resources,
        n_known=len({row.resource for row in rows if row.level is not None}),
        n_forecast=len(ahead),
        n_without=max(0, n_resources - len(ahead)),
        reasons=tuple(sorted({reason.partition(":")[0] for reason in others})),
    )


def _row(one: Forecast | NoForecast, limits: Limits, what_if: WhatIf | None) -> CapacityRow:
    if isinstance(one, NoForecast):
        return _row_of_now(one, limits)
    ahead = one if what_if is None else applied(one, what_if)
    found = crossings(ahead, limits)
    return CapacityRow(
        resource=one.resource,
        metric=one.metric,
        level=ahead.level,
        trend_per_day=ahead.trend_per_day,
        crossings=found,
        answer=_answer(limits, found),
        forecast=ahead,
        is_rate=one.is_rate,
    )


def _row_of_now(one: NoForecast, limits: Limits) -> CapacityRow:
    found: tuple[Crossing, ...] = ()
    if one.level is not None and one.history_end is not None:
        found = reached(one.level, one.history_end, limits)
    return CapacityRow(
        resource=one.resource,
        metric=one.metric,
        level=one.level,
        trend_per_day=None,
        crossings=found,
        answer=f"{_answer(limits, found)}; {one.reason}" if found else one.reason,
        forecast=None,
        reason=one.reason,
        is_rate=one.is_rate,
    )


def _answer(limits: Limits, found: Sequence[Crossing]) -> str:
    if limits.excluded is not None:
        return f"excluded: {limits.excluded}"
    if not found:
        return "no limit is set"
    reached = [one.name for one in found if one.is_reached]
    if reached:
        return f"{reached[-1]} limit reached"
    likely = [one.name for one in found if one.likely is not None]
    if likely:
        return f"{likely[-1]} limit expected within the horizon"
    if any(one.earliest is not None for one in found):
        return "possible within the horizon, not expected"
    return "not reached within the horizon"
