"""How far background work is, with a way to cancel it, or why there is no result."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from core.background import Work, WorkStatus
from pages.ui import draft
from pages.ui.errors import as_text

__all__ = ["draw"]

_LOOKS_EVERY_S = 0.5


def draw(work: Work[Any], *, key: str, again: Callable[[], None], is_large: bool = True) -> None:
    """Show work that has no result (yet); the page is drawn anew once that changes.

    That waits while a draft is open over the page: drawing the page would close it.

    `again` begins it anew, after it failed or was cancelled. Where it is not large it shows only
    while it matters, without a bar.
    """
    shown = work.status()
    if shown.state == "running":
        st.fragment(_running, run_every=_LOOKS_EVERY_S, key=f"{key}_fragment")(
            work, key=key, is_large=is_large
        )
    elif is_large:
        _without_result(shown, key=key, again=again)


def _running(work: Work[Any], *, key: str, is_large: bool) -> None:
    status = work.status()
    if status.state != "running" and not draft.is_open():
        st.rerun()
    if not is_large:
        return
    with st.container(horizontal=True, vertical_alignment="center", key=f"{key}_running"):
        st.progress(min(1.0, max(0.0, status.fraction)), text=as_text(status.message))
        st.button("Cancel", on_click=work.cancel, icon=":material/close:", key=f"{key}_cancel")


def _without_result(shown: WorkStatus[Any], *, key: str, again: Callable[[], None]) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key=f"{key}_stopped"):
        if shown.state == "failed":
            st.error(as_text(shown.error or ""), icon=":material/error:")
        else:
            st.write(as_text(shown.message))
        st.button("Start again", on_click=again, icon=":material/refresh:", key=f"{key}_again")
