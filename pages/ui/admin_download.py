"""A file on the page Admin that is made at the click, and what is said where it cannot be made."""

import logging
from collections.abc import Callable

import streamlit as st

from core import resources
from core.access import Role
from core.errors import CoreError
from pages.ui.errors import as_text

__all__ = ["button", "keep_up", "refusals"]

_log = logging.getLogger(__name__)

_LOOKS_EVERY_S = 5.0
_REFUSED = "admin_refused"


def button(
    label: str, make: Callable[[], str | bytes], *, file_name: str, mime: str, key: str, help: str
) -> None:
    """Draw a button for a file that `make` makes at the click, outside of the page's run.

    Streamlit then says beside the button that it failed, whatever `make` raises. The words of a
    CoreError are said by `keep_up` or by the page's next run.
    """
    refused: list[str] = st.session_state.setdefault(_REFUSED, [])

    def made() -> str | bytes:
        try:
            return make()
        except CoreError as error:
            _log.warning("%s is not handed out: %s", file_name, error)
            refused.append(str(error))
            raise

    st.download_button(
        label,
        data=made,
        file_name=file_name,
        mime=mime,
        on_click="ignore",
        icon=":material/download:",
        key=key,
        help=help,
    )


def refusals() -> None:
    """Draw why files were not handed out since this was last drawn by a run of the page."""
    refused: list[str] = st.session_state.pop(_REFUSED, [])
    for why in refused:
        st.error(as_text(why), icon=":material/error:")


@st.fragment(run_every=_LOOKS_EVERY_S)
def keep_up() -> None:
    """Draw the page anew when its admin has signed out in another tab, or a file was refused."""
    if resources.actor().role is not Role.ADMIN or st.session_state.get(_REFUSED):
        st.rerun()
