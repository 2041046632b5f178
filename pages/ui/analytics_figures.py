"""The figures of a report, each with the sentence that says what to read in it."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from core.analytics.figures import (
    Bars,
    Curve,
    Dot,
    Dots,
    Facts,
    Figure,
    Matrix,
    Missing,
    Section,
    Table,
)
from pages.ui import charts
from pages.ui.errors import as_text

__all__ = ["draw"]

_OWN, _OTHER = "var(--st-blue-color)", "var(--st-orange-color)"
_ROW_PX, _FRAME_PX, _CURVE_PX = 26, 64, 300
_MOST_MARKERS = 20
_MOST_LEVEL_LABELS = 4


def draw(section: Section, *, key: str, shares: bool) -> None:
    """Draw a section, tables over the whole width and charts two in a row."""
    st.subheader(as_text(section.title), anchor=False)
    narrow: list[tuple[str, Figure]] = []
    for number, figure in enumerate(section.figures):
        name = f"{key}_{number}"
        if isinstance(figure, Dots | Bars | Curve | Missing):
            narrow.append((name, figure))
            continue
        _framed(figure, name, under=section.title, shares=shares)
    if narrow:
        with st.grid(2 if len(narrow) > 1 else 1, min_column_width=400, gap="small"):
            for name, figure in narrow:
                with st.container(gap="xxsmall"):
                    _framed(figure, name, under=section.title, shares=shares)


def _framed(figure: Figure, key: str, *, under: str, shares: bool) -> None:
    if figure.title != under:  # not twice
        st.markdown(f"**{as_text(figure.title)}**")
    if isinstance(figure, Missing):
        st.caption(as_text(figure.reason))
        return
    st.caption(as_text(figure.says))
    alt = f"{figure.title}. {figure.says}"
    match figure:
        case Dots():
            _live(_dots(figure, key), key, alt)
        case Bars():
            _live(_bars(figure, key), key, alt)
        case Curve():
            _live(_curve(figure, key), key, alt)
        case Matrix():
            _live(_matrix(figure, key, shares=shares), key, alt)
        case Table():
            columns = {
                name: [row[i] for row in figure.rows] for i, name in enumerate(figure.columns)
            }
            st.dataframe(columns, key=key, hide_index=True, alt=alt)
        case Facts():
            with st.container(horizontal=True):
                for one in figure.facts:
                    st.metric(one.name, one.value, border=True, help=one.about or None)


def _live(chart: charts.Figure, key: str, alt: str) -> None:
    charts.live(chart, key=key, alt=alt)


def _names(names: list[str]) -> dict[str, Any]:
    """Return an axis of names, the first on top: places, as two may be cut to the same label."""
    return {
        "fixedrange": True,
        "showgrid": False,
        "range": [len(names) - 0.4, -0.6],
        "tickvals": list(range(len(names))),
        "ticktext": [charts.label(name, 30) for name in names],
        "tickfont": {"color": charts.TEXT, "size": 12},
    }


def _dots(figure: Dots, key: str) -> charts.Figure:
    traces = []
    for is_baseline, colour, symbol in ((False, _OWN, "circle"), (True, _OTHER, "diamond")):
        own = [(i, one) for i, one in enumerate(figure.dots) if one.is_baseline is is_baseline]
        if not own:
            continue
        traces.append(
            {
                "type": "scatter",
                "mode": "markers",
                "name": "baseline" if is_baseline else "model",
                "x": [one.value for _, one in own],
                "y": [i for i, _ in own],
                "marker": {"color": colour, "symbol": symbol, "size": 10},
                "error_x": {
                    "type": "data",
                    "symmetric": False,
                    "array": [(one.high or one.value) - one.value for _, one in own],
                    "arrayminus": [
                        one.value - (one.value if one.low is None else one.low) for _, one in own
                    ],
                    "color": colour,
                    "thickness": 2,
                    "width": 5,
                },
                "hovertemplate": "%{x:.3f}<extra></extra>",
            }
        )
    return charts.figure(
        *traces,
        height=_FRAME_PX + _ROW_PX * len(figure.dots),
        revision=key,
        x={
            "fixedrange": True,
            "range": _around(figure.dots),
            "title": charts.axis_title(figure.unit or "score"),
        },
        y=_names([one.name for one in figure.dots]),
        showlegend=True,
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
    )


def _around(dots: Sequence[Dot]) -> list[float]:
    """Return an axis that shows all dots and little more; one of scores goes no further than 1."""
    ends = [end for one in dots for end in (one.value, one.low, one.high) if end is not None]
    low, high = min(ends), max(ends)
    beyond = 0.06 * (high - low) or 0.05
    is_score = low >= 0.0 and high <= 1.0
    return [low - beyond, min(high + beyond, 1.01) if is_score else high + beyond]


def _bars(figure: Bars, key: str) -> charts.Figure:
    bars = figure.bars
    return charts.figure(
        {
            "type": "bar",
            "orientation": "h",
            "y": list(range(len(bars))),
            "x": [one.value for one in bars],
            "marker": {"color": _OWN},
            "error_x": {
                "type": "data",
                "symmetric": False,
                "array": [0 if one.high is None else one.high - one.value for one in bars],
                "arrayminus": [0 if one.low is None else one.value - one.low for one in bars],
                "color": charts.TEXT,
                "thickness": 1,
                "width": 3,
                "visible": any(one.high is not None for one in bars),
            },
            "hovertemplate": f"%{{x:.3g}} {charts.label(figure.unit)}<extra></extra>",
        },
        height=_FRAME_PX + _ROW_PX * len(bars),
        revision=key,
        x={"fixedrange": True, "rangemode": "tozero", "title": charts.axis_title(figure.unit)},
        y=_names([one.name for one in bars]),
        bargap=0.4,
    )


def _curve(figure: Curve, key: str) -> charts.Figure:
    traces: list[dict[str, Any]] = []
    for one in figure.series:
        counts = one.counts or tuple([0] * len(one.x))
        traces.append(
            {
                "type": "scatter",
                "mode": "lines+markers" if len(one.x) <= _MOST_MARKERS else "lines",
                "name": one.name,
                "x": one.x,
                "y": one.y,
                "customdata": [f"{n:,} rows" if n else "" for n in counts],
                "line": {"color": _OWN, "width": 2},
                "marker": {"color": _OWN, "size": 7},
                "hovertemplate": "%{x:.3g}: %{y:.3g}<br>%{customdata}<extra></extra>",
            }
        )
    if figure.mark is not None:
        traces.append(
            {
                "type": "scatter",
                "mode": "markers",
                "x": [figure.mark[0]],
                "y": [figure.mark[1]],
                "marker": {"color": _OTHER, "size": 12, "symbol": "diamond"},
                "hovertemplate": "in force: %{x:.0f}, %{y:.1f}<extra></extra>",
            }
        )
    shapes = []
    if figure.is_diagonal:
        line = {"dash": "dash", "width": 1, "color": charts.FADED}
        shapes = [{"type": "line", "x0": 0, "y0": 0, "x1": 100, "y1": 100, "line": line}]
    return charts.figure(
        *traces,
        height=_CURVE_PX,
        revision=key,
        x={"fixedrange": True, "title": charts.axis_title(figure.x_title)},
        y={"fixedrange": True, "title": charts.axis_title(figure.y_title)},
        shapes=shapes,
    )


def _matrix(figure: Matrix, key: str, *, shares: bool) -> charts.Figure:
    n = len(figure.labels)
    texts = [
        [
            ("" if not count else f"{100 * (share or 0):.0f} %" if shares else f"{count:,}")
            for count, share in zip(counts, row, strict=True)
        ]
        for counts, row in zip(figure.counts, figure.shares, strict=True)
    ]
    said = [
        [
            f"{charts.label(true)} taken for {charts.label(answer)}: {count:,} "
            f"{figure.what}, {100 * (share or 0):.1f} %"
            for answer, count, share in zip(figure.labels, counts, row, strict=True)
        ]
        for true, counts, row in zip(figure.labels, figure.counts, figure.shares, strict=True)
    ]
    places = list(range(n))
    return charts.figure(
        {
            "type": "heatmap",
            "x": places,
            "y": places,
            # Shaded by share either way: a large category would hide what a small one is taken for.
            "z": [[share or 0.0 for share in row] for row in figure.shares],
            "zmin": 0,
            "zmax": 1,
            "text": texts,
            "texttemplate": "%{text}",
            "customdata": said,
            "hovertemplate": "%{customdata}<extra></extra>",
            # The colour of buttons, on which white words can be read, in both themes.
            "colorscale": [
                [0.0, "var(--st-secondary-background-color)"],
                [1.0, "var(--st-primary-color)"],
            ],
            "showscale": False,
            "xgap": 1,
            "ygap": 1,
        },
        height=(110 if n <= _MOST_LEVEL_LABELS else 170) + 34 * n,
        revision=key,
        x={
            "fixedrange": True,
            "showgrid": False,
            "tickvals": places,
            "ticktext": [charts.label(label, 16) for label in figure.labels],
            "tickangle": 0 if n <= _MOST_LEVEL_LABELS else -40,
            "title": charts.axis_title("said"),
        },
        y={
            **_names(list(figure.labels)),
            "range": [n - 0.5, -0.5],
            "title": charts.axis_title("true"),
        },
    )
