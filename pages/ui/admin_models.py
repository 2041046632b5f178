"""The section of the page Admin on models: retrain them, choose between versions."""

import streamlit as st

from core import resources
from core.access import Actor
from core.admin.versions import AREAS, Version, versions
from pages.ui import admin_challenge, admin_change, admin_job, admin_retrain, admin_versions
from pages.ui.errors import as_text

__all__ = ["draw"]

_NAMES = {"tickets": "Ticket models", "failure": "Failure model"}


def draw(actor: Actor) -> None:
    """Draw the state of one area's models, how to train them anew, and their versions."""
    area = st.segmented_control(
        "Models",
        list(AREAS),
        default="tickets",
        required=True,
        format_func=_NAMES.__getitem__,
        key="models",
        bind="query-params",
        label_visibility="collapsed",
    )
    known = versions(resources.settings().models_dir, area)
    st.header(as_text(_headline(known)), anchor=False)
    admin_change.tell()
    is_running = admin_job.draw_running(actor)
    admin_challenge.draw(actor, area)
    admin_retrain.draw(actor, area, is_running=is_running)
    admin_versions.draw(actor, area, known)


def _headline(known: tuple[Version, ...]) -> str:
    active = next((one for one in known if one.is_active), None)
    if active is None:
        return "No version is active; retrain, or activate one below."
    if active.score is None:
        return f"{active.version} is active; it was not judged."
    beside = "" if active.baseline is None else f", its best baseline {active.baseline:.2f}"
    between = "" if active.low is None else f" ({active.low:.2f}-{active.high:.2f})"
    return f"{active.version} is active: {active.score_name} {active.score:.2f}{between}{beside}."
