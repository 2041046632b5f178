"""One unusual row: what is unusual about it, beside what is usual."""

from datetime import datetime, timedelta, tzinfo
from typing import Any

import streamlit as st

from core import quantities
from core.dataset.anomalies import Anomaly, Cause
from core.dataset.overview import Machine
from pages.ui import anomaly_table, charts, moments
from pages.ui.errors import as_text
from pages.ui.fleet_columns import FleetColumn, fleet_column

__all__ = ["AFTER", "BEFORE", "draft", "draw"]

_HEIGHT_PX = 170
_COLOUR, _MARK = "var(--st-blue-color)", "var(--st-orange-color)"
BEFORE, AFTER = timedelta(days=3), timedelta(days=1)
"""How much of its VM's time is shown around a row."""


def draw(row: Anomaly, around: Machine | None, zone: tzinfo | None, *, is_demo: bool) -> None:
    """Draw the row's measurements at fault, each with its usual range and the time around it."""
    st.subheader(as_text(f"{row.vm_id}, {moments.minute(row.at, zone)}"), anchor=False)
    said = anomaly_table.how_unusual(row)
    st.write(as_text(f"{said[:1].upper()}{said[1:]}. {row.sentence}" if said else row.sentence))
    if not row.causes or around is None or row.at is None:
        return
    with st.grid(len(row.causes), min_column_width=280):
        for n, cause in enumerate(row.causes):
            with st.container(gap="xxsmall"):
                column = fleet_column(cause.column, is_demo=is_demo)
                _cause(row.at, cause, column, around, zone, key=f"dash_cause_{n}")


def draft(row: Anomaly) -> dict[str, Any]:
    """Return a ticket draft on the row, as the pages that work on tickets take it."""
    at = "at a time that is not known" if row.at is None else f"at {quantities.utc(row.at)}"
    how = anomaly_table.how_unusual(row)
    lines = [
        f"{row.vm_id} behaved unusually {at}{f' ({how})' if how else ''}.",
        row.sentence,
        f"Task: {row.task_type}, priority {row.task_priority}, status {row.task_status}.",
    ]
    columns: dict[str, float | str] = {cause.column: cause.value for cause in row.causes}
    columns |= {
        "task_type": row.task_type,
        "task_priority": row.task_priority,
        "task_status": row.task_status,
    }
    if row.labelled is not None:
        columns["anomaly_status"] = float(row.labelled)
    return {
        "host": row.vm_id,
        "text": "\n".join(lines),
        "metrics": {},
        "columns": columns,
        "source": "Dashboard",
    }


def _cause(
    at: datetime,
    cause: Cause,
    column: FleetColumn,
    around: Machine,
    zone: tzinfo | None,
    *,
    key: str,
) -> None:
    usual = f"{quantities.rounded(cause.low)} to {quantities.quantity(cause.high, column.unit)}"
    st.caption(as_text(f"{column.label}; usual for {cause.compared_with}: {usual}"))
    shape = {"xref": "paper", "x0": 0, "x1": 1, "y0": cause.low, "y1": cause.high}
    traces = [
        {
            "type": "scatter",
            "mode": "lines",
            "x": moments.locals_of(series.at, zone),
            "y": series.mean,
            "customdata": moments.utc_texts(series.at),
            "line": {"color": _COLOUR, "width": 1.4},
            "hovertemplate": "%{y:.3g} at %{customdata}<extra></extra>",
        }
        for series in around.series
        if series.column == cause.column
    ]
    traces.append(
        {
            "type": "scatter",
            "mode": "markers",
            "x": [moments.local(at, zone)],
            "y": [cause.value],
            "marker": {"color": _MARK, "size": 10, "symbol": "diamond"},
            "hovertemplate": f"%{{y:.4g}} at {quantities.utc(at)}<extra></extra>",
        }
    )
    chart = charts.figure(
        *traces,
        height=_HEIGHT_PX,
        revision=f"{key} {around.vm_id} {at}",
        x={"showgrid": False, "type": "date"},
        y={"title": charts.axis_title(column.on_axis)},
        shapes=[
            {
                "type": "rect",
                **shape,
                "fillcolor": charts.faint(_COLOUR),
                "line": {"width": 0},
                "layer": "below",
            }
        ],
    )
    charts.live(
        chart,
        key=key,
        alt=f"{column.label} of {around.vm_id} around {moments.minute(at, zone)}: {cause.text}",
    )
