"""One resource ahead: history, what is expected, how sure that is, and its limits."""

from collections.abc import Sequence
from datetime import tzinfo
from typing import Any

import numpy as np
import streamlit as st

from core import quantities
from core.fleet_jobs import Course
from core.forecast import CapacityRow, Crossing, Forecast
from pages.ui import capacity_table, capacity_words, charts, moments
from pages.ui.errors import as_text

__all__ = ["draw", "facts"]

_HEIGHT_PX, _WORDS_PX = 280, 92
_MOST_STEPS = 600
_HISTORY, _AHEAD = "var(--st-blue-color)", "var(--st-violet-color)"
_LIMIT = {"warning": "var(--st-orange-color)", "hard": "var(--st-red-color)"}


def draw(row: CapacityRow, course: Course | None, *, key: str, zone: tzinfo | None) -> None:
    """Draw a row's history and forecast, or say why there is no forecast; `key` names the chart."""
    column = capacity_words.column_of(row)
    unit = column.unit
    traces = [] if course is None else _history(course, zone)
    marks: list[dict[str, Any]] = []
    words: list[dict[str, Any]] = []
    if row.forecast is not None:
        traces += _fan(row.forecast, zone)
        now = moments.local(row.forecast.history_end, zone)
        thin = {"color": charts.FADED, "width": 1}
        marks.append(
            {"type": "line", "x0": now, "x1": now, "yref": "paper", "y0": 0, "y1": 1, "line": thin}
        )
    if not traces:
        charts.empty(f"{row.answer}.", height=60)
        return
    for crossing in row.crossings:
        marks.append(_limit_line(crossing))
        words.append(_limit_words(crossing, unit))
        traces += _reached(crossing, zone)
    chart = charts.figure(
        *traces,
        height=_HEIGHT_PX,
        revision=f"{key} {capacity_table.name_of(row)}",
        x={"showgrid": False, "type": "date"},
        y={"title": charts.axis_title(column.on_axis), "rangemode": "tozero"},
        # Beside the lines that they name: in the chart the curve would run through them.
        margin={"l": 8, "r": _WORDS_PX if words else 8, "t": 8, "b": 8},
        shapes=marks,
        annotations=words,
        showlegend=True,
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
    )
    charts.live(chart, key=key, alt=_in_words(row, unit, zone), toolbar=True)


def facts(row: CapacityRow, zone: tzinfo | None) -> None:
    """Say what the forecast rests on: season, model, how it did on the past, notes."""
    ahead = row.forecast
    if ahead is None:
        st.write(as_text(f"No forecast: {row.reason}."))
        return
    seasons = ", ".join(
        f"{one.name} ({quantities.quantity(100 * one.strength, '%')})" for one in ahead.seasons
    )
    tested = ahead.backtest
    st.write(as_text(f"Seasonality: {seasons or 'none recognised'}."))
    st.write(
        as_text(f"Model: {ahead.model}; measured up to {moments.minute(ahead.history_end, zone)}.")
    )
    if tested.mase is not None and tested.baseline_mase is not None:
        st.write(
            as_text(
                f"Tested at {tested.windows} times of the past, "
                f"{quantities.duration(tested.tested_s)} ahead: error {tested.mase:.2f}, "
                f"{tested.baseline_mase:.2f} for repeating the last season; the 80 % band held "
                f"{quantities.quantity(100 * tested.coverage80, '%')} of what came."
            )
        )
    for note in ahead.notes:
        st.caption(as_text(note))


def _history(course: Course, zone: tzinfo | None) -> list[dict[str, Any]]:
    times = moments.locals_of(course.at, zone)
    edge = {
        "type": "scatter",
        "mode": "lines",
        "x": times,
        "line": {"width": 0},
        "hoverinfo": "skip",
        "showlegend": False,
    }
    return [
        {**edge, "y": course.high},
        {**edge, "y": course.low, "fill": "tonexty", "fillcolor": charts.faint(_HISTORY)},
        {
            "type": "scatter",
            "mode": "lines" if len(times) > 1 else "markers",
            "name": "measured",
            "x": times,
            "y": course.mean,
            "customdata": moments.utc_texts(course.at),
            "line": {"color": _HISTORY, "width": 1.4},
            "hovertemplate": "%{y:.3g} around %{customdata}<extra></extra>",
        },
    ]


def _fan(ahead: Forecast, zone: tzinfo | None) -> list[dict[str, Any]]:
    n = len(ahead.mean)
    steps = np.unique(np.linspace(0, n - 1, min(n, _MOST_STEPS)).astype(int))
    moments_ahead = [ahead.at(float(step) + 1.0) for step in steps]
    times = [moments.local(at, zone) for at in moments_ahead]
    traces: list[dict[str, Any]] = []
    for band in sorted(ahead.bands, key=lambda one: -one.level):
        edge = {"type": "scatter", "mode": "lines", "x": times, "line": {"width": 0}}
        traces += [
            {**edge, "y": band.high[steps], "hoverinfo": "skip", "showlegend": False},
            {
                **edge,
                "y": band.low[steps],
                "fill": "tonexty",
                "fillcolor": charts.faint(_AHEAD),
                "hoverinfo": "skip",
                "name": f"{band.level:.0%} band".replace("%", " %"),
            },
        ]
    middle = ahead.band(0.8)
    traces.append(
        {
            "type": "scatter",
            "mode": "lines",
            "name": "expected",
            "x": times,
            "y": ahead.mean[steps],
            "customdata": [
                [quantities.rounded(low), quantities.rounded(high), quantities.utc(at)]
                for low, high, at in zip(
                    middle.low[steps], middle.high[steps], moments_ahead, strict=True
                )
            ],
            "line": {"color": _AHEAD, "width": 1.6},
            "hovertemplate": "%{y:.3g} expected, %{customdata[0]} to %{customdata[1]} with 80 %"
            "<br>%{customdata[2]}<extra></extra>",
        }
    )
    return traces


def _limit_line(crossing: Crossing) -> dict[str, Any]:
    return {
        "type": "line",
        "xref": "paper",
        "x0": 0,
        "x1": 1,
        "y0": crossing.limit,
        "y1": crossing.limit,
        "line": {"dash": "dash", "width": 1.2, "color": _LIMIT[crossing.name]},
    }


def _limit_words(crossing: Crossing, unit: str) -> dict[str, Any]:
    return charts.words(
        f"{crossing.name} {quantities.quantity(crossing.limit, unit)}",
        xref="paper",
        x=1,
        xanchor="left",
        y=crossing.limit,
        yanchor="middle",
    )


def _reached(crossing: Crossing, zone: tzinfo | None) -> list[dict[str, Any]]:
    """Return a bar along the limit from the earliest to the latest time that it is reached."""
    known = (crossing.earliest, crossing.likely, crossing.latest)
    times = [moments.local(at, zone) for at in known if at is not None]
    if crossing.is_reached or not times:
        return []
    return [
        {
            "type": "scatter",
            "mode": "lines+markers",
            "x": times,
            "y": [crossing.limit] * len(times),
            "line": {"color": _LIMIT[crossing.name], "width": 4},
            "marker": {"color": _LIMIT[crossing.name], "size": 7, "symbol": "diamond"},
            "name": f"{crossing.name} limit reached",
            "showlegend": False,
            "text": [
                f"{word} {moments.minute(at, zone)}"
                for word, at in zip(("earliest", "likely", "latest"), known, strict=True)
                if at is not None
            ],
            "hovertemplate": f"{crossing.name} limit, %{{text}}<extra></extra>",
        }
    ]


def _in_words(row: CapacityRow, unit: str, zone: tzinfo | None) -> str:
    name = capacity_table.name_of(row)
    level = "not measured" if row.level is None else quantities.quantity(row.level, unit)
    if row.forecast is None:
        return f"{name}: {level} now; {row.answer}."
    last = row.forecast.at(len(row.forecast.mean))
    band = row.forecast.band(0.8)
    ends = f"{quantities.rounded(band.low[-1])} and {quantities.quantity(band.high[-1], unit)}"
    said = f"{name}: {level} now; on {moments.day(last, zone)} with 80 % between {ends}."
    return said + _limits_in_words(row.crossings, zone)


def _limits_in_words(crossings: Sequence[Crossing], zone: tzinfo | None) -> str:
    return "".join(
        f" The {one.name} limit: {capacity_table.dates(one, zone)}." for one in crossings
    )
