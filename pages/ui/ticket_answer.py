"""The answer for one ticket: how sure it is, what else it could be, and what decided."""

from collections.abc import Sequence

import streamlit as st

from core import quantities
from core.tickets.explain import DecidingInput
from core.tickets.predict import CategoryScore, TicketPrediction
from core.tickets.similar import SimilarTicket
from pages.ui import charts, ticket_form
from pages.ui.errors import as_text
from pages.ui.fleet_columns import FLEET_COLUMNS, value_in_words
from pages.ui.status import status

__all__ = ["counted", "inputs_used", "ranked", "sentence", "similar", "verdict"]

_BAR_PX, _AROUND_PX = 34, 50
# Confidence from which on each word is said; what the model promises is the number beside it.
_SURE = ((0.9, "very sure"), (0.7, "fairly sure"), (0.5, "not very sure"), (0.0, "hardly sure"))


def sentence(answer: TicketPrediction) -> str:
    """Return the category and how sure the model is: "Network, fairly sure: 78 %".

    What goes to a person says that instead: the model may be sure of what it knows nothing of.
    """
    said = next(word for least, word in _SURE if answer.confidence >= least)
    if answer.is_unsure:
        said = "to be checked by a person"
    return f"{answer.category}, {said}: {quantities.percent(answer.confidence)}"


def verdict(answer: TicketPrediction) -> None:
    """Say whether a person should look at the ticket, and why."""
    if answer.is_unsure:
        mark = status("watch")
        st.markdown(
            f":{mark.streamlit_colour}[{mark.symbol} **Unsure: hand to a person.**] "
            f"{as_text(answer.reason)}"
        )
        return
    mark = status("healthy")
    st.markdown(
        f":{mark.streamlit_colour}[{mark.symbol} **Goes straight through.**] "
        f"{as_text(_promise(answer))}"
    )


def _promise(answer: TicketPrediction) -> str:
    """Return what is right of the tickets that go through, and of those as sure as this one.

    What is demanded holds for all of them together: one at their edge may be far below.
    """
    route = answer.routing
    demanded, right = quantities.percent(route.demanded), quantities.percent(route.precision or 0.0)
    promise = f"Of all tickets that do, {right} were right in the test; {demanded} are demanded."
    if answer.confidence >= route.demanded:
        return promise
    own = quantities.percent(answer.confidence)
    return (
        f"{promise} Of those only as sure as this one it is about {own}: demand more to have "
        "them looked at."
    )


def ranked(top: Sequence[CategoryScore], *, key: str) -> None:
    """Draw the likeliest categories as bars, the first on top."""
    names = [score.category for score in top][::-1]
    shares = [100.0 * score.probability for score in top][::-1]
    words = [quantities.percent(score.probability) for score in top][::-1]
    chart = charts.figure(
        {
            "type": "bar",
            "orientation": "h",
            "x": shares,
            "y": list(range(len(names))),
            "marker": {
                "color": [charts.GRID] * (len(names) - 1) + ["var(--st-primary-color)"],
            },
            "text": words,
            "textposition": "outside",
            "cliponaxis": False,
            "hoverinfo": "skip",
        },
        height=_AROUND_PX + _BAR_PX * len(names),
        revision=key,
        x={
            "range": [0, 115],
            "fixedrange": True,
            "tickvals": [0, 50, 100],
            "title": charts.axis_title("calibrated probability, %"),
        },
        y={
            "fixedrange": True,
            "showgrid": False,
            "zeroline": False,
            "tickvals": list(range(len(names))),
            "ticktext": [charts.label(name) for name in names],
            "tickfont": {"color": charts.TEXT},
        },
    )
    told = ", ".join(f"{name} {word}" for name, word in zip(names[::-1], words[::-1], strict=True))
    charts.live(
        chart, key=key, alt=f"Probability of the likeliest categories: {told}.", is_static=True
    )


def counted(inputs: Sequence[DecidingInput], category: str) -> None:
    """List the measured values that decided, the heaviest first."""
    heaviest = max((abs(item.weight) for item in inputs), default=0.0)
    for item in inputs:
        side = "for" if item.weight > 0 else "against"
        share = abs(item.weight) / heaviest
        how = "strongly" if share > 2 / 3 else "somewhat" if share > 1 / 3 else "slightly"
        value = value_in_words(item.name, item.value)
        st.markdown(
            as_text(f"{FLEET_COLUMNS[item.name].label} {value}")
            + f": {how} {side} {as_text(category)}"
        )


def inputs_used(answer: TicketPrediction) -> str:
    """Return which inputs were read, and what stands for those that were not given."""
    used = ["the text", *(FLEET_COLUMNS[name].label for name in answer.inputs_used)]
    # What follows from a measurement or from the time is not a thing of its own to give.
    missing = [
        FLEET_COLUMNS[name].label for name in answer.inputs_missing if name in ticket_form.GIVEN
    ]
    said = f"Read: {', '.join(used)}."
    if not missing:
        return said
    if not answer.inputs_used:
        return f"{said} Nothing measured was given: what is typical in training stands for it."
    return f"{said} Not given, what is typical in training stands for it: {', '.join(missing)}."


def similar(tickets: Sequence[SimilarTicket]) -> None:
    """Show past tickets that read like this one, with how they were labelled."""
    if not tickets:
        st.caption("No past ticket shares a word with this one.")
    for ticket in tickets:
        with st.container(border=True):
            st.markdown(
                f"**{as_text(ticket.category)}** · {quantities.percent(ticket.similarity)} alike"
            )
            st.text(ticket.text, wrap=True)
