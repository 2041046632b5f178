"""Measurements as they come, and the regular series that is made of them."""

import math
from dataclasses import dataclass, replace

import numpy as np

from core.errors import MissingDataError
from core.metrics import FloatArray
from core.stray_times import bulk_of

__all__ = [
    "History",
    "RegularSeries",
    "in_order",
    "rates",
    "regular",
    "step_s_of",
    "usual_step_s",
    "without_strays",
]

# Steps that people know, of which a day or an hour is a whole multiple.
_STEPS_S = (
    *(1, 2, 5, 10, 15, 30),
    *(60 * minutes for minutes in (1, 2, 5, 10, 15, 30)),
    *(3600 * hours for hours in (1, 2, 3, 4, 6, 12, 24, 168)),
)
# More points than this say nothing about the weeks ahead that these do not, and take longer.
_MAX_POINTS = 2200
# Most neighbours are this close; gaps are the rest.
_USUAL_SPACING_QUANTILE = 0.8
# A drop to below this share of the value before is a counter that started again.
_RESET_SHARE = 0.1
_MIN_COUNTER_POINTS = 12
_SATURATED_SHARE = 0.02
_LONG_GAP_SHARE = 0.1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class History:
    """What was measured of one metric of one machine, or of the fleet.

    Attributes
    ----------
    resource : str
        The machine's name, or what else people call it.
    metric : str
    at_s : ndarray of shape (n,)
        When, in seconds since 1970 (UTC), in any order, at any spacing.
    values : ndarray of shape (n,)
        NaN where nothing was measured.
    low, high : float or None
        What is physically possible: 0 and 100 for percent. Forecasts stay within it.
    n_hosts : int
        How many machines the values stand for.
    spreads : bool
        Whether the values are a mean share over machines, which more of them would lower.
    is_rate : bool
        Whether the values are a counter's rate per second already.
    notes : tuple of str
        Sentences on what a reader should know of how it came about.
    """

    resource: str
    metric: str
    at_s: FloatArray
    values: FloatArray
    low: float | None = None
    high: float | None = None
    n_hosts: int = 1
    spreads: bool = False
    is_rate: bool = False
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RegularSeries:
    """Values of shape (n,), one every `step_s`, the last one at `end_s`, without gaps.

    `is_rate`: they are the rate per second of a counter. `notes` are sentences on what was done to
    get there.
    """

    values: FloatArray
    step_s: float
    end_s: float
    is_rate: bool = False
    notes: tuple[str, ...] = ()


def regular(
    history: History,
    *,
    step_s: float | None = None,
    horizon_s: float = 0.0,
    is_among_counters: bool = False,
) -> RegularSeries:
    """Return a history as a regular series: means per step, gaps bridged by straight lines.

    The step is chosen from the spacing of the measurements where none is given, coarse enough for
    what is to be seen `horizon_s` ahead. A counter, which only rises and sometimes starts again
    near zero, becomes its rate per second; a share (with an upper bound) never is one. Where others
    like it are counters (`is_among_counters`), one that has not started again yet is one, too.

    Raises
    ------
    MissingDataError
        There is no measurement at all.
    """
    at_s, values = in_order(history)
    notes = list(history.notes)
    may_count = history.high is None and not history.is_rate and at_s[-1] > at_s[0]
    is_counter = may_count and _is_counter(values, is_among_counters)
    if is_counter:
        n_resets = int((np.diff(values) < 0).sum())
        at_s, values = at_s[1:], rates(at_s, values)
        resets = "1 reset" if n_resets == 1 else f"{n_resets} resets"
        notes.append(f"Read as a counter with {resets}: the forecast is of its rate per second.")
    if step_s is None:
        step_s = step_s_of(at_s, horizon_s)
    # Steps are counted back from the last measurement, so that the last one is whole.
    back = np.rint((at_s[-1] - at_s) / step_s).astype(np.int64)
    index = back[0] - back
    counts = np.bincount(index)
    with np.errstate(invalid="ignore"):
        means = np.bincount(index, weights=values) / counts
    filled = np.flatnonzero(counts)
    series = np.interp(np.arange(counts.size), filled, means[filled])
    longest_gap = int(np.diff(filled).max(initial=1)) - 1
    if longest_gap > max(1, _LONG_GAP_SHARE * counts.size):
        notes.append(
            f"Nothing was measured in {counts.size - filled.size} of {counts.size} steps; they were"
            " bridged by straight lines."
        )
    if history.high is not None:
        share = float((values >= history.high - 1e-9).mean())
        if share >= _SATURATED_SHARE:
            notes.append(
                f"{share:.0%} of the measurements are at {history.high:g}: how much more was asked "
                "for cannot be seen."
            )
    return RegularSeries(
        values=series,
        step_s=float(step_s),
        end_s=float(at_s[-1]),
        is_rate=is_counter or history.is_rate,
        notes=tuple(notes),
    )


def step_s_of(at_s: FloatArray, horizon_s: float = 0.0) -> float:
    """Return the step (s) that fits measurements at the sorted times `at_s`."""
    if at_s.size < 2:
        return float(_STEPS_S[0])
    usual = float(np.quantile(np.diff(at_s), _USUAL_SPACING_QUANTILE))
    # A tenth less: clocks wander.
    return usual_step_s(0.9 * usual, float(at_s[-1] - at_s[0]), horizon_s)


def usual_step_s(least_s: float, *spans_s: float) -> float:
    """Return a step (s) of at least `least_s` that people know.

    None of the spans has many more than 2,200 of them, however long it is.
    """
    least_s = max(least_s, *(span_s / _MAX_POINTS for span_s in spans_s))
    longest_s = _STEPS_S[-1]
    whole = math.ceil(least_s / longest_s) * longest_s
    return float(next((step for step in _STEPS_S if step >= least_s), whole))


def without_strays(history: History) -> History:
    """Return the history without the few times far off all others, which its notes then count.

    One row with the wrong year would make the step as coarse as centuries need it.

    Raises
    ------
    MissingDataError
        There is no measurement at all.
    """
    at_s, values = in_order(history)
    bulk = bulk_of(at_s)
    if not bulk.n_outside:
        return history
    return replace(
        history,
        at_s=at_s[bulk.inside],
        values=values[bulk.inside],
        notes=(*history.notes, bulk.left_out(bulk.n_outside)),
    )


def in_order(history: History) -> tuple[FloatArray, FloatArray]:
    """Return the times (s) and values that were measured, the oldest first.

    Raises
    ------
    MissingDataError
        There is no measurement at all.
    """
    is_known = np.isfinite(history.values) & np.isfinite(history.at_s)
    at_s, values = history.at_s[is_known], history.values[is_known]
    if not at_s.size:
        raise MissingDataError(
            f"Nothing was measured of {history.metric} of {history.resource}; bring rows with "
            "values."
        )
    order = np.argsort(at_s, kind="stable")
    return at_s[order], values[order]


def _is_counter(values: FloatArray, is_among_counters: bool) -> bool:
    """Whether values rise strictly but where they start again near zero, at least once.

    Among counters it is enough that they never fall but there.
    """
    falls = np.diff(values) < 0
    is_reset = values[1:] < _RESET_SHARE * values[:-1]
    if values.min() < 0 or not is_reset[falls].all():
        return False
    if is_among_counters:
        return True
    rises = np.diff(values) > 0
    is_long = values.size >= _MIN_COUNTER_POINTS
    return bool(is_long and falls.any() and rises.sum() > 0.8 * values.size)


def rates(at_s: FloatArray, values: FloatArray) -> FloatArray:
    """Return the rate per second between neighbours, of shape (n - 1,), of a counter.

    After a reset it counts from zero. The times (s) are in order and not all the same.

    As Prometheus' `rate` does it: https://prometheus.io/docs/prometheus/latest/querying/functions/
    """
    steps = np.diff(values)
    increments = np.where(steps < 0, values[1:], steps)
    spans_s = np.diff(at_s)
    with np.errstate(divide="ignore", invalid="ignore"):
        rates = np.where(spans_s > 0, increments / spans_s, np.nan)
    known = np.isfinite(rates)
    return np.asarray(np.interp(np.arange(rates.size), np.flatnonzero(known), rates[known]))
