"""The active fleet dataset and what is asked of it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import streamlit as st

import config
from core.errors import MissingDataError
from core.resources.configured import settings

if TYPE_CHECKING:
    from core.dataset import ImportedDataset
    from core.dataset.overview import Choices, Filters, Fleet, Machine, Overview
    from core.forecast import Limits

__all__ = ["choices", "dataset", "fleet", "limits", "machine", "overview"]


@st.cache_resource(show_spinner=False)
def _demo_imported() -> bool:
    """Import the demo data, once per process: Streamlit lets no second call begin meanwhile."""
    from core import dataset as area

    demo = config.ROOT / "data" / "demo.csv.gz"
    # Another process may have been quicker.
    if demo.exists() and not area.versions(settings().data_dir):
        area.import_file(demo, settings().data_dir)
    return True


def dataset() -> "ImportedDataset":
    """Return the active fleet dataset; on the very first start that is the demo data.

    MissingDataError where there is none, DataError where it cannot be used.
    """
    from core import dataset as area

    try:
        return area.current(settings().data_dir)
    except MissingDataError:
        _demo_imported()
        return area.current(settings().data_dir)


@st.cache_resource(show_spinner=False, max_entries=2, on_release=lambda opened: opened.close())
def _fleet(version: str, data_hash: str) -> "Fleet":
    from core import dataset as area
    from core.dataset.overview import Fleet

    active = dataset()
    area.verify(active)
    return Fleet(active)


def fleet() -> "Fleet":
    """Return the active fleet dataset, opened for questions; errors as `dataset`."""
    active = dataset()
    return _fleet(active.version, active.data_hash)


@st.cache_resource(show_spinner=False, max_entries=2)
def _choices(version: str, data_hash: str) -> "Choices":
    return _fleet(version, data_hash).choices()


def choices() -> "Choices":
    """Return what the active dataset can be filtered by."""
    active = dataset()
    return _choices(active.version, active.data_hash)


@st.cache_resource(show_spinner=False, max_entries=32)
def _overview(version: str, data_hash: str, filters: "Filters") -> "Overview":
    return _fleet(version, data_hash).overview(filters)


def overview(filters: "Filters") -> "Overview":
    """Return figures and charts of a selection from the active dataset."""
    active = dataset()
    return _overview(active.version, active.data_hash, filters)


@st.cache_resource(show_spinner=False, max_entries=32)
def _machine(version: str, data_hash: str, vm_id: str, filters: "Filters") -> "Machine":
    return _fleet(version, data_hash).machine(vm_id, filters)


def machine(vm_id: str, filters: "Filters") -> "Machine":
    """Return one VM of the active dataset."""
    active = dataset()
    return _machine(active.version, active.data_hash, vm_id, filters)


def limits() -> Mapping[str, "Limits"]:
    """Return the limits of the metrics whose capacity is forecast, by the metric's name."""
    from core.forecast import Limits

    known = settings()
    by_name = {
        "cpu_usage": known.cpu_limits,
        "cpu_percent": known.cpu_limits,
        "memory_usage": known.memory_limits,
        "memory_percent": known.memory_limits,
        "disk_percent": known.disk_limits,
        "network_traffic": known.network_limits,
        "power_consumption": known.power_limits,
    }
    return {
        name: Limits(warning=one.warning, hard=one.hard, excluded=one.excluded or None)
        for name, one in by_name.items()
    }
