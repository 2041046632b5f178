"""One training on screen: how far it is, its log, a way to stop it; or how it ended."""

from datetime import UTC, datetime

import streamlit as st

from core import quantities, resources
from core.access import Actor
from core.admin import models
from core.admin.versions import AREAS
from core.store import JobRecord
from pages.ui.errors import as_text

__all__ = ["ENDS", "draw_running", "duration", "log", "quiet_words"]

_LOOKS_EVERY_S = 1.0

ENDS = {
    "running": ":blue[◆ running]",
    "done": ":green[● done]",
    "failed": ":red[■ failed]",
    "cancelled": ":gray[○ cancelled]",
    "interrupted": ":orange[▲ interrupted]",
}
"""How a job stands: word, symbol and colour."""


def draw_running(actor: Actor) -> bool:
    """Draw the training that runs, if one does; the page is drawn anew when it ends."""
    job = resources.jobs().running()
    if job is None:
        other = resources.training_elsewhere()
        if other:
            st.info(as_text(f"Outside this app: {other}."), icon=":material/model_training:")
        return False
    st.fragment(_running, run_every=_LOOKS_EVERY_S, key="admin_job_fragment")(actor, job.id)
    return True


def _running(actor: Actor, job_id: int) -> None:
    job = resources.jobs().running()
    if job is None or job.id != job_id:
        st.rerun()
    with st.container(key="card_job_running"):
        st.markdown(f"#### {ENDS['running']}: training the {AREAS[job.kind]}")
        with st.container(horizontal=True, vertical_alignment="center"):
            st.progress(
                min(1.0, job.fraction),
                text=as_text(f"{100 * job.fraction:.0f} %  {job.message}"),
            )
            st.button(
                "Cancel",
                icon=":material/close:",
                key="admin_job_cancel",
                on_click=models.cancel,
                args=(actor, resources.store(), resources.jobs()),
                help="Stops it for good; what is active stays active.",
            )
        st.caption(as_text(f"{job.who}, {_running_for(job)}"))
        log(job)


def _running_for(job: JobRecord) -> str:
    spent_s = (datetime.now(UTC) - job.started_at).total_seconds()
    said = f"running for {quantities.duration(spent_s)}"
    last_s = resources.jobs().expected_s(job.kind)
    return said if last_s is None else f"{said}; the last one took {quantities.duration(last_s)}"


def log(job: JobRecord) -> None:
    """Draw what a job has printed, as text, on request."""
    if job.log and st.toggle("Log", key=f"admin_job_log_{job.id}"):
        st.code(job.log, language=None, height=240, wrap_lines=True)


def duration(job: JobRecord) -> str:
    """Return how long a job took, in words."""
    if job.ended_at is None:
        return ""
    return quantities.duration((job.ended_at - job.started_at).total_seconds())


def quiet_words() -> str:
    """Return in a few words what trains just now; "" where nothing does."""
    job = resources.jobs().running()
    if job is not None:
        return f"training the {AREAS[job.kind]}: {100 * job.fraction:.0f} %"
    return "a training runs on the command line" if resources.training_elsewhere() else ""
