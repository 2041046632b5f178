"""What runs out when: one line for each resource and metric, and the pick of one of them."""

import re
from collections.abc import Sequence
from datetime import tzinfo
from typing import Any

import streamlit as st

from core import quantities
from core.fleet_jobs import FLEET
from core.forecast import CapacityRow, Crossing
from pages.ui import capacity_words, moments

__all__ = ["dates", "draw", "name_of", "pick"]

_ROW = "row"
_DATES = "From the earliest to the latest day (80 % band), and the likely one."
_TABLE_HEIGHT_PX = 226
_MOST_POINTS = 100.0


def name_of(row: CapacityRow) -> str:
    """Return how a row is called: "Memory of vm-017"."""
    label = capacity_words.column(row.metric).label
    return f"{label} of {capacity_words.resource(row.resource)}"


def pick(rows: Sequence[CapacityRow]) -> CapacityRow:
    """Let a person open a row, by default the first, and return it; there must be one."""
    by_name = {name_of(row): row for row in rows}
    name = st.selectbox(
        "Open",
        list(by_name),
        index=None,
        placeholder="the most urgent one",
        key=_ROW,
        bind="query-params",
        help="Or click a line of the table.",
    )
    return by_name[name] if name in by_name else rows[0]


def draw(rows: Sequence[CapacityRow], zone: tzinfo | None, *, is_assumed: bool) -> None:
    """Draw the table; a click on a line opens it.

    `is_assumed` says that its levels are those of a what-if.
    """
    names = [name_of(row) for row in rows]

    def open_row() -> None:
        chosen = st.session_state["dash_capacity"]["selection"]["rows"]
        if chosen and chosen[0] < len(names):
            st.session_state[_ROW] = names[chosen[0]]

    st.dataframe(
        {
            "Resource": [_resource(row) for row in rows],
            "Metric": [capacity_words.column(row.metric).label for row in rows],
            "Now": [_level(row) for row in rows],
            "Trend": [_trend(row) for row in rows],
            "Warning limit": [_when(row, "warning", zone) for row in rows],
            "Hard limit": [_when(row, "hard", zone) for row in rows],
            "Answer": [row.answer for row in rows],
            "Error": [_error(row) for row in rows],
        },
        key="dash_capacity",
        hide_index=True,
        height=min(_TABLE_HEIGHT_PX, 37 * (len(rows) + 1)),
        on_select=open_row,
        selection_mode="single-row",
        column_config={
            "Resource": _column(75),
            "Metric": _column(85),
            "Now": st.column_config.TextColumn(
                "What if" if is_assumed else "Now",
                width=75 if is_assumed else 55,
                help="The level that there would be now" if is_assumed else None,
            ),
            "Trend": _column(
                100,
                "Change, in points where it is percent, without the season's ups and downs; "
                "0 where no trend foretold the past better than none.",
            ),
            "Warning limit": _column(170, _DATES),
            "Hard limit": _column(170, _DATES),
            "Answer": _column(286),
            "Error": _column(
                85,
                "Mean absolute error on the past, in units of the usual change from one season to "
                "the next; in brackets, that of repeating the last season.",
            ),
        },
        alt=f"{len(rows)} resources by metric with level, trend, the days when their limits are "
        "reached, and the error on the past; the most urgent first",
    )


def _column(width_px: int, explained: str | None = None) -> Any:
    return st.column_config.TextColumn(width=width_px, help=explained)


def _resource(row: CapacityRow) -> str:
    return "The fleet" if row.resource == FLEET else row.resource


def _level(row: CapacityRow) -> str:
    if row.level is None:
        return "not measured"
    return quantities.quantity(row.level, capacity_words.column_of(row).unit)


def _trend(row: CapacityRow) -> str:
    trend = row.trend_per_day
    if trend is None:
        return "–"
    # From minutes of history a day's change of a share is beyond all bounds, a minute's is not.
    is_share = capacity_words.column_of(row).unit == "%"
    time, size = "day", abs(trend)
    for shorter, in_the_longer in (("hour", 24), ("minute", 60)):
        if is_share and size > _MOST_POINTS:
            time, size = shorter, size / in_the_longer
    shown = quantities.rounded(size)
    return (
        "→ 0"
        if shown == "0"
        else f"{'↗' if trend > 0 else '↘'} {shown} {'an' if time == 'hour' else 'a'} {time}"
    )


def _when(row: CapacityRow, name: str, zone: tzinfo | None) -> str:
    found = next((one for one in row.crossings if one.name == name), None)
    return "–" if found is None else dates(found, zone)


def dates(crossing: Crossing, zone: tzinfo | None) -> str:
    """Return when a limit is reached, from the earliest to the latest day."""
    if crossing.is_reached:
        return "reached"
    if crossing.earliest is None:
        return "not within the horizon"
    if crossing.latest is None:
        text = f"from {_short(moments.day(crossing.earliest, zone))}"
    else:
        text = _short(moments.days(crossing.earliest, crossing.latest, zone))
    if crossing.likely is not None:
        text += f", likely {_short(moments.day(crossing.likely, zone))}"
    return text


def _short(day: str) -> str:
    """Return a day without its year: the horizon is too short to need it."""
    return re.sub(r" \d{4}\b", "", day)


def _error(row: CapacityRow) -> str:
    if row.forecast is None:
        return "–"
    tested = row.forecast.backtest
    if tested.mase is None or tested.baseline_mase is None:
        return "nothing ever changed"
    return f"{tested.mase:.2f} ({tested.baseline_mase:.2f})"
