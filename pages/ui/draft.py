"""The ticket draft that Live Failure Prediction hands on to the pages that work on tickets."""

import streamlit as st

from core import quantities
from core.metrics import METRIC_NAMES, metric_spec

__all__ = ["show"]


def show() -> None:
    """Show the draft of this session, if there is one, as plain text with its measured numbers.

    The draft lies in st.session_state["ticket_draft"] as {"host", "text", "category_hint",
    "metrics": {name: value}}; its text is shown as text because it holds names from outside.
    """
    draft = st.session_state.get("ticket_draft")
    if draft is None:
        return
    st.subheader("Draft from Live Failure Prediction")
    with st.container(key="card_ticket_draft"):
        st.text(f"Host {draft['host']}")
        st.code(draft["text"], language=None, wrap_lines=True)
        measured = [
            f"{metric_spec(name).label} {quantities.quantity(value, metric_spec(name).unit)}"
            for name, value in draft["metrics"].items()
            if name in METRIC_NAMES and value is not None
        ]
        if measured:
            st.text("Measured: " + ", ".join(measured))
