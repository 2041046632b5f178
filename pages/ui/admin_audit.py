"""The audit trail on the page Admin: filtered, in pages, and as files."""

from datetime import UTC, datetime, timedelta, tzinfo

import streamlit as st

from core import resources
from core.access import Actor
from core.admin import audit
from core.store import AuditFilter, Store
from pages.ui import admin_download, moments

__all__ = ["draw"]

PAGE_ROWS = 50
_DAYS = {"Last day": 1, "Last 7 days": 7, "Last 30 days": 30, "All": None}


def draw(actor: Actor, zone: tzinfo | None) -> None:
    """Draw the filters, the entries that they leave, and the files of these."""
    store = resources.store()
    if not store.count_audit():
        st.write("Nothing is on record yet. Every sign-in, upload, training and switch comes here.")
        return
    only = _chosen(store)
    n_found = store.count_audit(only)
    st.caption(
        f"{n_found:,} {'entry' if n_found == 1 else 'entries'}. Nobody can change or delete any, "
        "not even the app: the database refuses it."
    )
    if not n_found:
        st.write("No entry is like this. Choose a longer time or fewer words.")
        return
    n_pages = -(-n_found // PAGE_ROWS)
    page = 1
    if n_pages > 1:
        page = int(
            st.number_input(
                f"Page, of {n_pages:,}",
                min_value=1,
                max_value=n_pages,
                key="people_page",
                width=160,
            )
        )
    offset = PAGE_ROWS * (min(page, n_pages) - 1)
    shown = audit.latest(actor, store, PAGE_ROWS, offset=offset, only=only)
    st.dataframe(
        {
            "When": [moments.zoned_minute(entry.at, zone) for entry in shown],
            "UTC": [entry.at.isoformat(timespec="seconds") for entry in shown],
            "Who": [entry.who or "nobody" for entry in shown],
            "From": [entry.origin for entry in shown],
            "Did": [entry.action for entry in shown],
            "What": [entry.subject for entry in shown],
            "Detail": [entry.detail for entry in shown],
        },
        hide_index=True,
        column_config={"Detail": st.column_config.TextColumn(width="large")},
        key="people_trail",
        alt=f"{len(shown)} entries of the audit trail: when, who, from where, what",
    )
    asked = resources.asker()
    with st.container(horizontal=True):
        admin_download.button(
            "CSV",
            lambda: audit.as_csv(audit.entries(asked(), store, only)),
            file_name="audit.csv",
            mime="text/csv",
            key="people_audit.csv",
            help="All entries that the filters leave, as CSV",
        )
        admin_download.button(
            "JSON lines",
            lambda: audit.as_json_lines(audit.entries(asked(), store, only)),
            file_name="audit.jsonl",
            mime="application/x-ndjson",
            key="people_audit.jsonl",
            help="All entries that the filters leave, as JSON lines",
        )


def _chosen(store: Store) -> AuditFilter:
    with st.grid(4, min_column_width=200, vertical_alignment="bottom"):
        span = st.selectbox("When", list(_DAYS), index=2, key="people_when")
        actions = st.multiselect("What was done", store.audit_actions(), key="people_actions")
        who = st.text_input("Who", max_chars=100, key="people_who")
        words = st.text_input("Words in it", max_chars=100, key="people_words")
    n_days = _DAYS[span]
    # To the minute, so that a page that runs again asks the same.
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    since = None if n_days is None else now - timedelta(days=n_days)
    return AuditFilter(actions=tuple(actions), who=who.strip(), words=words.strip(), since=since)
