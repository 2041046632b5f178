"""The review queue: tickets that a person should look at, the most instructive first."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pandas as pd
import streamlit as st

from core import quantities
from core.tickets.review import ReviewItem
from pages.ui.ticket_correction import Keep

__all__ = ["draw", "is_begun", "sentence"]

MAX_ITEMS = 100
_RIGHT = "right"
_TABLE_KEY = "tickets_queue_table"
_KEPT_KEY = "tickets_queue_kept"


def sentence(items: Sequence[ReviewItem]) -> str:
    """Return what lies in the queue."""
    if not items:
        return "The review queue is empty."
    n_corrected = sum(item.n_corrected for item in items)
    n_waiting = sum(item.n_alike for item in items if item.correction is None)
    said = [
        f"{n_waiting:,} {'ticket waits' if n_waiting == 1 else 'tickets wait'} for a category"
        if n_waiting
        else "",
        f"{n_corrected:,} corrected {'one joins' if n_corrected == 1 else 'ones join'} the next "
        "training"
        if n_corrected
        else "",
    ]
    return "; ".join(part for part in said if part) + "."


def is_begun() -> bool:
    """Whether categories are chosen in the queue that is on screen."""
    table = st.session_state.get(_table_key())
    return table is not None and bool(table["edited_rows"])


def draw(
    items: Sequence[ReviewItem], categories: Sequence[str], keep: Keep, lock: str | None
) -> None:
    """Draw the queue; chosen categories are kept all at once by the button below it.

    `lock` says why the person who looks may choose none.
    """
    # Said in the run after: what is sent just before a rerun may never arrive.
    if n_kept := st.session_state.pop(_KEPT_KEY, 0):
        st.toast(f"{n_kept} kept. They join the next training.", icon=":material/check:")
    if not items:
        st.write(
            "Here come the tickets that were corrected, and those of a classified file that the "
            "model is unsure of: the ones that it would learn most from first."
        )
        return
    shown = items[:MAX_ITEMS]
    now = datetime.now(UTC)
    edited = st.data_editor(
        pd.DataFrame([_row(item, now) for item in shown]),
        key=_table_key(),
        hide_index=True,
        num_rows="fixed",
        placeholder="choose",
        disabled=["ticket", "alike", "model", "people"] if lock is None else True,
        alt="Tickets to review: text, how many are alike, what the model and what people say",
        column_config={
            "ticket": st.column_config.TextColumn("Ticket", width="large"),
            "alike": st.column_config.NumberColumn(
                "Alike", width="small", help="Tickets that say nearly the same share a line."
            ),
            "model": st.column_config.TextColumn("Model says"),
            "people": st.column_config.TextColumn("People said"),
            _RIGHT: st.column_config.SelectboxColumn(
                "Right category", options=list(categories), required=False
            ),
        },
    )
    if len(items) > len(shown):
        st.caption(
            f"The {len(shown):,} most instructive of {len(items):,} lines; tickets that say nearly "
            "the same share one."
        )
    _save(shown, edited[_RIGHT].tolist(), keep, lock)


def _table_key() -> str:
    return f"{_TABLE_KEY}_{st.session_state.get('tickets_queue_turn', 0)}"


def _row(item: ReviewItem, now: datetime) -> dict[str, object]:
    people = ""
    if item.correction is not None:
        said = " or ".join(item.disputed) if item.disputed else item.correction.new
        ago = quantities.age((now - item.correction.at).total_seconds())
        people = f"{said} ({item.correction.who}, {ago})"
    return {
        "ticket": item.text,
        "alike": item.n_alike,
        "model": f"{item.category}, {quantities.percent(item.confidence)}",
        "people": people,
        _RIGHT: None,
    }


def _save(
    items: Sequence[ReviewItem], right: Sequence[str | None], keep: Keep, lock: str | None
) -> None:
    chosen = [(item, new) for item, new in zip(items, right, strict=True) if new]
    if st.button(
        f"Keep {len(chosen)} {'category' if len(chosen) == 1 else 'categories'}",
        type="primary",
        disabled=not chosen or lock is not None,
        help=lock,
        key="tickets_review_keep",
    ):
        for item, new in chosen:
            keep(item.text, item.category, new, {})
        # Another key is another table: nothing chosen stays behind in it.
        st.session_state["tickets_queue_turn"] = 1 + st.session_state.get("tickets_queue_turn", 0)
        st.session_state[_KEPT_KEY] = len(chosen)
        st.rerun()
