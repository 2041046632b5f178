"""The four charts of a view of the fleet."""

from datetime import tzinfo
from typing import Any

import numpy as np
import streamlit as st

from core import quantities
from core.dataset.overview import (
    LoadMap,
    LoadPoints,
    Overview,
    StatusCount,
    StatusSeries,
    TaskCounts,
    TimeSeries,
)
from core.dataset.overview.results import Status
from pages.ui import charts, moments

__all__ = ["COLOURS", "draw"]

_HEIGHT_PX = 204
# Okabe and Ito's blue and vermilion stand apart for everybody; the symbols say the same again.
COLOURS: dict[Status, str] = {
    "normal": "var(--st-blue-color)",
    "anomaly": "var(--st-orange-color)",
    "not judged": charts.FADED,
}
_SYMBOLS: dict[Status, str] = {
    "normal": "circle",
    "anomaly": "diamond",
    "not judged": "circle-open",
}
_MOST_BARS = 8
# A line says that there was something all along.
_STEADY_SHARE, _LONGEST_JOINED = 0.9, 5.0


def draw(view: Overview, zone: tzinfo | None) -> None:
    """Draw CPU over time, task types, anomalies and CPU against memory, two in a row."""
    with st.grid(2, min_column_width=400, gap="small"):
        with st.container(gap="xxsmall"):
            st.subheader(
                "CPU over time by anomaly status", anchor=False, help=_how_to_read(view.cpu)
            )
            _over_time(view.cpu, zone)
        with st.container(gap="xxsmall"):
            st.subheader("Task types", anchor=False)
            _tasks(view.tasks)
        with st.container(gap="xxsmall"):
            st.subheader("CPU against memory", anchor=False)
            _load(view.load)
        with st.container(gap="xxsmall"):
            st.subheader("Anomalies among the rows", anchor=False)
            _split(view.anomaly_split, view.split_empty_reason)


def _over_time(cpu: TimeSeries, zone: tzinfo | None) -> None:
    if cpu.empty_reason is not None:
        charts.empty(cpu.empty_reason, height=_HEIGHT_PX)
        return
    chart = charts.figure(
        *(trace for series in cpu.series for trace in _course(series, cpu.bucket_s, zone)),
        height=_HEIGHT_PX,
        revision="dash_cpu",
        x={"showgrid": False, "type": "date"},
        y={"ticksuffix": " %", "rangemode": "tozero"},
        showlegend=True,
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
    )
    words = "; ".join(
        f"{series.status}: mean {quantities.quantity(_mean(series), '%')}, from "
        f"{quantities.quantity(float(series.low.min()), '%')} to "
        f"{quantities.quantity(float(series.high.max()), '%')}"
        for series in cpu.series
    )
    charts.live(chart, key="dash_cpu", alt=f"CPU over time. {words}.", toolbar=True)


def _how_to_read(cpu: TimeSeries) -> str | None:
    if cpu.empty_reason is not None:
        return None
    return (
        f"Line or point: mean of {quantities.duration(cpu.bucket_s)}. Band or bar: from the lowest "
        "to the highest value in it, so that no spike is lost."
    )


def _mean(series: StatusSeries) -> float:
    return float(np.average(series.mean, weights=series.rows))


def _course(series: StatusSeries, bucket_s: float, zone: tzinfo | None) -> list[dict[str, Any]]:
    """Return a band with a line for what is there nearly always, else a range for each bucket."""
    colour = COLOURS[series.status]
    times = moments.locals_of(series.at, zone)
    exact = [
        [*(quantities.quantity(float(value), "%") for value in values), f"{rows:,}", at]
        for *values, rows, at in zip(
            series.low,
            series.mean,
            series.high,
            series.rows,
            moments.utc_texts(series.at),
            strict=True,
        )
    ]
    line = {
        "type": "scatter",
        "name": series.status,
        "legendgroup": series.status,
        "x": times,
        "y": series.mean,
        "customdata": exact,
        "line": {"color": colour, "width": 1.6},
        "marker": {"color": colour, "symbol": _SYMBOLS[series.status], "size": 5},
        "hovertemplate": f"{series.status}: %{{customdata[1]}} (%{{customdata[0]}} to "
        "%{customdata[2]})<br>%{customdata[3]} rows around %{customdata[4]}<extra></extra>",
    }
    if not _is_steady(series, bucket_s):
        ranges = {
            "type": "data",
            "symmetric": False,
            "array": series.high - series.mean,
            "arrayminus": series.mean - series.low,
            "width": 0,
            "thickness": 1,
            "color": colour,
        }
        return [{**line, "mode": "markers", "error_y": ranges}]
    edge = {
        "type": "scatter",
        "mode": "lines",
        "x": times,
        "line": {"width": 0},
        "hoverinfo": "skip",
        "showlegend": False,
        "legendgroup": series.status,
    }
    return [
        {**edge, "y": series.high},
        {**edge, "y": series.low, "fill": "tonexty", "fillcolor": charts.faint(colour)},
        {**line, "mode": "lines"},
    ]


def _is_steady(series: StatusSeries, bucket_s: float) -> bool:
    """Whether a line may join the buckets: none, or hardly any, is missing in between."""
    span_s = float((series.at[-1] - series.at[0]) / np.timedelta64(1, "s"))
    steps_s = np.diff(series.at) / np.timedelta64(1, "s")
    return series.at.size > 1 and bool(
        series.at.size >= _STEADY_SHARE * span_s / bucket_s
        and steps_s.max() <= _LONGEST_JOINED * bucket_s
    )


def _tasks(tasks: TaskCounts) -> None:
    if tasks.empty_reason is not None:
        charts.empty(tasks.empty_reason, height=_HEIGHT_PX)
        return
    shown = tasks.types[:_MOST_BARS]
    names = [charts.label(one.task_type, 22) for one in shown]
    counts = [one.rows for one in shown]
    rates = [
        "none is judged"
        if one.anomaly_rate is None
        else f"{quantities.quantity(100 * one.anomaly_rate, '%')} anomalies"
        for one in shown
    ]
    rest = tasks.other_rows + sum(one.rows for one in tasks.types[_MOST_BARS:])
    if rest:
        names.append("others")
        counts.append(rest)
        rates.append("")
    charts.live(
        _bars(names, counts, rates, ["var(--st-blue-color)"] * len(names), key="dash_tasks"),
        key="dash_tasks",
        alt="Rows by task type: "
        + "; ".join(f"{name} {n:,}" for name, n in zip(names, counts, strict=True))
        + ".",
    )


def _split(split: tuple[StatusCount, ...], empty_reason: str | None) -> None:
    if empty_reason is not None:
        charts.empty(empty_reason, height=_HEIGHT_PX)
        return
    shares = [quantities.quantity(100 * one.share, "%") for one in split]
    charts.live(
        _bars(
            [one.status for one in split],
            [one.rows for one in split],
            shares,
            [COLOURS[one.status] for one in split],
            key="dash_split",
            shown=shares,
        ),
        key="dash_split",
        alt="Rows by anomaly status: "
        + "; ".join(
            f"{one.status} {one.rows:,} ({share})" for one, share in zip(split, shares, strict=True)
        )
        + ".",
    )


def _bars(
    names: list[str],
    counts: list[int],
    beside: list[str],
    colours: list[str],
    *,
    key: str,
    shown: list[str] | None = None,
) -> charts.Figure:
    """Return one bar for each name, the first on top, with its count at its end."""
    texts = [f"{n:,}" for n in counts]
    if shown is not None:
        texts = [f"{text} ({more})" for text, more in zip(texts, shown, strict=True)]
    return charts.figure(
        {
            "type": "bar",
            "orientation": "h",
            # Places and not names on the axis: two long names may be cut to the same label.
            "y": list(range(len(names))),
            "x": counts,
            "text": texts,
            "textposition": "auto",
            "textangle": 0,
            "cliponaxis": False,
            "marker": {"color": colours},
            "customdata": list(zip(names, beside, strict=True)),
            "hovertemplate": "%{customdata[0]}: %{x:,} rows<br>%{customdata[1]}<extra></extra>",
        },
        height=_HEIGHT_PX,
        revision=key,
        x={
            "fixedrange": True,
            "rangemode": "tozero",
            "nticks": 5,
            "tickformat": ",d",
            "title": charts.axis_title("rows"),
        },
        y={
            "fixedrange": True,
            "showgrid": False,
            "autorange": "reversed",
            "tickvals": list(range(len(names))),
            "ticktext": names,
            "tickfont": {"color": charts.TEXT, "size": 12},
        },
        bargap=0.3 if len(names) > 3 else 0.6,
    )


def _load(load: LoadMap) -> None:
    if load.empty_reason is not None:
        charts.empty(load.empty_reason, height=_HEIGHT_PX)
        return
    axes = {
        "x": {"title": charts.axis_title("CPU"), "ticksuffix": " %"},
        "y": {"title": charts.axis_title("Memory"), "ticksuffix": " %"},
    }
    if load.points is not None:
        _points(load.points, axes)
    else:
        _density(load, axes)


def _points(points: LoadPoints, axes: dict[str, dict[str, Any]]) -> None:
    statuses = np.array(points.statuses)
    names = [charts.label(name) for name in points.vm_ids]
    traces = []
    for status, colour in COLOURS.items():
        own = np.flatnonzero(statuses == status)
        if own.size:
            traces.append(
                {
                    "type": "scatter",
                    "mode": "markers",
                    "name": status,
                    "x": points.cpu[own],
                    "y": points.memory[own],
                    "text": [names[n] for n in own],
                    "marker": {"color": colour, "size": 6, "symbol": _SYMBOLS[status]},
                    "hovertemplate": f"%{{text}}, {status}: CPU %{{x:.3g}} %, memory %{{y:.3g}} %"
                    "<extra></extra>",
                }
            )
    chart = charts.figure(
        *traces,
        height=_HEIGHT_PX,
        revision="dash_load",
        **axes,
        showlegend=True,
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
    )
    charts.live(
        chart,
        key="dash_load",
        toolbar=True,
        alt=f"CPU against memory: {len(names):,} rows, "
        f"{int((statuses == 'anomaly').sum()):,} of them anomalies.",
    )


def _density(load: LoadMap, axes: dict[str, dict[str, Any]]) -> None:
    rows = load.rows.astype(float)
    # Most rows lie in few cells; the logarithm lets the others be seen too.
    shade = np.log10(np.where(rows > 0, rows, np.nan))
    highest = float(np.nanmax(shade))
    with np.errstate(invalid="ignore", divide="ignore"):
        rates = 100 * load.anomalies / rows
    ticks = sorted({10**power for power in range(int(highest) + 1)} | {int(rows.max())})
    chart = charts.figure(
        {
            "type": "heatmap",
            "x": (load.cpu_edges[:-1] + load.cpu_edges[1:]) / 2,
            "y": (load.memory_edges[:-1] + load.memory_edges[1:]) / 2,
            "z": shade,
            "zmin": 0,
            "zmax": max(highest, 0.1),
            "colorscale": [
                [0.0, "var(--st-border-color)"],
                [1.0, "var(--st-blue-color)"],
            ],
            "customdata": np.dstack([rows, rates]),
            "hovertemplate": "CPU about %{x:.3g} %, memory about %{y:.3g} %: %{customdata[0]:,} "
            "rows, %{customdata[1]:.3g} % anomalies<extra></extra>",
            "colorbar": {
                "title": {**charts.axis_title("rows"), "side": "right"},
                "tickfont": {"size": 12, "color": charts.FADED},
                "thickness": 10,
                "outlinewidth": 0,
                "tickvals": [float(np.log10(n)) for n in ticks],
                "ticktext": [f"{n:,}" for n in ticks],
            },
        },
        height=_HEIGHT_PX,
        revision="dash_load",
        x={**axes["x"], "showgrid": False},
        y={**axes["y"], "showgrid": False},
    )
    place = np.unravel_index(int(rows.argmax()), rows.shape)
    charts.live(
        chart,
        key="dash_load",
        toolbar=True,
        alt=f"CPU against memory as a density of {int(rows.sum()):,} rows; most of them lie around "
        f"CPU {quantities.quantity(float(load.cpu_edges[place[1]]), '%')} and memory "
        f"{quantities.quantity(float(load.memory_edges[place[0]]), '%')}.",
    )
