"""Trainings that the app runs."""

from typing import TYPE_CHECKING

import streamlit as st

from core.resources.configured import settings
from core.resources.host import store

if TYPE_CHECKING:
    from core.jobs import JobRunner

__all__ = ["jobs", "training_elsewhere"]


@st.cache_resource(show_spinner=False, on_release=lambda runner: runner.close())
def jobs() -> "JobRunner":
    """Return what runs trainings; those of an app that was killed are marked on first use."""
    from core.jobs import JobRunner

    return JobRunner(store(), settings().models_dir)


def training_elsewhere() -> str:
    """Return what another process trains in this app's models folder; "" where none does."""
    from core.jobs import owner

    holder = owner(settings().models_dir)
    return "" if holder is None or jobs().running() is not None else holder.in_words
