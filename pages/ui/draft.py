"""The ticket draft that other pages hand on to the pages that work on tickets."""

import streamlit as st

from core import quantities
from core.metrics import METRIC_NAMES, metric_spec
from pages.ui.fleet_columns import FLEET_COLUMNS, value_in_words

__all__ = ["closed", "is_open", "offer", "show"]

_OPEN_KEY = "draft_open"


def show() -> None:
    """Show the draft of this session, if there is one, as plain text with its measured numbers.

    The draft lies in st.session_state["ticket_draft"] as {"host", "text", "metrics": {name:
    value}}; with the "forecast" in words from Live Failure Prediction, with "columns" of the fleet
    dataset and its "source" from other pages. Its text is shown as text because it holds names from
    outside.
    """
    draft = st.session_state.get("ticket_draft")
    if draft is None:
        return
    st.subheader(f"Draft from {draft.get('source', 'Live Failure Prediction')}")
    with st.container(key="card_ticket_draft"):
        st.text(f"Host {draft['host']}")
        st.code(draft["text"], language=None, wrap_lines=True)
        measured = [
            f"{metric_spec(name).label} {quantities.quantity(value, metric_spec(name).unit)}"
            for name, value in draft["metrics"].items()
            if name in METRIC_NAMES and value is not None
        ]
        measured += [
            f"{FLEET_COLUMNS[name].label} {value_in_words(name, value)}"
            for name, value in draft.get("columns", {}).items()
            if name in FLEET_COLUMNS
        ]
        if measured:
            st.text("Measured: " + ", ".join(measured))


def is_open() -> bool:
    """Whether `offer` shows the draft over the present page."""
    return bool(st.session_state.get(_OPEN_KEY, False))


def closed() -> None:
    """Take note that nothing is open: a page that is drawn anew closes what was."""
    st.session_state[_OPEN_KEY] = False


@st.dialog("Ticket draft", width="large", on_dismiss=closed)
def offer() -> None:
    """Show the draft and the pages that go on with it."""
    st.session_state[_OPEN_KEY] = True
    show()
    # Links, since st.switch_page refuses while widgets of the page are bound to its address.
    with st.container(horizontal=True):
        st.page_link("ticket_classifier.py", label="Classify it", icon=":material/label:")
        st.page_link("ai_response.py", label="Write the reply", icon=":material/reply:")
