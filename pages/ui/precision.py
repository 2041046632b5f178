"""The precision that is demanded of tickets which no person looks at, and what it comes to."""

import streamlit as st

from core import quantities
from core.tickets.abstain import Routing
from core.tickets.predict import TicketModel
from pages.ui import charts

__all__ = ["curve", "demanded", "sentence"]

_HEIGHT_PX = 260
_KEY = "tickets_precision"


def demanded(model: TicketModel) -> float:
    """Return the precision (0-1) that is demanded: what the slider says, or that of training."""
    return float(st.session_state.get(_KEY, round(100 * model.report.precision))) / 100


def sentence(route: Routing) -> str:
    """Return what a demanded precision comes to on the held-out tickets."""
    at = f"At {round(100 * route.demanded)} % precision"
    if route.precision is None:
        return f"{at} every ticket goes to a person: no confidence has been right that often."
    if route.coverage == 1.0:
        return f"{at} every ticket like those goes straight through."
    return f"{at} {quantities.percent(route.coverage)} of tickets go straight through."


def curve(model: TicketModel) -> None:
    """Draw the slider, what it comes to, and the curve that it moves along."""
    grid = st.grid(2, min_column_width=400)
    with grid, st.container():
        st.slider(
            "Precision demanded of tickets that no person looks at",
            min_value=50,
            max_value=99,
            value=round(100 * model.report.precision),
            format="%d %%",
            key=_KEY,
            persist_state="session",
        )
        route = model.routing(demanded(model))
        st.markdown(f"**{sentence(route)}**")
        st.caption(_evidence(route, model))
    with grid:
        _draw(model, route)


def _evidence(route: Routing, model: TicketModel) -> str:
    n = model.report.split.n_test
    if route.precision is None or route.low is None or route.high is None:
        return f"Judged on {n:,} held-out tickets."
    routed = f"All of {n:,} held-out tickets go through"
    if route.coverage < 1.0:
        routed = (
            f"Of {n:,} held-out tickets {round(100 * route.coverage)} % were at least "
            f"{round(100 * route.threshold)} % sure"
        )
    return (
        f"{routed}; {quantities.percent(route.precision)} of those were right "
        f"(95 % interval {round(100 * route.low)}-{round(100 * route.high)} %)."
    )


def _draw(model: TicketModel, route: Routing) -> None:
    points = model.report.curve
    shapes = [
        {
            "type": "line",
            "xref": "paper",
            "x0": 0,
            "x1": 1,
            "y0": 100 * route.demanded,
            "y1": 100 * route.demanded,
            "line": {"dash": "dash", "width": 1, "color": charts.FADED},
        }
    ]
    here = [] if route.precision is None else [(100 * route.coverage, 100 * route.precision)]
    chart = charts.figure(
        {
            "type": "scatter",
            "mode": "lines",
            "x": [100 * point.coverage for point in points],
            "y": [100 * point.precision for point in points],
            "line": {"color": "var(--st-primary-color)", "width": 2},
            "hovertemplate": "%{x:.0f} % go straight through, %{y:.1f} % of them right"
            "<extra></extra>",
        },
        {
            "type": "scatter",
            "mode": "markers",
            "x": [x for x, _ in here],
            "y": [y for _, y in here],
            "marker": {"size": 12, "color": "var(--st-primary-color)"},
            "hoverinfo": "skip",
        },
        height=_HEIGHT_PX,
        revision="tickets_curve",
        shapes=shapes,
        x={
            "range": [0, 102],
            "fixedrange": True,
            "title": charts.axis_title("tickets straight through, %"),
        },
        y={"fixedrange": True, "title": charts.axis_title("of them right, %")},
    )
    charts.live(
        chart,
        key="tickets_curve",
        alt="Share of tickets that go straight through against the share of them that is right, on "
        f"held-out tickets. {sentence(route)}",
    )
