"""A change that an admin asks for: made, then told at the top of the section that is drawn anew."""

from collections.abc import Callable

import streamlit as st

from core.errors import CoreError
from pages.ui import errors
from pages.ui.errors import as_text

__all__ = ["finish", "make", "tell"]

_DONE = "admin_done"


def make(change: Callable[[], object], says: str) -> None:
    """Make a change and draw the page anew with what it `says`, or say why it could not be made."""
    try:
        change()
    except CoreError as error:
        errors.show(error)
        return
    finish(says)


def finish(says: str) -> None:
    """Draw the page anew and tell, once, what has been done."""
    st.session_state[_DONE] = says
    st.rerun()


def tell() -> None:
    """Say what has just been done, if anything has."""
    done = st.session_state.pop(_DONE, None)
    if done is not None:
        st.success(as_text(done), icon=":material/check_circle:")
