"""What is asked of all machines of a fleet, however many there are: SQL over its rows."""

from collections.abc import Sequence
from datetime import UTC, datetime

from core.dataset.overview import Fleet
from core.forecast import FleetMetric, NoForecast

__all__ = ["FEWEST_POINTS", "left_out"]

FEWEST_POINTS = 8
_MOST_LEFT_OUT = 500

_LEFT_OUT = """
SELECT vm_id, count(*) AS n, max(epoch_us(timestamp)) / 1e6 AS at_s, {levels} FROM fleet
WHERE vm_id IS NOT NULL AND timestamp IS NOT NULL
    AND NOT list_contains($machines::VARCHAR[], vm_id)
GROUP BY vm_id ORDER BY greatest({loads}) DESC NULLS LAST, vm_id LIMIT {most}
"""


def left_out(
    fleet: Fleet, machines: Sequence[str], metrics: Sequence[FleetMetric]
) -> tuple[NoForecast, ...]:
    """Return the last value of each metric of the machines other than `machines`, and why no more.

    At most 500 machines, those with the highest shares (CPU, memory): so where none of them is at a
    limit, none of the others is. Machines without a row with a time are no part of it.
    """
    if not metrics:
        return ()
    loads = [metric for metric in metrics if not metric.is_summed] or metrics
    sql = _LEFT_OUT.format(
        levels=", ".join(f"{_last(metric.name)} AS {metric.name}" for metric in metrics),
        loads=", ".join(_last(metric.name) for metric in loads),
        most=_MOST_LEFT_OUT,
    )
    return tuple(
        NoForecast(
            resource=name,
            metric=metric.name,
            reason=_reason(n_points),
            n_points=n_points,
            history_end=datetime.fromtimestamp(at_s, UTC),
            level=level,
        )
        for name, n_points, at_s, *levels in fleet.engine.rows(sql, {"machines": list(machines)})
        for metric, level in zip(metrics, levels, strict=True)
        if level is not None
    )


def _last(column: str) -> str:
    return f"arg_max({column}, timestamp)"


def _reason(n_points: int) -> str:
    return f"not enough history: {n_points} of the {FEWEST_POINTS} points needed"
