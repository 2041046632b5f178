"""The numbered evidence of a reply, and what of it would leave this machine."""

import streamlit as st

from core.responses.provider import Provider
from core.responses.responder import Prepared

__all__ = ["draw", "payload"]

_SHOWN_CHARACTERS = 1_500


def draw(prepared: Prepared) -> None:
    """List the evidence; it is shown as text, because most of it comes from outside."""
    with st.expander(f"What is known: {len(prepared.evidence)} items"):
        for item in prepared.evidence:
            st.caption(f"{item.number} · {item.kind}")
            st.text(f"{item.source}\n{item.text[:_SHOWN_CHARACTERS]}", wrap=True)


def payload(prepared: Prepared, provider: Provider) -> None:
    """Show to the byte what a provider sends, or say that nothing leaves."""
    sent = provider.payload(prepared.request)
    if not sent:
        st.caption("Nothing leaves this machine.")
        return
    counts = ", ".join(f"{count} {kind}" for kind, count in prepared.masks.counts.items())
    with st.expander(f"What would leave this machine; masked: {counts or 'nothing was found'}"):
        st.code(sent, language="json", wrap_lines=True, height=400)
