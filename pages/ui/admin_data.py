"""The section of the page Admin on the fleet dataset: upload, compare, return to an earlier one."""

import streamlit as st

from core.access import Actor

__all__ = ["draw"]


def draw(actor: Actor) -> None:
    """Draw the section."""
    st.caption(f"Signed in as {actor.name}.")
