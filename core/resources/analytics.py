"""Reports on model versions, made once a version."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import streamlit as st

from core import artifacts
from core.background import Work
from core.errors import DataError
from core.resources.configured import settings
from core.resources.fleet_data import dataset
from core.resources.host import store

if TYPE_CHECKING:
    from core.analytics.figures import Report, Section

__all__ = ["active_version", "comparison", "model_report", "model_versions", "since", "since_again"]


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


# For a minute: a comparison comes on record some time after its version has.
@st.cache_resource(show_spinner=False, max_entries=8, ttl="1m")
def _compared(area: str, version: str, other: str, active: str) -> "Section":
    from core.analytics.versions import compared

    return compared(settings().models_dir, area, version, other, active)


def comparison(area: str, version: str, other: str) -> "Section":
    """Return two versions side by side; errors as `model_report`."""
    return _compared(area, version, other, active_version(area))


@st.cache_resource(show_spinner=False, max_entries=4, on_release=lambda work: work.cancel())
def _since(area: str, version: str, beside: str, hour: datetime) -> Work["Section"]:
    from core.analytics.since import host_since, tickets_since

    known = settings()
    if area == "tickets":
        return Work(tickets_since, known.models_dir, version, known.data_dir, known.database_url)
    where = known.models_dir, version, known.database_url, known.host_name
    return Work(host_since, *where, known.sample_interval_s)


def since(area: str, version: str) -> Work["Section"]:
    """Return the work that looks whether a version still holds, begun anew every hour.

    A ticket model's is begun anew with another dataset, too; the very first one is the demo data.
    """
    store()  # its tables are there once it was opened
    return _since(area, version, _beside(area), _this_hour())


def since_again(area: str, version: str) -> None:
    """Forget what was found of a version: the next use looks anew."""
    _since.clear(area, version, _beside(area), _this_hour())


def _beside(area: str) -> str:
    """Return the name of the dataset that tickets are taken from; "" where none is to be had."""
    if area != "tickets":
        return ""
    try:
        active = dataset()
    except DataError:  # the work says why, in its place on the page
        return ""
    return f"{active.version} {active.data_hash}"


def _this_hour() -> datetime:
    return datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
