"""What is asked of all machines of a fleet, however many there are: SQL over its rows."""

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np

from core.dataset.overview import Fleet
from core.fleet_span import FleetSpan
from core.forecast import FleetMetric, History, NoForecast, fleet_history, regular
from core.forecast.fleet import FLEET
from core.forecast.series import in_order, step_s_of

__all__ = [
    "FEWEST_POINTS",
    "MOST_MACHINES",
    "fleet_course",
    "fleet_histories",
    "left_out",
    "machines_of",
]

FEWEST_POINTS, MOST_MACHINES = 8, 500
_MOST_LEFT_OUT = 500
# With fewer of them counting is cheap, and a few may have a history beside many with one row.
_MANY_MACHINES = 10_000
# A short step in a long history must not fill the memory.
_MOST_STEPS = 100_000

_INSIDE = "vm_id IS NOT NULL AND epoch_us(timestamp) BETWEEN $since AND $until"
_MACHINES = f"""
SELECT vm_id FROM fleet WHERE {_INSIDE}
GROUP BY vm_id HAVING count(*) >= {FEWEST_POINTS} ORDER BY count(*) DESC, vm_id
"""  # noqa: S608 - a number of our own

_LEFT_OUT = f"""
SELECT vm_id, count(*) AS n, max(epoch_us(timestamp)) / 1e6 AS at_s, {{levels}} FROM fleet
WHERE {_INSIDE} AND NOT list_contains($machines::VARCHAR[], vm_id)
GROUP BY vm_id ORDER BY greatest({{loads}}) DESC NULLS LAST, vm_id LIMIT {{most}}
"""  # noqa: S608 - names of our own


# Between two measurements of a machine lies a straight line. A sum of such lines is a straight line
# between the steps where one of them begins or ends, so that their beginnings and ends are enough:
# how many machines there are from a step on, and the sums of height (at step 0) and slope.
_CHANGES = f"""
WITH measured AS (
    SELECT vm_id, CAST(round((epoch_us(timestamp) - $end_us) / $step_us) AS BIGINT) AS step,
        avg({{metric}}) AS value
    FROM fleet WHERE {_INSIDE} AND {{metric}} IS NOT NULL
    GROUP BY ALL
), pairs AS (
    SELECT step, value, lead(step) OVER line AS next_step, lead(value) OVER line AS next_value
    FROM measured WINDOW line AS (PARTITION BY vm_id ORDER BY step)
), lines AS (
    SELECT step, coalesce(next_step, step + 1) AS until,
        coalesce((next_value - value) / (next_step - step), 0) AS slope,
        value - slope * step AS height
    FROM pairs
), changes AS (
    SELECT unnest([
        {{{{changed: step, machines: 1, height: height, slope: slope}}}},
        {{{{changed: until, machines: -1, height: -height, slope: -slope}}}}
    ], recursive := true) FROM lines
)
SELECT changed, sum(machines)::BIGINT AS machines, sum(height) AS height, sum(slope) AS slope
FROM changes GROUP BY changed ORDER BY changed
"""  # noqa: S608 - names of our own
_EXTENT = f"""
SELECT min(epoch_us(timestamp)), max(epoch_us(timestamp)), count(DISTINCT vm_id) FROM fleet
WHERE {_INSIDE} AND {{metric}} IS NOT NULL
"""  # noqa: S608 - names of our own


def machines_of(fleet: Fleet, span: FleetSpan) -> list[str]:
    """Return the machines with a history, at most 500, those with the most measurements first."""
    if _mostly_single_rows(fleet):
        return []
    sql = f"{_MACHINES} LIMIT {MOST_MACHINES}"
    return [name for (name,) in fleet.engine.rows(sql, span.bounds)]


def fleet_histories(
    fleet: Fleet, span: FleetSpan, own: Sequence[History], metrics: Sequence[FleetMetric]
) -> tuple[History, ...]:
    """Return the histories of all machines together, in the usual step of those in `own`.

    Where these are counters they alone are summed, each as its rate: a sum of counters is none.
    """
    found: list[History | None] = []
    for metric in metrics:
        some = [one for one in own if one.metric == metric.name]
        # What has an upper bound is a share, and no counter.
        if metric.high is None and any(regular(one).is_rate for one in some):
            found.append(fleet_history(some, metric))
        elif some:
            steps_s = [step_s_of(in_order(one)[0]) for one in some]
            found.append(fleet_course(fleet, span, metric, float(np.median(steps_s))))
    return tuple(history for history in found if history is not None)


def fleet_course(
    fleet: Fleet, span: FleetSpan, metric: FleetMetric, step_s: float
) -> History | None:
    """Return the mean, or the sum, of a metric over all machines; None where there is none.

    Rows outside the span do not count. One value every `step_s` seconds. As
    `core.forecast.fleet_history` does it of a few: a machine counts from its first to its last
    measurement, its gaps in between are bridged.
    """
    [(start_us, end_us, n_machines)] = fleet.engine.rows(
        _EXTENT.format(metric=metric.name), span.bounds
    )
    if not n_machines:
        return None
    step_s = max(step_s, (end_us - start_us) / 1e6 / _MOST_STEPS)
    found = fleet.engine.columns(
        _CHANGES.format(metric=metric.name),
        {**span.bounds, "end_us": end_us, "step_us": step_s * 1e6},
    )
    steps = np.arange(found["changed"][0], 1)
    # The last change is a step after the last measurement, where no machine is left.
    known = np.searchsorted(found["changed"], steps, side="right") - 1
    alive, height, slope = (
        np.cumsum(found[name])[known] for name in ("machines", "height", "slope")
    )
    total = height + slope * steps
    is_known = alive > 0
    values = total[is_known] if metric.is_summed else total[is_known] / alive[is_known]
    return History(
        resource=FLEET,
        metric=metric.name,
        at_s=end_us / 1e6 + steps[is_known] * step_s,
        values=values,
        low=metric.low,
        high=metric.high,
        n_hosts=n_machines,
        spreads=not metric.is_summed,
    )


def left_out(
    fleet: Fleet, span: FleetSpan, machines: Sequence[str], metrics: Sequence[FleetMetric]
) -> tuple[NoForecast, ...]:
    """Return the last value of each metric of the machines other than `machines`, and why no more.

    At most 500 machines, those with the highest shares (CPU, memory): so where none of them is at a
    limit, none of the others is. Machines without a row in the span are no part of it, and none is
    where nearly all have a single row.
    """
    if not metrics or _mostly_single_rows(fleet):
        return ()
    loads = [metric for metric in metrics if not metric.is_summed] or metrics
    sql = _LEFT_OUT.format(
        levels=", ".join(f"{_last(metric.name)} AS {metric.name}" for metric in metrics),
        loads=", ".join(_last(metric.name) for metric in loads),
        most=_MOST_LEFT_OUT,
    )
    parameters = {**span.bounds, "machines": list(machines)}
    return tuple(
        NoForecast(
            resource=name,
            metric=metric.name,
            reason=_reason(n_points),
            n_points=n_points,
            history_end=datetime.fromtimestamp(at_s, UTC),
            level=level,
        )
        for name, n_points, at_s, *levels in fleet.engine.rows(sql, parameters)
        for metric, level in zip(metrics, levels, strict=True)
        if level is not None
    )


def _mostly_single_rows(fleet: Fleet) -> bool:
    """Whether machines are many with one row each: none has a history, and counting is costly."""
    rows, vms = fleet.dataset.report.rows_kept, fleet.dataset.report.vm_count or 0
    return vms > max(rows / 2, _MANY_MACHINES)


def _last(column: str) -> str:
    return f"arg_max({column}, timestamp)"


def _reason(n_points: int) -> str:
    if n_points >= FEWEST_POINTS:
        return f"not among the {MOST_MACHINES} VMs with the most measurements"
    return f"not enough history: {n_points} of the {FEWEST_POINTS} points needed"
