"""Train a model anew: on what, how long it will take, and the button."""

import hashlib
import re
from pathlib import Path

import streamlit as st

from core import quantities, resources
from core.access import Actor
from core.admin import models
from core.admin.models import Retraining
from core.errors import CoreError, DataError
from pages.ui import dataset_words, errors
from pages.ui.errors import as_text

__all__ = ["draw"]

# What may not be in a file's name everywhere.
_UNFIT = re.compile(r"[^\w.()-]", re.ASCII)
_NAME_CHARACTERS = 80
_SIMULATED, _RECORDED = "Simulated hosts", "A host-telemetry file"


def draw(actor: Actor, area: str, *, is_running: bool) -> None:
    """Draw the card of an area."""
    with st.container(key="card_retrain"):
        st.subheader("Retrain", anchor=False)
        retraining = _tickets() if area == "tickets" else _failure()
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
    rows = dataset_words.counted(active.report.rows_kept, "row")
    about = f"{rows} of the dataset {active.version}"
    demo = ":orange[▲ demo data]" if active.report.is_demo else ""
    st.markdown(
        f"On {as_text(about)} ({as_text(active.report.source)}) {demo} and "
        f"{dataset_words.counted(n_corrections, 'correction')}."
    )
    return Retraining(area="tickets", data=active.csv, about=about)


def _failure() -> Retraining | None:
    source = st.radio(
        "On what", [_SIMULATED, _RECORDED], horizontal=True, key="admin_retrain_source"
    )
    if source == _SIMULATED:
        return Retraining(area="failure", data=None, about="simulated hosts")
    st.caption(
        "The active model is tuned on recorded hosts that failed; it is then compared on simulated "
        "ones, so that what it knew is not lost. Its own score leaves out each run in turn."
    )
    upload = st.file_uploader(
        "Host telemetry (CSV, plain or gzipped)", type=["csv", "gz"], key="admin_retrain_file"
    )
    if upload is None:
        return None
    try:
        file = _kept(upload.getvalue(), upload.name)
    except OSError as error:
        errors.show(DataError(f"The file could not be stored ({error.strerror}); free space."))
        return None
    return Retraining(area="failure", data=file, about=f"the file {upload.name}")


def _kept(data: bytes, name: str) -> Path:
    """Store an upload in the data folder, once, in a folder of its own under a name like its own.

    Messages on what is in it name it by that.
    """
    folder = resources.settings().data_dir / "hosts" / hashlib.sha256(data).hexdigest()[:16]
    file = folder / (
        _UNFIT.sub("_", Path(name).name)[-_NAME_CHARACTERS:].lstrip(".") or "hosts.csv"
    )
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        beside = file.with_name(f".{file.name}.writing")
        beside.write_bytes(data)
        beside.replace(file)
    return file
