"""Correct a ticket's category in place."""

from collections.abc import Callable, Sequence

import streamlit as st

from pages.ui.errors import as_text

__all__ = ["Keep", "draw"]

# Takes text, old and new category and what was measured, and keeps the correction.
Keep = Callable[[str, str, str, dict[str, float | str]], None]
_NO_TEXT = "A correction is learnt by the text of its ticket: write one, and classify it again"


def draw(
    text: str,
    telemetry: dict[str, float | str],
    answered: str,
    categories: Sequence[str],
    keep: Keep,
    lock: str | None,
) -> None:
    """Draw the button that opens the correction of one answered ticket.

    `lock` says why the person who looks may not do that. A ticket without a text cannot be
    corrected: a training would not know it again.
    """
    lock = lock or (None if text.strip() else _NO_TEXT)
    with (
        st.popover(
            "Wrong? Correct it",
            icon=":material/edit:",
            disabled=lock is not None,
            help=lock,
            key="tickets_correct",
        ),
        st.form("tickets_correction", border=False),
    ):
        new = st.selectbox(
            "Right category",
            [category for category in categories if category != answered],
            index=None,
            key="tickets_right",
            placeholder="choose, or type a new one",
            accept_new_options=True,
        )
        if st.form_submit_button(
            "Keep the correction", type="primary", disabled=lock is not None, key="tickets_keep"
        ):
            if not (new or "").strip():
                st.warning("A correction needs the right category.")
                return
            keep(text, answered, str(new).strip(), telemetry)
            st.success(f"Kept as {as_text(str(new).strip())}. It joins the next training.")
