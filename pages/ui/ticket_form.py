"""The form for one ticket: its text, and what was measured with it where anything was."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from core.tickets.features import CATEGORICAL, MEASURED
from core.tickets.predict import TicketModel
from pages.ui.fleet_columns import FLEET_COLUMNS

__all__ = ["GIVEN", "draw", "take_draft", "telemetry_of"]

# The columns that a live sample of a host measures too, in the same unit.
_FROM_LIVE = {"cpu_usage": "cpu_percent", "memory_usage": "memory_percent"}
_FLAG = "anomaly_status"
_FLAG_VALUES = {"not raised": 0.0, "raised": 1.0}
# The columns that a person can give.
GIVEN = (*MEASURED, *CATEGORICAL, _FLAG)
_TEXT_KEY = "tickets_text"
_EXAMPLE = (
    "e.g. since this morning checkout answers after 20 s or not at all, top shows java at "
    "390 %, host web-14"
)


def take_draft(draft: Mapping[str, Any] | None) -> None:
    """Put a draft that has not been here yet into the form; must come before the form is drawn."""
    if draft is None or st.session_state.get("tickets_draft_taken") == draft:
        return
    st.session_state["tickets_draft_taken"] = dict(draft)
    st.session_state[_TEXT_KEY] = draft["text"]
    filled = telemetry_of(draft)
    for column in GIVEN:
        value = filled.get(column)
        if column == _FLAG and value is not None:
            value = next(word for word, flag in _FLAG_VALUES.items() if flag == value)
        st.session_state[_key(column)] = value
    st.session_state["tickets_filled"] = tuple(filled)
    st.session_state["tickets_filled_from"] = draft.get("source", "Live Failure Prediction")
    st.session_state["tickets_asked"] = {"text": draft["text"], "telemetry": filled}


def telemetry_of(draft: Mapping[str, Any]) -> dict[str, float | str]:
    """Return what a draft holds of the columns that a ticket model may read beside the text."""
    live = {
        column: draft["metrics"][metric]
        for column, metric in _FROM_LIVE.items()
        if draft["metrics"].get(metric) is not None
    }
    fleet = {
        column: value
        for column, value in draft.get("columns", {}).items()
        if column in GIVEN and _is_usable(column, value)
    }
    return {**live, **fleet}


def _is_usable(column: str, value: float | str) -> bool:
    """Whether the form takes a drafted value: numbers from 0, shares up to 100."""
    if isinstance(value, str):
        return column in CATEGORICAL
    return 0 <= value <= (100 if FLEET_COLUMNS[column].unit == "%" else float("inf"))


def draw(model: TicketModel) -> None:
    """Draw the form; what was submitted lies in st.session_state["tickets_asked"]."""
    filled = st.session_state.get("tickets_filled", ())
    # No st.form: what is typed into one is lost where another page is opened before it is sent.
    text = st.text_area(
        "Ticket",
        key=_TEXT_KEY,
        height=230,
        placeholder=_EXAMPLE,
        persist_state="session",
    )
    telemetry = {}
    if any(name in model.columns for name in GIVEN):
        label = "Measured with it (optional)"
        if filled:
            names = ", ".join(FLEET_COLUMNS[name].label for name in filled)
            source = st.session_state["tickets_filled_from"]
            label = f"Measured with it: {names} from {source}"
        with st.expander(label, expanded=bool(filled)):
            telemetry = _telemetry(model, filled)
    if st.button("Classify", type="primary", key="tickets_classify"):
        st.session_state["tickets_asked"] = {"text": text, "telemetry": telemetry}


def _telemetry(model: TicketModel, filled: tuple[str, ...]) -> dict[str, float | str]:
    """Draw an input for each column that the model reads, and return what is in them."""
    given: dict[str, float | str | None] = {}
    with st.grid(2, min_column_width=150):
        for name in (name for name in MEASURED if name in model.columns):
            given[name] = st.number_input(
                _label(name, filled),
                min_value=0.0,
                max_value=100.0 if FLEET_COLUMNS[name].unit == "%" else None,
                value=None,
                key=_key(name),
                placeholder="not measured",
                persist_state="session",
            )
        for name in (name for name in CATEGORICAL if name in model.columns):
            if st.session_state.get(_key(name)) not in model.choices(name):
                st.session_state[_key(name)] = None  # a draft may hold what the model never saw
            given[name] = st.selectbox(
                _label(name, filled),
                model.choices(name),
                index=None,
                key=_key(name),
                placeholder="not known",
                persist_state="session",
            )
        if _FLAG in model.columns:
            flag = st.selectbox(
                _label(_FLAG, filled),
                list(_FLAG_VALUES),
                index=None,
                key=_key(_FLAG),
                placeholder="not known",
                persist_state="session",
            )
            given[_FLAG] = None if flag is None else _FLAG_VALUES[flag]
    return {name: value for name, value in given.items() if value is not None}


def _label(name: str, filled: tuple[str, ...]) -> str:
    column = FLEET_COLUMNS[name]
    label = f"{column.label}, {column.unit}" if column.unit else column.label
    return f"{label} (prefilled)" if name in filled else label


def _key(name: str) -> str:
    return f"tickets_in_{name}"
