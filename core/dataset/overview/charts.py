"""The charts of a view: each is one scan of the columns that it shows.

Grouping sets that serve all charts in one scan were measured: they take a third longer than one
scan per chart, since every set pays for the aggregates of all.
"""

import numpy as np

from core.dataset.overview.buckets import buckets_for
from core.dataset.overview.engine import Engine
from core.dataset.overview.filters import NOT_GIVEN, Condition
from core.dataset.overview.results import (
    IntArray,
    LoadMap,
    LoadPoints,
    MomentArray,
    Status,
    StatusCount,
    StatusSeries,
    Summary,
    TaskCount,
    TaskCounts,
    TimeSeries,
)
from core.dataset.overview.summary import micros_of
from core.dataset.report import DatasetReport
from core.metrics import FloatArray

__all__ = ["cpu_over_time", "load_map", "status_split", "task_counts"]

_STATUSES: tuple[Status, ...] = ("normal", "anomaly", "not judged")
_CODE = "coalesce(anomaly_status, 2)"  # the place in _STATUSES
_MOST_TYPES = 30
_MOST_POINTS = 2_000  # beyond, points hide one another
_CELLS = 50
_PERCENT = (0.0, 100.0)
# A share may be counted per core, as top does; values beyond are mistakes and would leave one cell
# for all the others.
_MOST_PERCENT = 400.0

# The conditions put into these hold names of columns and parameters only: see Filters.
_CPU = """
SELECT (epoch_us(timestamp) - $start) // $width AS bucket, {code} AS code, min(cpu_usage) AS low,
    avg(cpu_usage) AS mean, max(cpu_usage) AS high, count(*) AS rows
FROM fleet WHERE cpu_usage IS NOT NULL AND timestamp IS NOT NULL AND {condition}
GROUP BY bucket, code ORDER BY bucket
"""
_TYPES = """
SELECT task_type, count(*) AS rows, count(anomaly_status),
    count(*) FILTER (anomaly_status = 1)
FROM fleet WHERE {condition} GROUP BY task_type ORDER BY rows DESC, task_type LIMIT {limit}
"""
_POINTS = """
SELECT cpu_usage, memory_usage, vm_id, epoch_us(timestamp) AS micros, {code} AS code
FROM fleet WHERE cpu_usage IS NOT NULL AND memory_usage IS NOT NULL AND {condition}
ORDER BY micros, vm_id, cpu_usage, memory_usage
"""
_GRID = """
SELECT greatest(least(floor((cpu_usage - $cpu_low) / $cpu_width), {last}), 0)::INTEGER AS x,
    greatest(least(floor((memory_usage - $memory_low) / $memory_width), {last}), 0)::INTEGER AS y,
    count(*) AS rows, count(*) FILTER (anomaly_status = 1) AS anomalies
FROM fleet WHERE cpu_usage IS NOT NULL AND memory_usage IS NOT NULL AND {condition}
GROUP BY x, y
"""


def cpu_over_time(
    engine: Engine, condition: Condition, summary: Summary, empty_reason: str
) -> TimeSeries:
    """Return CPU over time by status."""
    if summary.since is None or summary.until is None:
        return TimeSeries(bucket_s=0.0, series=(), empty_reason=empty_reason)
    buckets = buckets_for(micros_of(summary.since), micros_of(summary.until))
    found = engine.columns(
        _CPU.format(code=_CODE, condition=condition.sql),
        {**condition.parameters, "start": buckets.start_us, "width": buckets.width_us},
    )
    series = []
    for code, status in enumerate(_STATUSES):
        own = found["code"] == code
        if own.any():
            series.append(
                StatusSeries(
                    status=status,
                    at=buckets.middles(found["bucket"][own]),
                    low=found["low"][own],
                    mean=found["mean"][own],
                    high=found["high"][own],
                    rows=found["rows"][own],
                )
            )
    return TimeSeries(
        bucket_s=buckets.width_s,
        series=tuple(series),
        empty_reason=None if series else empty_reason,
    )


def task_counts(engine: Engine, condition: Condition, rows: int, empty_reason: str) -> TaskCounts:
    """Return how many of the `rows` rows have which task type."""
    found = engine.rows(
        _TYPES.format(condition=condition.sql, limit=_MOST_TYPES), condition.parameters
    )
    if all(name is None for name, *_ in found):
        return TaskCounts(types=(), other_rows=0, empty_reason=empty_reason)
    types = tuple(
        TaskCount(
            task_type=NOT_GIVEN if name is None else name,
            rows=n,
            anomalies=anomalies,
            anomaly_rate=anomalies / judged if judged else None,
        )
        for name, n, judged, anomalies in found
    )
    return TaskCounts(
        types=types, other_rows=rows - sum(kind.rows for kind in types), empty_reason=None
    )


def status_split(rows: int, judged: int, anomalies: int) -> tuple[StatusCount, ...]:
    """Return how many rows have which status, without those that none has."""
    counts = (judged - anomalies, anomalies, rows - judged)
    return tuple(
        StatusCount(status=status, rows=n, share=n / rows)
        for status, n in zip(_STATUSES, counts, strict=True)
        if n
    )


def load_map(
    engine: Engine, condition: Condition, report: DatasetReport, rows: int, empty_reason: str
) -> LoadMap:
    """Return CPU against memory in `rows` rows, within the bounds of the whole dataset."""
    if rows <= _MOST_POINTS:
        return _scattered(engine, condition, empty_reason)
    cpu_edges, memory_edges = _edges(report, "cpu_usage"), _edges(report, "memory_usage")
    found = engine.columns(
        _GRID.format(last=_CELLS - 1, condition=condition.sql),
        {
            **condition.parameters,
            "cpu_low": cpu_edges[0],
            "cpu_width": cpu_edges[1] - cpu_edges[0],
            "memory_low": memory_edges[0],
            "memory_width": memory_edges[1] - memory_edges[0],
        },
    )
    if found["rows"].sum() <= _MOST_POINTS:  # the others lack one of the two
        return _scattered(engine, condition, empty_reason)
    counts, anomalies = (np.zeros((_CELLS, _CELLS), np.int64) for _ in range(2))
    counts[found["y"], found["x"]] = found["rows"]
    anomalies[found["y"], found["x"]] = found["anomalies"]
    return LoadMap(
        points=None,
        cpu_edges=cpu_edges,
        memory_edges=memory_edges,
        rows=counts,
        anomalies=anomalies,
        empty_reason=None,
    )


def _edges(report: DatasetReport, column: str) -> FloatArray:
    """Return the edges of the cells: 0-100 percent, and what lies beyond up to a bound.

    What lies beyond that too is counted in the outermost cell.
    """
    found = report.column(column)
    lowest, highest = (found.minimum, found.maximum) if found else (None, None)
    low = min(_PERCENT[0], max(float(lowest or 0.0), -_MOST_PERCENT))
    high = max(_PERCENT[1], min(float(highest or 0.0), _MOST_PERCENT))
    return np.linspace(low, high, _CELLS + 1)


def _scattered(engine: Engine, condition: Condition, empty_reason: str) -> LoadMap:
    points = _points(engine, condition)
    none, no_counts = np.empty(0), np.empty((0, 0), np.int64)
    return LoadMap(
        points=points if points.cpu.size else None,
        cpu_edges=none,
        memory_edges=none,
        rows=no_counts,
        anomalies=no_counts,
        empty_reason=None if points.cpu.size else empty_reason,
    )


def _points(engine: Engine, condition: Condition) -> LoadPoints:
    found = engine.columns(
        _POINTS.format(code=_CODE, condition=condition.sql), condition.parameters
    )
    return LoadPoints(
        cpu=found["cpu_usage"],
        memory=found["memory_usage"],
        vm_ids=tuple(NOT_GIVEN if name is None else str(name) for name in found["vm_id"].tolist()),
        at=_moments(found["micros"]),
        statuses=tuple(_STATUSES[code] for code in found["code"]),
    )


def _moments(micros: IntArray) -> MomentArray:
    """Return moments from microseconds since 1970, NaT where one is masked."""
    missing = np.ma.getmaskarray(micros)
    moments = np.ma.getdata(micros).astype(np.int64).astype("datetime64[us]")
    moments[missing] = np.datetime64("NaT")
    return moments
