"""Plotly charts that update in place, in the look that all live charts share.

`st.plotly_chart` of Streamlit 1.67 takes a changed figure for another chart: it is torn down and
built anew, which flickers and loses the zoom whatever `key` and `uirevision` say. So live charts
are drawn by a component of a few lines, which hands the new figure to the chart that is there.
"""

from pathlib import Path

import plotly.graph_objects as go
import streamlit as st

from pages.ui.plotly_script import ADDRESS

__all__ = ["FADED", "GRID", "TEXT", "empty", "figure", "live"]

# Theme colours that the component looks up in the browser, so that they follow the theme.
TEXT = "var(--st-text-color)"
FADED = "var(--st-gray-text-color)"
GRID = "var(--st-border-color)"

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


def figure(*traces: go.Figure, revision: str, height: int) -> go.Figure:
    """Return a figure in the shared look; zoom is kept for as long as `revision` stays the same."""
    axis = {
        "gridcolor": GRID,
        "linecolor": GRID,
        "zerolinecolor": GRID,
        "tickfont": {"color": FADED, "size": 12},
        "title": {"font": {"color": FADED, "size": 12}},
        "automargin": True,
    }
    return go.Figure(
        data=traces,
        layout={
            "template": "none",
            "uirevision": revision,
            "height": height,
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
            "xaxis": axis,
            "yaxis": axis,
        },
    )


def live(
    chart: go.Figure, *, key: str, alt: str, toolbar: bool = False, is_static: bool = False
) -> None:
    """Draw `chart`; a later run with the same key changes it in place.

    `alt` says in words what the chart shows, for those who do not see it. A static chart answers
    neither hovering nor zooming.
    """
    height = chart.layout.height
    _component(
        key=key,
        height=height,
        data={
            "figure": chart.to_json(),
            "address": f"{_base()}{ADDRESS}",
            "config": {
                **_CONFIG,
                "displayModeBar": "hover" if toolbar else False,
                "staticPlot": is_static,
            },
            "alt": alt,
            "height": height,
        },
    )


def empty(reason: str, *, height: int) -> None:
    """Say why a chart is not there, and keep its place."""
    with st.container(height=height, border=False):
        st.caption(reason)


def _base() -> str:
    path = str(st.get_option("server.baseUrlPath")).strip("/")
    return f"/{path}" if path else ""
