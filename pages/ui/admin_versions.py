"""The versions of a model in a table, and what can be done with one of them."""

from pathlib import Path

import streamlit as st

from core import quantities, resources
from core.access import Actor
from core.admin import models
from core.admin.versions import Version
from core.store import Store
from pages.ui import admin_change, admin_download, dataset_words, moments
from pages.ui.errors import as_text

__all__ = ["draw"]


def draw(actor: Actor, area: str, known: tuple[Version, ...]) -> None:
    """Draw the versions, the newest first."""
    if not known:
        return
    st.subheader("Versions", anchor=False)
    zone = moments.browser_zone()
    score = known[0].score_name
    st.dataframe(
        {
            "version": [one.version for one in known],
            "": ["● active" if one.is_active else "before" * one.is_previous for one in known],
            "trained": [moments.minute(one.created_at, zone) for one in known],
            f"{score} (95 %)": [_score(one) for one in known],
            "best baseline": [
                "" if one.baseline is None else f"{one.baseline:.3f}" for one in known
            ],
            "trained on": [one.source for one in known],
            "rows": ["" if one.n_rows is None else f"{one.n_rows:,}" for one in known],
            "data": [one.data_hash[:8] for one in known],
            "size": [quantities.quantity(float(one.size_bytes), "B") for one in known],
        },
        column_config={"trained on": st.column_config.TextColumn(width=240)},
        hide_index=True,
        width="stretch",
        key="admin_versions",
        alt=f"{dataset_words.counted(len(known), 'version')}, the newest first",
    )
    _roll_back(actor, area, known)
    by_name = {one.version: one for one in known}
    chosen = by_name[st.selectbox("Version", list(by_name), key=f"admin_version_{area}", width=240)]
    # The table's cell may be too narrow for it.
    st.caption(f"{chosen.version} was trained on {as_text(chosen.source)}.")
    with st.container(horizontal=True, vertical_alignment="center"):
        if not chosen.is_active and st.button(
            f"Activate {chosen.version}", icon=":material/check:", key="admin_activate"
        ):
            admin_change.make(
                lambda: models.activate(actor, *_where(), area, chosen.version, ""),
                f"{chosen.version} is active. All open pages follow with their next interaction.",
            )
        where, asked = _where(), resources.asker()
        admin_download.button(
            "Download",
            lambda: models.archive(asked(), *where, area, chosen.version),
            file_name=f"{area}-{chosen.version}.zip",
            mime="application/zip",
            key="admin_archive",
            help=f"All files of {chosen.version} in one",
        )
        if not chosen.is_active and st.button(
            "Delete", icon=":material/delete:", key="admin_delete_model"
        ):
            _confirm(actor, area, chosen.version)
    if chosen.comparison is not None:
        st.caption(as_text(f"When it was trained: {chosen.comparison.in_words}"))


def _where() -> tuple[Store, Path]:
    return resources.store(), resources.settings().models_dir


def _score(one: Version) -> str:
    if one.score is None:
        return "not judged"
    between = "" if one.low is None else f" ({one.low:.3f}-{one.high:.3f})"
    return f"{one.score:.3f}{between}"


def _roll_back(actor: Actor, area: str, known: tuple[Version, ...]) -> None:
    previous = next((one for one in known if one.is_previous and not one.is_active), None)
    if previous is not None and st.button(
        f"Roll back to {previous.version}",
        icon=":material/undo:",
        key="admin_roll_back",
        help="The present version stays and can be activated again.",
    ):
        admin_change.make(
            lambda: models.roll_back(actor, *_where(), area, ""),
            f"{previous.version} is active again.",
        )


@st.dialog("Delete a version")
def _confirm(actor: Actor, area: str, version: str) -> None:
    st.write(
        as_text(
            f"{version} will be gone for good: it cannot be activated again. Its manifest stays on "
            "record. To keep a copy, download it first; to undo this, train on the same data again."
        )
    )
    if st.button(f"Delete {version}", type="primary", key="admin_delete_sure"):
        admin_change.make(
            lambda: models.delete(actor, *_where(), area, version), f"{version} is deleted."
        )
