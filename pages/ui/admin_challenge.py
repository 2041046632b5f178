"""What came of the last training: challenger against champion, and who serves."""

from collections.abc import Sequence

import streamlit as st

from core import resources
from core.access import Actor
from core.admin import models
from core.admin.versions import Version, versions
from core.comparison import TOLERANCE, Comparison, comparison_of
from core.store import JobRecord
from pages.ui import admin_change, admin_job
from pages.ui.errors import as_text

__all__ = ["draw"]


def draw(actor: Actor, area: str) -> None:
    """Draw the card of the last training of an area that has ended, if there was one."""
    ended = (job for job in resources.jobs().jobs() if job.kind == area and job.state != "running")
    job = next(ended, None)
    if job is None:
        return
    with st.container(key="card_challenge"):
        st.markdown(f"#### {admin_job.ENDS[job.state]}: {as_text(job.message)}")
        found = (job.result or {}).get("comparison")
        if found is not None:
            known = versions(resources.settings().models_dir, area)
            _since(comparison_of(found), known)
            _compared(comparison_of(found))
            _decide(actor, area, comparison_of(found), known)
        st.caption(as_text(_by(job)))
        admin_job.log(job)


def _by(job: JobRecord) -> str:
    took = admin_job.duration(job)
    return f"job {job.id}, {job.who}{f', took {took}' * bool(took)}"


def _since(found: Comparison, known: Sequence[Version]) -> None:
    """Say what has become of the new version where that is no longer what the training ended with.

    It took over by itself where it was shown not to be worse.
    """
    challenger = next((one for one in known if one.version == found.challenger), None)
    active = next((one.version for one in known if one.is_active), None)
    if challenger is None:
        told = f"{found.challenger} was deleted."
    elif challenger.is_active and not found.is_not_worse:
        told = f"{found.challenger} was made the active one all the same."
    elif active is not None and not challenger.is_active and found.is_not_worse:
        told = f"{active} was made the active one."
    else:
        return
    st.markdown(as_text(f"Since then {told}"))


def _compared(found: Comparison) -> None:
    if found.difference is None or found.low is None or found.high is None:
        st.warning(
            as_text(f"Cannot be compared fairly. {found.why_not} Somebody has to decide."),
            icon=":material/balance:",
        )
        return
    with st.container(horizontal=True):
        st.metric(
            f"{found.challenger} (new)",
            f"{found.challenger_score:.3f}",
            f"{100 * found.difference:+.1f} points",
            border=True,
        )
        st.metric(f"{found.champion} (was active)", f"{found.champion_score:.3f}", border=True)
    verdict = (
        "The new version is not worse"
        if found.is_not_worse
        else "The new version is not shown to be as good"
    )
    st.write(
        as_text(
            f"{verdict}: {found.score} differs by {100 * found.difference:+.1f} points (95 % "
            f"interval {100 * found.low:+.1f} to {100 * found.high:+.1f}) on the same "
            f"{found.n_rows:,} {found.rows}, which neither has learnt from. Up to "
            f"{100 * TOLERANCE:.0f} points worse are tolerated."
        )
    )


def _decide(actor: Actor, area: str, found: Comparison, known: Sequence[Version]) -> None:
    """Let an admin activate what was not shown to be as good, with a reason."""
    challenger = next((one for one in known if one.version == found.challenger), None)
    if found.is_not_worse or challenger is None or challenger.is_active:
        return
    with st.form("admin_overrule", border=False):
        reason = st.text_input(
            f"Why {found.challenger} is to take over all the same",
            key="admin_overrule_reason",
            max_chars=300,
        )
        asks = st.form_submit_button(f"Let {found.challenger} take over", icon=":material/gavel:")
    if asks:
        folder = resources.settings().models_dir
        admin_change.make(
            lambda: models.overrule(
                actor, resources.store(), folder, area, found.challenger, reason
            ),
            f"{found.challenger} is active.",
        )
