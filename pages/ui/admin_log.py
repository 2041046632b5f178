"""The app's log on screen: the last messages, filtered, as text."""

from datetime import UTC, datetime, tzinfo

import streamlit as st

from core import quantities, resources
from core.access import Actor
from core.admin.logs import LEVELS, LogEntry, LogView, as_json_lines, read_log
from pages.ui import dataset_words, moments

__all__ = ["draw"]

_SYMBOLS = {"WARNING": "▲", "ERROR": "■", "CRITICAL": "■"}
_COUNTS = (50, 200, 1000)
_SHOWN_TRACEBACKS = 3
_CELL_CHARACTERS = 2_000
_TABLE_HEIGHT_PX = 520
_LOGGERS = ("core", "pages", "streamlit")


def draw(actor: Actor) -> None:
    """Draw the filters, the messages that pass them and the last tracebacks among those."""
    with st.grid(4, min_column_width=170):
        level = st.selectbox("At least", LEVELS, index=1, key="admin_log_level")
        logger = st.selectbox(
            "From",
            _LOGGERS,
            index=None,
            placeholder="all modules",
            accept_new_options=True,
            key="admin_log_logger",
            help="A module and what is below it, such as core.telemetry",
        )
        text = st.text_input("Containing", key="admin_log_text", placeholder="any text")
        last = st.selectbox("The last", _COUNTS, index=1, key="admin_log_last")
    view = read_log(
        actor,
        resources.settings().logs_dir,
        level=level,
        logger=logger or "",
        text=text,
        last=last,
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(_counted(view))
        st.button("Look again", icon=":material/refresh:", key="admin_log_again")
        st.download_button(
            "Download",
            data=as_json_lines(view),
            file_name="app-log.jsonl",
            mime="application/jsonl",
            icon=":material/download:",
            on_click="ignore",
            disabled=not view.entries,
            key="admin_log_download",
        )
    if not view.entries:
        st.write("No message passes these filters.")
        return
    _table(view, moments.browser_zone())
    _tracebacks(view)


def _counted(view: LogView) -> str:
    counted = dataset_words.counted(len(view.entries), "message")
    which = "all there are that pass" if view.is_all else "the last that pass"
    return f"{counted}, {which}, the latest first; read {quantities.utc(datetime.now(UTC))}."


def _table(view: LogView, zone: tzinfo | None) -> None:
    st.dataframe(
        {
            "When": [_when(entry, zone) for entry in view.entries],
            "Level": [f"{_SYMBOLS.get(entry.level, '○')} {entry.level}" for entry in view.entries],
            "Module": [entry.logger for entry in view.entries],
            "Message": [entry.message[:_CELL_CHARACTERS] for entry in view.entries],
        },
        key="admin_log_table",
        hide_index=True,
        height=_TABLE_HEIGHT_PX if len(view.entries) > 15 else "content",
        column_config={"Message": st.column_config.TextColumn(width="large")},
        alt=f"{len(view.entries)} messages of the log, the latest first",
    )


def _when(entry: LogEntry, zone: tzinfo | None) -> str:
    try:
        return quantities.moment(datetime.fromisoformat(entry.at), zone)
    except ValueError:  # a line that is not in our format
        return entry.at


def _tracebacks(view: LogView) -> None:
    failed = [entry for entry in view.entries if entry.traceback][:_SHOWN_TRACEBACKS]
    for entry in failed:
        st.caption("What happened with:")
        st.text(entry.message[:_CELL_CHARACTERS])
        st.code(entry.traceback, language=None, height=240)
