"""Train a model anew: on what, how long it will take, and the button."""

import streamlit as st

from core import quantities, resources
from core.access import Actor
from core.admin import models
from core.admin.models import Retraining
from core.admin.recordings import keep_recording
from core.errors import CoreError
from pages.ui import dataset_words, errors
from pages.ui.errors import as_text

__all__ = ["draw"]

_SIMULATED, _RECORDED = "Simulated hosts", "A host-telemetry file"


def draw(actor: Actor, area: str, *, is_running: bool) -> None:
    """Draw the card of an area."""
    with st.container(key="card_retrain"):
        st.subheader("Retrain", anchor=False)
        retraining = _tickets() if area == "tickets" else _failure(actor)
        last_s = resources.jobs().expected_s(area)
        takes = (
            "How long it takes is not known yet"
            if last_s is None
            else f"The last one took {quantities.duration(last_s)}"
        )
        st.caption(
            f"{takes}. The app stays usable meanwhile. The new version takes over only where it is "
            "shown to be no worse than the active one on data that neither has learnt from."
        )
        if (
            st.button(
                "Retrain",
                type="primary",
                icon=":material/model_training:",
                key="admin_retrain",
                disabled=is_running or retraining is None,
            )
            and retraining is not None
        ):
            _begin(actor, retraining)


def _begin(actor: Actor, retraining: Retraining) -> None:
    try:
        models.retrain(
            actor,
            resources.store(),
            resources.jobs(),
            resources.settings().models_dir,
            retraining,
        )
    except CoreError as error:
        errors.show(error)
        return
    st.rerun()


def _tickets() -> Retraining | None:
    try:
        active = resources.dataset()
        n_corrections = len(resources.store().corrections())
    except CoreError as error:
        errors.show(error)
        return None
    # Without a ticket of its own, each row becomes one by rule.
    n_tickets, n_rows = active.report.tickets, active.report.rows_kept
    much = dataset_words.counted(n_tickets or n_rows, "ticket" if n_tickets else "row")
    about = f"{much} of the dataset {active.version}"
    demo = ":orange[▲ demo data]" if active.report.is_demo else ""
    st.markdown(
        f"On {as_text(about)} ({as_text(active.report.source)}) {demo} and "
        f"{dataset_words.counted(n_corrections, 'correction')}."
    )
    return Retraining(area="tickets", data=active.csv, about=about)


def _failure(actor: Actor) -> Retraining | None:
    source = st.radio(
        "On what", [_SIMULATED, _RECORDED], horizontal=True, key="admin_retrain_source"
    )
    if source == _SIMULATED:
        return Retraining(area="failure", data=None, about="simulated hosts")
    st.caption(
        "The active model is tuned on recorded hosts that failed; it is then compared on simulated "
        "ones, so that what it knew is not lost. Its own score leaves out each run in turn. Where "
        "it was tuned on recorded hosts before, the start is the model that this began with: give "
        "all hosts in one file."
    )
    upload = st.file_uploader(
        "Host telemetry (CSV, plain or gzipped)", type=["csv", "gz"], key="admin_retrain_file"
    )
    if upload is None:
        return None
    try:
        settings = resources.settings()
        file = keep_recording(
            actor, settings.data_dir, settings.models_dir, upload.getvalue(), upload.name
        )
    except CoreError as error:
        errors.show(error)
        return None
    return Retraining(area="failure", data=file, about=f"the file {upload.name}")
