"""Reports on model versions, made once a version."""

from typing import TYPE_CHECKING

import streamlit as st

from core import artifacts
from core.resources.configured import settings

if TYPE_CHECKING:
    from core.analytics.figures import Report, Section

__all__ = ["active_version", "comparison", "model_report", "model_versions"]


def model_versions(area: str) -> tuple[str, ...]:
    """Return the names of the versions of "failure" or "tickets", the newest first."""
    return tuple(one.version for one in reversed(artifacts.versions(settings().models_dir, area)))


def active_version(area: str) -> str:
    """Return the name of the active version; ArtifactError where there is none."""
    return artifacts.current_version(settings().models_dir, area)


@st.cache_resource(show_spinner=False, max_entries=8)
def _report(area: str, version: str) -> "Report":
    from core.analytics.versions import report_of

    return report_of(settings().models_dir, area, version)


def model_report(area: str, version: str) -> "Report":
    """Return the report on a version; ArtifactError where it cannot be verified or read."""
    return _report(area, version)


@st.cache_resource(show_spinner=False, max_entries=8)
def _compared(area: str, version: str, other: str, active: str) -> "Section":
    from core.analytics.versions import compared

    return compared(settings().models_dir, area, version, other, active)


def comparison(area: str, version: str, other: str) -> "Section":
    """Return two versions side by side; errors as `model_report`."""
    return _compared(area, version, other, active_version(area))
