"""The stored versions of the dataset: what each was, and the way back to it."""

from datetime import UTC, datetime
from functools import partial

import streamlit as st

from core import dataset, quantities, resources
from core.access import Actor
from core.admin import data
from core.dataset import ImportedDataset
from pages.ui import admin_change, admin_download, dataset_words
from pages.ui.errors import as_text

__all__ = ["draw"]

_SHOWN = 6


def draw(actor: Actor, active: ImportedDataset | None) -> None:
    """Draw the versions, the latest first."""
    stored = dataset.versions(resources.settings().data_dir)[::-1]
    if not stored:
        return
    st.subheader("Versions", anchor=False)
    demo = next((one for one in stored if one.report.is_demo), None)
    is_own = active is not None and not active.report.is_demo
    if (
        demo is not None
        and is_own
        and st.button("Use the demo data again", icon=":material/science:", key="admin_demo")
    ):
        _return_to(actor, demo.version)
    shown = stored
    if len(stored) > _SHOWN and not st.toggle(f"Show all {len(stored)}", key="admin_all_versions"):
        shown = stored[:_SHOWN]
    for one in shown:
        _version(actor, one, is_active=active is not None and one.version == active.version)


def _version(actor: Actor, one: ImportedDataset, *, is_active: bool) -> None:
    with st.container(
        key=f"card_version_{one.version}", horizontal=True, vertical_alignment="center"
    ):
        with st.container(gap=None):
            mark = ":green[● active]" if is_active else ""
            made_up = ":orange[▲ demo data]" if one.report.is_demo else ""
            said = as_text(f"{one.report.source}, {dataset_words.size(one.report)}")
            st.markdown(f"**{one.version}** {mark} {made_up}  \n{said}")
            st.caption(_stored(one))
        if not is_active and st.button(
            "Return to it",
            icon=":material/history:",
            key=f"admin_return_{one.version}",
            help=f"Make {one.version} the active dataset again",
        ):
            _return_to(actor, one.version)
        _download(one)
        if not is_active:
            _delete(actor, one)


def _stored(one: ImportedDataset) -> str:
    stored_at = datetime.fromisoformat(one.created_at)
    age = quantities.age((datetime.now(UTC) - stored_at).total_seconds())
    n_bytes = one.csv.stat().st_size if one.csv.exists() else 0
    return f"stored {age}, {quantities.quantity(float(n_bytes), 'B')} as CSV"


def _download(one: ImportedDataset) -> None:
    if not one.csv.exists():
        return
    admin_download.button(
        "CSV",
        partial(data.download, one),
        file_name=f"dataset-{one.version}.csv",
        mime="text/csv",
        key=f"admin_download_{one.version}",
        help=f"Download {one.version}; a cell that a spreadsheet would run begins with an "
        "apostrophe in it",
    )


def _delete(actor: Actor, one: ImportedDataset) -> None:
    with st.popover("Delete", icon=":material/delete:", key=f"admin_ask_{one.version}"):
        st.write(as_text(f"{one.version} ({one.report.source}) will be gone for good."))
        if st.button(f"Delete {one.version}", key=f"admin_delete_{one.version}"):
            admin_change.make(
                lambda: data.delete(
                    actor, resources.store(), resources.settings().data_dir, one.version
                ),
                f"{one.version} is deleted.",
            )


def _return_to(actor: Actor, version: str) -> None:
    admin_change.make(
        lambda: data.activate(actor, resources.store(), resources.settings().data_dir, version),
        f"{version} is active again. All open pages follow with their next interaction.",
    )
