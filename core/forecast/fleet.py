"""The histories of machines, and of all of them together, from the rows of a fleet's telemetry."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from core.errors import MissingDataError
from core.forecast.series import (
    History,
    RegularSeries,
    in_order,
    regular,
    step_s_of,
    usual_step_s,
)
from core.metrics import FloatArray
from core.stray_times import bulk_of

__all__ = ["FLEET_METRICS", "FleetMetric", "fleet_history", "machine_histories"]

FLEET = "fleet"


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetMetric:
    """A measured column of the fleet: its bounds, and how machines add up.

    `is_summed`: the fleet's value is the sum over machines; otherwise it is their mean.
    """

    name: str
    label: str
    unit: str
    high: float | None = None
    is_summed: bool = False
    low: float = 0.0


FLEET_METRICS: tuple[FleetMetric, ...] = (
    FleetMetric(name="cpu_usage", label="CPU", unit="%", high=100.0),
    FleetMetric(name="memory_usage", label="Memory", unit="%", high=100.0),
    # Traffic and power are in the unit of the file, which nobody tells.
    FleetMetric(name="network_traffic", label="Network", unit="", is_summed=True),
    FleetMetric(name="power_consumption", label="Power", unit="", is_summed=True),
)


def machine_histories(
    machines: npt.NDArray[np.object_], at_s: FloatArray, values: FloatArray, metric: FleetMetric
) -> tuple[History, ...]:
    """Return the history of each machine, in the order of their names.

    `machines` (names), `at_s` (seconds since 1970, UTC) and `values` are of shape (n_rows,), in any
    order; rows without name, time or value are passed over, and machines without any other row.
    """
    import pandas as pd

    codes, names = pd.factorize(machines, sort=True)
    is_known = np.isfinite(at_s) & np.isfinite(values) & (codes >= 0)
    rows = np.flatnonzero(is_known)
    rows = rows[np.argsort(codes[rows], kind="stable")]
    parts = np.split(rows, np.searchsorted(codes[rows], np.arange(1, len(names))))
    return tuple(
        History(
            resource=str(name),
            metric=metric.name,
            at_s=at_s[part],
            values=values[part],
            low=metric.low,
            high=metric.high,
        )
        for name, part in zip(names, parts, strict=False)
        if part.size
    )


def fleet_history(histories: Sequence[History], metric: FleetMetric) -> History:
    """Return the mean, or the sum, of one metric over machines as one history.

    A machine counts from its first to its last measurement; its gaps in between are bridged, so
    that a machine that was silent for an hour does not look like load that went away. A few rows
    far off all others in time are left out, which the notes say. Where a machine's values are a
    counter, those of all that never fall are: the sum is of their rates.

    Raises
    ------
    MissingDataError
        There is no measurement at all.
    """
    measured = [history for history in histories if np.isfinite(history.values).any()]
    if not measured:
        raise MissingDataError(f"Nothing was measured of {metric.name}; bring rows with values.")
    measured, notes = _together(measured)
    start_s = min(history.at_s[0] for history in measured)
    end_s = max(history.at_s[-1] for history in measured)
    step_s = usual_step_s(_spacing_s(measured), float(end_s - start_s))
    n_steps = int(np.rint((end_s - start_s) / step_s)) + 1
    total, alive = np.zeros(n_steps), np.zeros(n_steps)
    series = [regular(history, step_s=step_s) for history in measured]
    is_rate = any(one.is_rate for one in series)
    if is_rate:
        series = _as_counters(measured, step_s)
        notes = (*notes, "Read as counters: the forecast is of their rates per second.")
    for one in series:
        last = n_steps - 1 - int(np.rint((end_s - one.end_s) / step_s))
        first = max(0, last + 1 - one.values.size)
        total[first : last + 1] += one.values[-(last + 1 - first) :]
        alive[first : last + 1] += 1
    with np.errstate(invalid="ignore", divide="ignore"):
        values = total if metric.is_summed else total / alive
    steps = np.flatnonzero(alive)
    return History(
        resource=FLEET,
        metric=metric.name,
        at_s=end_s - (n_steps - 1 - steps) * step_s,
        values=values[steps],
        low=metric.low,
        high=metric.high,
        n_hosts=len(measured),
        spreads=not metric.is_summed,
        is_rate=is_rate,
        notes=notes,
    )


def _as_counters(measured: Sequence[History], step_s: float) -> list[RegularSeries]:
    """Return the machines' rates; of one that was measured once there is none."""
    counted = [history for history in measured if history.at_s[-1] > history.at_s[0]]
    return [regular(history, step_s=step_s, is_among_counters=True) for history in counted]


def _together(measured: Sequence[History]) -> tuple[list[History], tuple[str, ...]]:
    """Return the histories in order, without what lies far off all of them, and a note on that."""
    ordered = [in_order(history) for history in measured]
    times = np.sort(np.concatenate([at_s for at_s, _ in ordered]))
    bulk = bulk_of(times)
    since_s, until_s = times[bulk.inside][0], times[bulk.inside][-1]
    found = []
    for history, (at_s, values) in zip(measured, ordered, strict=True):
        first, end = np.searchsorted(at_s, since_s), np.searchsorted(at_s, until_s, "right")
        if first < end:
            found.append(replace(history, at_s=at_s[first:end], values=values[first:end]))
    return found, (bulk.left_out(bulk.n_outside),) if bulk.n_outside else ()


def _spacing_s(measured: Sequence[History]) -> float:
    """Return how far apart (s) measurements usually are; one alone does not tell."""
    series = [history.at_s for history in measured if history.at_s[-1] > history.at_s[0]]
    if not series:
        series = [np.sort(np.concatenate([history.at_s for history in measured]))]
    return float(np.median([step_s_of(at_s) for at_s in series]))
