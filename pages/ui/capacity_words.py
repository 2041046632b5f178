"""Capacity in words: what needs attention, and which limit is reached next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core import quantities
from core.fleet_jobs import FLEET
from core.forecast import CapacityRow, Crossing
from core.metrics import METRIC_NAMES, metric_spec
from pages.ui.fleet_columns import FLEET_COLUMNS, FleetColumn

__all__ = ["NextLimit", "card", "column", "line", "next_limit", "resource", "when"]

# "In 22 min to 17 days" promises a precision at its near end that nobody has.
_ANY_TIME_SHARE = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class NextLimit:
    """The limit that may be reached next, with its row; both None where there is none.

    `waiting` says why it is not known (yet).
    """

    row: CapacityRow | None = None
    crossing: Crossing | None = None
    waiting: str = ""


def column(metric: str) -> FleetColumn:
    """Return label and unit of a metric of the fleet or of this host."""
    if metric in METRIC_NAMES:
        spec = metric_spec(metric)
        return FleetColumn(label=spec.label, unit=spec.unit)
    return FLEET_COLUMNS[metric]


def resource(name: str) -> str:
    """Return how a resource is called in a table."""
    return "the fleet" if name == FLEET else name


def next_limit(rows: Sequence[CapacityRow]) -> NextLimit:
    """Return which limit, not reached yet, may be reached first."""
    ahead = [
        (crossing.earliest, row, crossing)
        for row in rows
        for crossing in row.crossings
        if not crossing.is_reached and crossing.earliest is not None
    ]
    if not ahead:
        return NextLimit()
    _, row, crossing = min(ahead, key=lambda one: one[0])
    return NextLimit(row=row, crossing=crossing)


def line(
    n_vms: int,
    rows: Sequence[CapacityRow] | None,
    following: NextLimit,
    horizon_days: float,
) -> str:
    """Return the page's question answered in one line; `rows` is None while they are not known.

    A VM needs attention where a limit is reached, or expected to be within the horizon.
    """
    vms = f"{n_vms:,} VM{'' if n_vms == 1 else 's'}"
    if rows is None:
        return f"{vms}, next limit: {following.waiting}."
    troubled = {
        row.resource
        for row in rows
        if row.resource != FLEET and any(_needs_attention(one) for one in row.crossings)
    }
    need = "none needs attention"
    if troubled:
        need = f"{len(troubled):,} need{'s' if len(troubled) == 1 else ''} attention"
    if following.row is None or following.crossing is None:
        return f"{vms}, {need}, no limit ahead within {horizon_days:g} days."
    label = column(following.row.metric).label
    metric = label if label.isupper() else label.lower()
    end = following.row.forecast.history_end if following.row.forecast else None
    return (
        f"{vms}, {need}, next limit: {metric} of {resource(following.row.resource)} "
        f"{when(following.crossing, end)}."
    )


def card(following: NextLimit) -> tuple[str, str]:
    """Return the next limit as a figure, and what stands beside it."""
    if following.row is None or following.crossing is None:
        return "–", following.waiting or "none ahead"
    label = column(following.row.metric).label
    beside = f"{label} of {resource(following.row.resource)}"
    forecast, crossing = following.row.forecast, following.crossing
    if forecast is None or crossing.earliest is None:
        return "–", beside
    if crossing.likely is None:
        earliest_s = (crossing.earliest - forecast.history_end).total_seconds()
        return f"{quantities.duration(earliest_s)} +", f"{beside}, or later"
    return quantities.duration((crossing.likely - forecast.history_end).total_seconds()), beside


def when(crossing: Crossing, now: datetime | None) -> str:
    """Return in how long a limit is reached, from `now` (the end of the history) on."""
    if crossing.is_reached:
        return "reached"
    if crossing.earliest is None or now is None:
        return "not reached within the horizon"
    earliest_s = (crossing.earliest - now).total_seconds()
    if crossing.latest is None:
        return f"in {quantities.duration(earliest_s)} or later"
    latest_s = (crossing.latest - now).total_seconds()
    if earliest_s < _ANY_TIME_SHARE * latest_s:
        return f"any time within {quantities.duration(latest_s)}"
    return f"in {quantities.duration_range(earliest_s, latest_s)}"


def _needs_attention(crossing: Crossing) -> bool:
    """Whether a limit is reached, or expected to be within the horizon."""
    return crossing.likely is not None
