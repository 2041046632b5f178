"""Correct a ticket's category in place: what it should be, and who says so."""

from collections.abc import Callable, Sequence

import streamlit as st

from pages.ui.errors import as_text

__all__ = ["Keep", "WHO_KEY", "draw", "who"]

WHO_KEY = "tickets_who"
MAX_NAME = 100
# Takes text, old and new category and what was measured, and keeps the correction.
Keep = Callable[[str, str, str, dict[str, float | str]], None]


def who(key: str) -> str:
    """Draw the field for the name of whoever corrects, kept for this session; return the name."""
    given: str = st.text_input(
        "Your name",
        value=st.session_state.get(WHO_KEY, ""),
        key=key,
        max_chars=MAX_NAME,
        placeholder="who says so",
    )
    name = given.strip()
    st.session_state[WHO_KEY] = name
    return name


def draw(
    text: str,
    telemetry: dict[str, float | str],
    answered: str,
    categories: Sequence[str],
    keep: Keep,
) -> None:
    """Draw the button that opens the correction of one answered ticket."""
    with (
        st.popover("Wrong? Correct it", icon=":material/edit:", key="tickets_correct"),
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
        name = who("tickets_correct_who")
        if st.form_submit_button("Keep the correction", type="primary", key="tickets_keep"):
            if not (new or "").strip() or not name:
                st.warning("A correction needs the right category and your name.")
                return
            keep(text, answered, str(new).strip(), telemetry)
            st.success(f"Kept as {as_text(str(new).strip())}. It joins the next training.")
