"""The section of the page Admin on background work: what runs, what ran."""

from datetime import UTC, datetime

import streamlit as st

from core import quantities, resources
from core.access import Actor
from core.admin.versions import AREAS
from core.store import JobRecord
from pages.ui import admin_job
from pages.ui.errors import as_text

__all__ = ["draw"]

_SHOWN = 30


def draw(actor: Actor) -> None:
    """Draw what runs, then what ran, the latest first."""
    running = resources.jobs().running()
    past = [job for job in resources.jobs().jobs(_SHOWN) if job.state != "running"]
    if running is not None:
        headline = f"The {AREAS[running.kind]} is being trained."
    elif past:
        headline = "Nothing is being trained."
    else:
        headline = "Nothing was trained from here yet."
    st.header(headline, anchor=False)
    admin_job.draw_running(actor)
    if not past:
        if running is None:
            st.write("Admin, Models has a button that trains each of the models anew.")
        return
    st.subheader("Earlier", anchor=False)
    for job in past:
        _ended(job)


def _ended(job: JobRecord) -> None:
    with st.container(key=f"card_job_{job.id}"):
        age = quantities.age((datetime.now(UTC) - job.started_at).total_seconds())
        st.markdown(
            f"{admin_job.ENDS[job.state]} **{as_text(AREAS.get(job.kind, job.kind))}**: "
            f"{as_text(job.message)}"
        )
        took = admin_job.duration(job)
        st.caption(as_text(f"job {job.id}, {job.who}, begun {age}{f', took {took}' * bool(took)}"))
        admin_job.log(job)
