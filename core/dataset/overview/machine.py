"""One VM: how its measurements went, what happened to it, and what was written about it."""

from dataclasses import replace

import numpy as np

from core.dataset.overview.buckets import Buckets, buckets_for
from core.dataset.overview.engine import Engine
from core.dataset.overview.filters import NOT_GIVEN, Condition, Filters
from core.dataset.overview.reasons import empty_reason
from core.dataset.overview.results import Machine, MachineEvent, MachineTicket, ValueSeries
from core.dataset.overview.summary import moment_at
from core.dataset.report import DatasetReport
from core.dataset.schema import NUMBER_NAMES

__all__ = ["machine"]

_FAILED = ["failed", "failure", "fail", "error", "crashed", "killed", "aborted", "timeout"]
"""What a task's status is called, in lower case, where the task did not do its work."""

_MOST_EVENTS = 200
_MOST_TICKETS = 100
_TEXT_CHARACTERS = 2_000

# The conditions put into these hold names of columns and parameters only: see Filters.
_FIGURES = """
SELECT count(*), min(epoch_us(timestamp)), max(epoch_us(timestamp)), count(ticket_text),
    count(*) FILTER ({event})
FROM fleet WHERE {condition}
"""
_SERIES = """
SELECT (epoch_us(timestamp) - $start) // $width AS bucket, {aggregates}
FROM fleet WHERE timestamp IS NOT NULL AND {condition} GROUP BY bucket ORDER BY bucket
"""
_EVENTS = """
SELECT epoch_us(timestamp) AS micros, anomaly_status, task_type, task_status
FROM fleet WHERE ({event}) AND {condition}
ORDER BY micros DESC NULLS LAST, task_type, task_status LIMIT {limit}
"""
_TICKETS = """
SELECT epoch_us(timestamp) AS micros, ticket_category, substr(ticket_text, 1, {characters}) AS text
FROM fleet WHERE ticket_text IS NOT NULL AND {condition}
ORDER BY micros DESC NULLS LAST, text LIMIT {limit}
"""
_EVENT = "anomaly_status = 1 OR list_contains($failed, lower(task_status))"


def machine(engine: Engine, report: DatasetReport, vm_id: str, filters: Filters) -> Machine:
    """Return what the rows of one VM say; the other filters apply."""
    own = replace(filters, vms=(vm_id,))
    condition = own.condition()
    failed = {**condition.parameters, "failed": _FAILED}
    sql = _FIGURES.format(event=_EVENT, condition=condition.sql)
    rows, first_us, last_us, n_tickets, n_events = engine.rows(sql, failed)[0]
    buckets: Buckets | None = None
    series: tuple[ValueSeries, ...] = ()
    if first_us is not None:
        buckets = buckets_for(first_us, last_us)
        series = _series(engine, condition, buckets)
    columns = ("timestamp", *(name for name in NUMBER_NAMES if report.column(name) is not None))
    return Machine(
        vm_id=vm_id,
        rows=rows,
        bucket_s=buckets.width_s if buckets else 0.0,
        series=series,
        empty_reason=None if series else empty_reason(report, own, rows, columns),
        n_events=n_events,
        events=_events(engine, condition.sql, failed) if n_events else (),
        n_tickets=n_tickets,
        tickets=_tickets(engine, condition) if n_tickets else (),
    )


def _series(engine: Engine, condition: Condition, buckets: Buckets) -> tuple[ValueSeries, ...]:
    aggregates = ", ".join(
        f"min({name}) AS low_{name}, avg({name}) AS mean_{name}, max({name}) AS high_{name}, "
        f"count({name}) AS rows_{name}"
        for name in NUMBER_NAMES
    )
    found = engine.columns(
        _SERIES.format(aggregates=aggregates, condition=condition.sql),
        {**condition.parameters, "start": buckets.start_us, "width": buckets.width_us},
    )
    series = []
    for name in NUMBER_NAMES:
        n = found[f"rows_{name}"]
        if n.any():
            low, mean, high = (
                np.ma.getdata(found[f"{part}_{name}"])[n > 0] for part in ("low", "mean", "high")
            )
            at = buckets.middles(found["bucket"][n > 0])
            series.append(
                ValueSeries(column=name, at=at, low=low, mean=mean, high=high, rows=n[n > 0])
            )
    return tuple(series)


def _events(
    engine: Engine, condition: str, parameters: dict[str, object]
) -> tuple[MachineEvent, ...]:
    sql = _EVENTS.format(event=_EVENT, condition=condition, limit=_MOST_EVENTS)
    return tuple(
        MachineEvent(
            at=moment_at(micros),
            kind="anomaly" if anomaly == 1 else "task failed",
            task_type=task_type or NOT_GIVEN,
            task_status=status or NOT_GIVEN,
        )
        for micros, anomaly, task_type, status in engine.rows(sql, parameters)
    )


def _tickets(engine: Engine, condition: Condition) -> tuple[MachineTicket, ...]:
    sql = _TICKETS.format(condition=condition.sql, characters=_TEXT_CHARACTERS, limit=_MOST_TICKETS)
    return tuple(
        MachineTicket(at=moment_at(micros), category=category or NOT_GIVEN, text=text)
        for micros, category, text in engine.rows(sql, condition.parameters)
    )
