"""The replies that were saved, the latest first."""

from collections.abc import Sequence
from datetime import tzinfo

import streamlit as st

from core import quantities
from core.store import SavedReply

__all__ = ["draw"]

_THUMBS = {1: "thumb up", -1: "thumb down", 0: "not rated"}


def draw(saved: Sequence[SavedReply], zone: tzinfo | None) -> None:
    """List saved replies; tickets and replies are shown as text."""
    if not saved:
        st.caption("No reply was saved yet.")
    for one in saved:
        who = one.model or one.provider
        edited = ", edited" if one.is_edited else ""
        label = f"{quantities.moment(one.at, zone)} · {who}{edited} · {_THUMBS[one.thumb]}"
        with st.container(border=True):
            st.text(label)
            st.text(one.ticket[:300], wrap=True)
            st.code(one.text, language="markdown", wrap_lines=True, height=160)
            if one.comment:
                st.text(one.comment, wrap=True)
