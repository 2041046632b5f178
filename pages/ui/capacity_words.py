"""Capacity in words: what needs attention, and which limit is reached next."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from core import quantities
from core.fleet_jobs import FLEET
from core.forecast import CapacityRow, Coverage, Crossing, coverage
from core.metrics import METRIC_NAMES, metric_spec
from pages.ui.fleet_columns import FLEET_COLUMNS, FleetColumn

__all__ = ["NextLimit", "card", "column", "column_of", "line", "next_limit", "resource", "when"]

# "In 22 min to 17 days" promises a precision at its near end that nobody has.
_ANY_TIME_SHARE = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class NextLimit:
    """The limit that may be reached next, with its row; both None where there is none.

    `waiting` says why it is not known (yet), or of what it is not known.
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


def column_of(row: CapacityRow) -> FleetColumn:
    """Return label and unit of a row's values: those of a counter are its rate per second."""
    known = column(row.metric)
    return known if not row.is_rate else replace(known, unit=f"{known.unit}/s")


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
        return NextLimit(waiting=_why_none(rows))
    _, row, crossing = min(ahead, key=lambda one: one[0])
    return NextLimit(row=row, crossing=crossing)


def line(
    n_vms: int,
    rows: Sequence[CapacityRow] | None,
    following: NextLimit,
    horizon_s: float,
) -> str:
    """Return the page's question answered in one line; `rows` is None while they are not known.

    A VM needs attention where a limit is reached, or expected to be within the horizon. VMs without
    a forecast are counted.
    """
    vms = f"{n_vms:,} VM{'' if n_vms == 1 else 's'}"
    if rows is None:
        return f"{vms}, next limit: {following.waiting}."
    of_vms = [row for row in rows if row.resource != FLEET]
    covered = coverage(of_vms, n_vms)
    parts = (vms, _need(of_vms, covered), _ahead(rows, covered, following, horizon_s))
    return f"{', '.join(part for part in parts if part)}{_not_forecast(covered)}."


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
    likely = ""
    if crossing.likely is not None:
        likely = f", likely in {quantities.duration((crossing.likely - now).total_seconds())}"
    if crossing.latest is None:
        return f"in {quantities.duration(earliest_s)} or later{likely}"
    latest_s = (crossing.latest - now).total_seconds()
    if earliest_s < _ANY_TIME_SHARE * latest_s:
        return f"any time within {quantities.duration(latest_s)}{likely}"
    return f"in {quantities.duration_range(earliest_s, latest_s)}"


def _need(of_vms: Sequence[CapacityRow], covered: Coverage) -> str:
    """Return how many VMs need attention; nothing where no VM is known."""
    if not covered.n_known:
        return ""
    troubled = {
        row.resource for row in of_vms if any(_needs_attention(one) for one in row.crossings)
    }
    count = f"{len(troubled):,}" if troubled else "none"
    if covered.n_known < covered.n_resources:
        count += f" of the {covered.n_known:,} looked at"
    return f"{count} need{'' if len(troubled) > 1 else 's'} attention"


def _ahead(
    rows: Sequence[CapacityRow], covered: Coverage, following: NextLimit, horizon_s: float
) -> str:
    """Return which limit comes next, or that none does; nothing where there is no forecast."""
    if following.row is not None and following.crossing is not None:
        label = column(following.row.metric).label
        metric = label if label.isupper() else label.lower()
        end = following.row.forecast.history_end if following.row.forecast else None
        of = f"{metric} of {resource(following.row.resource)}"
        return f"next limit: {of} {when(following.crossing, end)}"
    if all(row.forecast is None for row in rows):
        return ""
    other = "other " if any(one.is_reached for row in rows for one in row.crossings) else ""
    whose = "" if covered.n_forecast else "of the fleet "
    return f"no {other}limit {whose}ahead within {quantities.duration(horizon_s)}"


def _not_forecast(covered: Coverage) -> str:
    """Return how many VMs have no forecast, and why; nothing where all have one."""
    if not covered.n_without:
        return ""
    count = f"{covered.n_without:,} of {covered.n_resources:,} not"
    why = f": {' or '.join(covered.reasons)}" if covered.reasons else ""
    return f"; {count if covered.n_forecast else 'none'} forecast{why}"


def _why_none(rows: Sequence[CapacityRow]) -> str:
    """Return of what no limit is ahead, where not all is forecast."""
    if all(row.forecast is None for row in rows):
        return "no forecast"
    return "none ahead where forecast" if any(row.forecast is None for row in rows) else ""


def _needs_attention(crossing: Crossing) -> bool:
    """Whether a limit is reached, or expected to be within the horizon."""
    return crossing.likely is not None
