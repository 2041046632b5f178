"""The section of the page Admin on who is signed in, and the audit trail."""

import streamlit as st

from core.access import Actor

__all__ = ["draw"]


def draw(actor: Actor) -> None:
    """Draw the section."""
    st.caption(f"Signed in as {actor.name}.")
