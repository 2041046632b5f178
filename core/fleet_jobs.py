"""What joins dataset, forecast and store: the long work on the fleet, and its capacity table.

The work is in functions for `core.background`.
"""

import pickle
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np

from core.background import Progress
from core.dataset.anomalies import Anomalies, Detection, learn
from core.dataset.manifest import ImportedDataset
from core.dataset.overview import Filters, Fleet
from core.dataset.overview.results import MomentArray
from core.fleet_span import FleetSpan, span_of
from core.forecast import (
    FLEET_METRICS,
    CapacityRow,
    FleetMetric,
    Forecast,
    History,
    Limits,
    NoForecast,
    WhatIf,
    capacity_table,
    forecast_many,
    machine_histories,
    rates,
)
from core.metrics import METRIC_NAMES, FloatArray, metric_spec
from core.store import Store
from core.whole_fleet import MOST_MACHINES, fleet_histories, left_out, machines_of

__all__ = [
    "FLEET",
    "HOST_METRICS",
    "Course",
    "FleetForecasts",
    "FoundAnomalies",
    "HostForecasts",
    "by_urgency",
    "capacity_rows",
    "find_anomalies",
    "forecast_fleet",
    "forecast_host",
]

HOST_METRICS = ("cpu_percent", "memory_percent", "disk_percent")
"""What of this host has a limit."""

FLEET = "fleet"
"""How the fleet as a whole is called among the resources."""

# Twice as many as a forecast looks at.
_POINTS = 4_400
_MACHINES_AT_ONCE = 50
_MEMORY_MB = 400
_SHARE_READ = 0.1
_DRAWN_POINTS = 500
_LEAST_HORIZON_S = 3600.0
_SUMMED = frozenset(metric.name for metric in FLEET_METRICS if metric.is_summed)
_NEVER = datetime.max.replace(tzinfo=UTC)

_COLUMNS = ", ".join(f"avg({metric.name}) AS {metric.name}" for metric in FLEET_METRICS)
_POINTS_OF = f"""
SELECT vm_id, avg(epoch_us(timestamp)) / 1e6 AS at_s, {_COLUMNS} FROM fleet
WHERE epoch_us(timestamp) BETWEEN $since AND $until AND vm_id IN (SELECT unnest($machines))
GROUP BY vm_id, epoch_us(timestamp) // $width
"""  # noqa: S608 - names of our own
_POINTS_OF_ALL = f"""
SELECT avg(epoch_us(timestamp)) / 1e6 AS at_s, {_COLUMNS} FROM fleet
WHERE epoch_us(timestamp) BETWEEN $since AND $until GROUP BY epoch_us(timestamp) // $width
"""  # noqa: S608 - names of our own


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Course:
    """How a metric went, for drawing: arrays of shape (n,), the lowest, mean and highest values.

    `at` is in UTC.
    """

    resource: str
    metric: str
    at: MomentArray
    low: FloatArray
    mean: FloatArray
    high: FloatArray

    def as_rate(self) -> "Course":
        """Return how fast a counter rose, per second, as forecasts take it.

        Its highest value in a part is the one at the end, or where it started again.
        """
        at, highest = self.at[np.isfinite(self.high)], self.high[np.isfinite(self.high)]
        if at.size < 2:
            return self
        rate = rates(at.astype("datetime64[us]").astype(np.int64) / 1e6, highest)
        return replace(self, at=at[1:], low=rate, mean=rate, high=rate)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HostForecasts:
    """The forecasts of this host, and how its metrics went."""

    forecasts: tuple[Forecast | NoForecast, ...]
    courses: tuple[Course, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FleetForecasts:
    """The forecasts of the fleet, then of its machines, each in every metric that was measured.

    `courses` are those of the fleet. `n_machines` of the `n_vms` machines were forecast: at most
    500, those with the most measurements, and none with fewer than 8. Of the others those with the
    highest load, at most 500, are among `forecasts` with the reason why they have none.
    `horizon_s` is how far ahead was looked, in seconds.
    """

    forecasts: tuple[Forecast | NoForecast, ...]
    courses: tuple[Course, ...]
    n_machines: int
    n_vms: int
    horizon_s: float

    @property
    def why_unknown(self) -> str:
        """Why there is nothing in `forecasts` on a machine, as a sentence."""
        if self.n_machines == MOST_MACHINES:
            return (
                f"Only the {MOST_MACHINES} VMs with the most measurements are forecast, and it is "
                "not among them."
            )
        if not self.n_machines:
            return "The VMs have too few measurements with a time for forecasts of their own."
        return "It has too few measurements with a time for a forecast of its own."


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FoundAnomalies:
    """The anomalies of a selection, how they were found, and by what, pickled."""

    anomalies: Anomalies
    detection: Detection
    detector: bytes


def forecast_fleet(
    dataset: ImportedDataset, horizon_s: float, progress: Progress
) -> FleetForecasts:
    """Return what is expected of the fleet and its machines for `horizon_s` seconds.

    No further ahead than three times as long as was measured, as `forecast_host`. Where no machine
    has a history of its own, the fleet's shares (CPU, memory) are the means of all rows at a time.
    A few rows far off all others in time are left out, which the notes say.

    Raises
    ------
    DataError
        The dataset cannot be read.
    """
    metrics = [metric for metric in FLEET_METRICS if dataset.report.column(metric.name)]
    n_vms = dataset.report.vm_count or 0
    progress(0.0, "Reading the histories")
    with Fleet(dataset, memory_mb=_MEMORY_MB, threads=1) as fleet:
        span = span_of(fleet)
        machines = machines_of(fleet, span)
        if machines:
            own = _histories(fleet, span, machines, metrics, progress)
            of_fleet = fleet_histories(fleet, span, own, metrics)
        else:
            own, of_fleet = (), _means(fleet, span, metrics)
        others = left_out(fleet, span, machines, metrics)
    histories = tuple(_noted(history, span) for history in (*of_fleet, *own))
    watched_s = max((float(np.ptp(history.at_s)) for history in histories), default=0.0)
    horizon_s = _in_reach(horizon_s, watched_s)
    text = f"Forecasting {len(histories):,} series"

    def done(fraction: float) -> None:
        progress(_SHARE_READ + (1 - _SHARE_READ) * fraction, text)

    return FleetForecasts(
        forecasts=(*forecast_many(histories, horizon_s, on_progress=done), *others),
        courses=tuple(_course(history) for history in of_fleet),
        n_machines=len(machines),
        n_vms=n_vms,
        horizon_s=horizon_s,
    )


def forecast_host(
    database_url: str, host: str, until: datetime, days: float, horizon_s: float, progress: Progress
) -> HostForecasts:
    """Return what is expected of this host, from its samples of the last `days` days.

    No further ahead than three times as long as it was watched: a forecast of weeks from minutes
    would be coarser than the minutes.

    Raises
    ------
    StoreError
        The samples cannot be read.
    """
    progress(0.0, "Reading the samples of this host")
    store = Store(database_url, METRIC_NAMES)
    try:
        samples = store.samples(host, until - timedelta(days=days), until)
    finally:
        store.close()
    at_s = np.array([at.timestamp() for at in samples.at])
    if at_s.size:
        horizon_s = _in_reach(horizon_s, float(at_s[-1] - at_s[0]))
    histories = []
    for name in HOST_METRICS:
        spec = metric_spec(name)
        histories.append(
            History(
                resource=host,
                metric=name,
                at_s=at_s,
                values=samples.values[:, samples.metric_names.index(name)]
                if at_s.size
                else np.empty(0),
                low=spec.low,
                high=spec.high,
            )
        )
    return HostForecasts(
        forecasts=forecast_many(
            histories, horizon_s, on_progress=lambda done: progress(done, "Forecasting this host")
        ),
        courses=tuple(_course(history) for history in histories),
    )


def capacity_rows(
    forecasts: Iterable[Forecast | NoForecast],
    limits: Mapping[str, Limits],
    own_limits: Mapping[tuple[str, str], Limits],
    what_if: WhatIf | None = None,
) -> tuple[CapacityRow, ...]:
    """Return one row for each forecast, what may reach a limit first on top.

    `limits` by metric; those of what adds up over machines (traffic, power) are the fleet's and say
    nothing of one machine. `own_limits` by resource and metric come before them.
    """
    groups: dict[tuple[str, str] | bool, list[Forecast | NoForecast]] = {}
    for one in forecasts:
        key = (one.resource, one.metric)
        groups.setdefault(key if key in own_limits else one.resource == FLEET, []).append(one)
    of_machines = {name: own for name, own in limits.items() if name not in _SUMMED}
    rows: list[CapacityRow] = []
    for which, some in groups.items():
        if isinstance(which, tuple):
            these: Mapping[str, Limits] = {which[1]: own_limits[which]}
        else:
            these = limits if which else of_machines
        rows += capacity_table(some, these, what_if)
    return by_urgency(rows)


def by_urgency(rows: Iterable[CapacityRow]) -> tuple[CapacityRow, ...]:
    """Return the rows, what may reach a limit first on top."""
    return tuple(sorted(rows, key=lambda row: (row.earliest or _NEVER, row.resource, row.metric)))


def find_anomalies(
    dataset: ImportedDataset, filters: Filters, detector: bytes | None, progress: Progress
) -> FoundAnomalies:
    """Return the most unusual rows of a selection.

    Parameters
    ----------
    dataset : ImportedDataset
    filters : Filters
    detector : bytes, optional
        The `detector` of an earlier answer for the same dataset; learnt where there is none. It
        stays pickled, so that whoever keeps it need not load what it was learnt with.
    progress : Progress

    Raises
    ------
    DataError
        The dataset cannot be read.
    """
    share_learnt = 0.0 if detector else 0.6
    progress(0.0, "Learning what is usual" if detector is None else "Looking through the rows")
    with Fleet(dataset, memory_mb=_MEMORY_MB, threads=1) as fleet:
        if detector is None:
            known = learn(
                fleet, lambda done: progress(share_learnt * done, "Learning what is usual")
            )
        else:
            known = pickle.loads(detector)  # noqa: S301 - our own answer, kept by the app
        found = known.find(
            fleet,
            filters,
            lambda done: progress(
                share_learnt + (1 - share_learnt) * done, "Looking through the rows"
            ),
        )
    return FoundAnomalies(
        anomalies=found,
        detection=known.detection,
        detector=detector or pickle.dumps(known, pickle.HIGHEST_PROTOCOL),
    )


def _in_reach(horizon_s: float, watched_s: float) -> float:
    """Return how far ahead to look after `watched_s` seconds of history."""
    return min(horizon_s, max(_LEAST_HORIZON_S, 3 * watched_s))


def _width_us(span: FleetSpan) -> int:
    return max(1, (span.until_us - span.since_us) // _POINTS)


def _histories(
    fleet: Fleet,
    span: FleetSpan,
    machines: list[str],
    metrics: list[FleetMetric],
    progress: Progress,
) -> tuple[History, ...]:
    window = {**span.bounds, "width": _width_us(span)}
    found: list[History] = []
    for first in range(0, len(machines), _MACHINES_AT_ONCE):
        progress(_SHARE_READ * first / len(machines), "Reading the histories")
        some = machines[first : first + _MACHINES_AT_ONCE]
        columns = fleet.engine.columns(_POINTS_OF, {**window, "machines": some})
        for metric in metrics:
            found += machine_histories(
                columns["vm_id"], columns["at_s"], _filled(columns[metric.name]), metric
            )
    return tuple(found)


def _means(fleet: Fleet, span: FleetSpan, metrics: list[FleetMetric]) -> tuple[History, ...]:
    """Return the means of all rows over time, of what does not add up over machines."""
    columns = fleet.engine.columns(_POINTS_OF_ALL, {**span.bounds, "width": _width_us(span)})
    if not columns["at_s"].size:
        return ()
    return tuple(
        History(
            resource=FLEET,
            metric=metric.name,
            at_s=columns["at_s"],
            values=_filled(columns[metric.name]),
            low=metric.low,
            high=metric.high,
        )
        for metric in metrics
        if not metric.is_summed
    )


def _noted(history: History, span: FleetSpan) -> History:
    """Return a history that says how many of its rows lie too far off to be looked at."""
    note = span.note if history.resource == FLEET else span.notes.get(history.resource)
    return replace(history, notes=(*history.notes, note)) if note else history


def _course(history: History) -> Course:
    """Return a history in at most 500 parts of its time, no spike lost."""
    known = np.isfinite(history.at_s) & np.isfinite(history.values)
    order = np.argsort(history.at_s[known], kind="stable")
    at_s, values = history.at_s[known][order], history.values[known][order]
    if not at_s.size:
        none = np.empty(0)
        at = none.astype("datetime64[us]")
        low = mean = high = none
    else:
        width_s = max((at_s[-1] - at_s[0]) / (_DRAWN_POINTS - 1), 1e-6)
        part = ((at_s - at_s[0]) / width_s).astype(np.int64)
        firsts = np.flatnonzero(np.diff(part, prepend=-1))
        counts = np.diff(np.append(firsts, at_s.size))
        at = (np.add.reduceat(at_s, firsts) / counts * 1e6).astype("datetime64[us]")
        low, high = np.minimum.reduceat(values, firsts), np.maximum.reduceat(values, firsts)
        mean = np.add.reduceat(values, firsts) / counts
    return Course(
        resource=history.resource, metric=history.metric, at=at, low=low, mean=mean, high=high
    )


def _filled(values: FloatArray) -> FloatArray:
    """Return values with NaN where the database has none."""
    return np.asarray(np.ma.filled(np.ma.asarray(values, dtype=float), np.nan))
