"""The numbered evidence of a reply, and what of it would leave this machine."""

from collections.abc import Sequence

import streamlit as st

from core.responses.evidence import Evidence
from core.responses.provider import Provider
from core.responses.responder import Prepared
from pages.ui.errors import as_text

__all__ = ["choose", "payload"]

_KIND_WORDS = {
    "ticket": "the ticket",
    "category": "predicted category",
    "measured": "measured",
    "forecast": "failure forecast",
    "runbook": "runbook",
    "similar": "similar ticket",
}
_SHOWN_CHARACTERS = 1_500


def choose(evidence: Sequence[Evidence]) -> frozenset[str]:
    """List the evidence with a toggle for each item; return the keys of those left out.

    The ticket itself has no toggle: without it there is nothing to answer. What the items say is
    shown as text, because most of it comes from outside.
    """
    left_out = frozenset(item.key for item in evidence if not _is_on(item))
    n_used = len(evidence) - len(left_out)
    title = f"What is known: {n_used} of {len(evidence)} items are used"
    with st.expander(title, key="reply_known"):
        number = 0
        for item in evidence:
            is_used = item.key not in left_out
            number += is_used
            label = f"{number if is_used else 'Left out'} · {_KIND_WORDS[item.kind]}"
            if item.kind == "ticket":
                st.markdown(label)
            else:
                st.toggle(as_text(label), value=True, key=_toggle(item), persist_state="session")
            with st.container(gap="xxsmall"):
                st.caption(as_text(item.source))
                st.text(item.text[:_SHOWN_CHARACTERS], wrap=True)
    return left_out


def payload(prepared: Prepared, provider: Provider) -> None:
    """Show to the byte what a provider sends, or say that nothing leaves."""
    sent = provider.payload(prepared.request)
    if not sent:
        st.caption("Nothing leaves this machine.")
        return
    counts = ", ".join(f"{count} {kind}" for kind, count in prepared.masks.counts.items())
    with st.expander(f"What would leave this machine; masked: {counts or 'nothing was found'}"):
        st.code(sent, language="json", wrap_lines=True, height=400)


def _toggle(item: Evidence) -> str:
    return f"reply_item_{item.key}"


def _is_on(item: Evidence) -> bool:
    return item.kind == "ticket" or bool(st.session_state.get(_toggle(item), True))
