"""Plotly charts that update in place, in the look that all live charts share.

`st.plotly_chart` of Streamlit 1.67 takes a changed figure for another chart: it is torn down and
built anew, which flickers and loses the zoom whatever `key` and `uirevision` say. So live charts
are drawn by a component of a few lines, which hands the new figure to the chart that is there.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st
from plotly.io.json import to_json_plotly

from pages.ui.plotly_script import ADDRESS

__all__ = [
    "FADED",
    "GRID",
    "TEXT",
    "Figure",
    "axis_title",
    "empty",
    "faint",
    "figure",
    "label",
    "live",
    "words",
]

# Theme colours that the component looks up in the browser, so that they follow the theme.
TEXT = "var(--st-text-color)"
FADED = "var(--st-gray-text-color)"
GRID = "var(--st-border-color)"

# Built as plain data: the checked classes of plotly.graph_objects cost a tenth of a second for each
# update of a page of small charts.
Figure = dict[str, Any]

_AXIS = {
    "gridcolor": GRID,
    "linecolor": GRID,
    "zerolinecolor": GRID,
    "tickfont": {"color": FADED, "size": 12},
    "automargin": True,
}
_CONFIG = {
    "displaylogo": False,
    "responsive": True,
    "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d", "toImage"],
}
_component = st.components.v2.component(
    "live_chart",
    js=Path(__file__).with_name("live_chart.js").read_text(encoding="utf-8"),
    isolate_styles=False,
)


def figure(
    *traces: Mapping[str, Any],
    height: int,
    revision: str,
    x: Mapping[str, Any] | None = None,
    y: Mapping[str, Any] | None = None,
    **layout: Any,
) -> Figure:
    """Return a figure in the shared look; zoom is kept for as long as `revision` stays the same.

    `x` and `y` are what the axes have of their own, `layout` what else the figure has.
    """
    return {
        "data": list(traces),
        "layout": {
            "height": height,
            "uirevision": revision,
            "autosize": True,
            "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "font": {"color": TEXT, "family": "var(--st-font)", "size": 13},
            "hoverlabel": {
                "bgcolor": "var(--st-secondary-background-color)",
                "bordercolor": GRID,
                "font": {"color": TEXT},
                "align": "left",
            },
            "showlegend": False,
            "xaxis": {**_AXIS, **(x or {})},
            "yaxis": {**_AXIS, **(y or {})},
            **layout,
        },
    }


def faint(colour: str) -> str:
    """Return a theme colour as the filling of a band: at a fifth of its strength."""
    return f"{colour} at 20 %"


def label(text: str, longest: int = 28) -> str:
    """Return `text` as plotly shows it as it is, cut where it is too long for a label.

    Plotly reads links and other tags in its texts, which may come from a file.
    """
    cut = text if len(text) <= longest else f"{text[: longest - 1]}…"
    return cut.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def axis_title(text: str) -> dict[str, Any]:
    """Return the title of an axis, in the same quiet look everywhere."""
    return {"text": label(text, 60), "font": {"color": FADED, "size": 12}}


def words(text: str, **place: Any) -> dict[str, Any]:
    """Return an annotation without an arrow, in the quiet look of labels inside a chart."""
    return {"text": text, "showarrow": False, "font": {"size": 12, "color": FADED}, **place}


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A figure as it goes to the browser: what many sessions see alike is made once for all."""

    json: str
    height: int
    alt: str


def drawing(chart: Figure, *, alt: str) -> Drawing:
    """Return `chart` ready for `show`; `alt` says what it shows to those who do not see it."""
    return Drawing(json=to_json_plotly(chart), height=chart["layout"]["height"], alt=alt)


def show(drawn: Drawing, *, key: str, toolbar: bool = False, is_static: bool = False) -> None:
    """Draw a chart; a later run with the same key changes it in place.

    A static chart answers neither hovering nor zooming.
    """
    _component(
        key=key,
        height=drawn.height,
        data={
            "figure": drawn.json,
            "address": f"{_base()}{ADDRESS}",
            "config": {
                **_CONFIG,
                "displayModeBar": "hover" if toolbar else False,
                "staticPlot": is_static,
            },
            "alt": drawn.alt,
            "height": drawn.height,
        },
    )


def live(
    chart: Figure, *, key: str, alt: str, toolbar: bool = False, is_static: bool = False
) -> None:
    """Draw `chart` at once, as `drawing` and `show` do."""
    show(drawing(chart, alt=alt), key=key, toolbar=toolbar, is_static=is_static)


def empty(reason: str, *, height: int) -> None:
    """Say why a chart is not there, and keep its place."""
    with st.container(height=height, border=False):
        st.caption(reason)


def _base() -> str:
    path = str(st.get_option("server.baseUrlPath")).strip("/")
    return f"/{path}" if path else ""
