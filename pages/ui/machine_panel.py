"""One VM: how its measurements went, what happened to it, and what was written about it."""

from datetime import tzinfo
from typing import Any

import streamlit as st

from core import quantities
from core.dataset.overview import Machine, ValueSeries
from pages.ui import charts, moments
from pages.ui.fleet_columns import FleetColumn, fleet_column

__all__ = ["events", "series", "tickets"]

_HEIGHT_PX = 150
_TABLE_HEIGHT_PX = 226
_COLOUR = "var(--st-blue-color)"


def series(machine: Machine, zone: tzinfo | None, *, is_demo: bool) -> None:
    """Draw each measurement over time, or say why there is none."""
    if machine.empty_reason is not None:
        st.caption(machine.empty_reason)
        return
    with st.grid(3, min_column_width=280):
        for one in machine.series:
            with st.container(gap="xxsmall"):
                _course(one, fleet_column(one.column, is_demo=is_demo), machine.vm_id, zone)


def events(machine: Machine, zone: tzinfo | None) -> None:
    """List its anomalies and failed tasks, or say that there were none."""
    if not machine.events:
        st.caption("No row of it is marked as an anomaly, and no task failed.")
        return
    st.dataframe(
        {
            "When": [moments.minute(event.at, zone) for event in machine.events],
            "What": [event.kind for event in machine.events],
            "Task": [f"{event.task_type}, {event.task_status}" for event in machine.events],
        },
        key="dash_events",
        hide_index=True,
        height=min(_TABLE_HEIGHT_PX, 37 * (len(machine.events) + 1)),
        alt=f"The newest {len(machine.events)} of {machine.n_events:,} anomalies and failed tasks "
        f"of {machine.vm_id}",
    )
    _rest(len(machine.events), machine.n_events)


def tickets(machine: Machine, zone: tzinfo | None) -> None:
    """List the tickets about it, or say that there are none."""
    if not machine.tickets:
        st.caption("No ticket of this VM is in the dataset.")
        return
    st.dataframe(
        {
            "When": [moments.minute(ticket.at, zone) for ticket in machine.tickets],
            "Category": [ticket.category for ticket in machine.tickets],
            "Text": [" ".join(ticket.text.split()) for ticket in machine.tickets],
        },
        key="dash_tickets",
        hide_index=True,
        height=min(_TABLE_HEIGHT_PX, 37 * (len(machine.tickets) + 1)),
        alt=f"The newest {len(machine.tickets)} of {machine.n_tickets:,} tickets about "
        f"{machine.vm_id}",
    )
    _rest(len(machine.tickets), machine.n_tickets)


def _rest(n_shown: int, n: int) -> None:
    if n > n_shown:
        st.caption(f"The newest {n_shown:,} of {n:,}.")


def _course(one: ValueSeries, column: FleetColumn, vm_id: str, zone: tzinfo | None) -> None:
    low, high = float(one.low.min()), float(one.high.max())
    newest = quantities.quantity(float(one.mean[-1]), column.unit)
    span = f"{quantities.rounded(low)} to {quantities.quantity(high, column.unit)}"
    st.caption(f"{column.label}: {newest} at the end, {span} in all")
    times = moments.locals_of(one.at, zone)
    edge: dict[str, Any] = {
        "type": "scatter",
        "mode": "lines",
        "x": times,
        "line": {"width": 0},
        "hoverinfo": "skip",
    }
    chart = charts.figure(
        {**edge, "y": one.high},
        {**edge, "y": one.low, "fill": "tonexty", "fillcolor": charts.faint(_COLOUR)},
        {
            "type": "scatter",
            "mode": "lines" if len(times) > 1 else "markers",
            "x": times,
            "y": one.mean,
            "customdata": moments.utc_texts(one.at),
            "line": {"color": _COLOUR, "width": 1.4},
            "hovertemplate": "%{y:.3g} around %{customdata}<extra></extra>",
        },
        height=_HEIGHT_PX,
        revision=f"{vm_id} {one.column}",
        x={"showgrid": False, "type": "date", "nticks": 4},
        y={"nticks": 4, "title": charts.axis_title(column.on_axis)},
    )
    charts.live(
        chart,
        key=f"dash_vm_{one.column}",
        alt=f"{column.label} of {vm_id} over time: from {span}, {newest} at the end",
    )
