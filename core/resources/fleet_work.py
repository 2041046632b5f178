"""Long work on the active dataset: forecasts and anomalies."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from core.background import Work
from core.resources.configured import settings
from core.resources.fleet_data import dataset, fleet

if TYPE_CHECKING:
    from core.dataset.overview import Filters
    from core.fleet_jobs import FleetForecasts, FoundAnomalies
    from core.forecast import Forecast, NoForecast

__all__ = ["anomalies", "anomalies_again", "capacity", "capacity_again", "capacity_of"]

DAY_S = 86_400.0

_GAVE_WAY = "Cancelled: searches in newer selections needed its place."

# Work is cancelled when its place is needed for another one, and when the app stops.


@st.cache_resource(show_spinner=False, max_entries=2, on_release=lambda work: work.cancel())
def _capacity(version: str, data_hash: str) -> Work["FleetForecasts"]:
    from core.kept_forecasts import kept_or_forecast

    return Work(kept_or_forecast, dataset(), settings().forecast_days * DAY_S)


def capacity() -> Work["FleetForecasts"]:
    """Return the work that forecasts the active dataset, begun on first use.

    It is quick where the forecasts were kept by a former start. Errors as `dataset`.
    """
    active = dataset()
    return _capacity(active.version, active.data_hash)


def capacity_again() -> None:
    """Forget the forecasts of the active dataset: the next use begins them anew."""
    active = dataset()
    _capacity.clear(active.version, active.data_hash)


@st.cache_resource(show_spinner=False, max_entries=32)
def _vms_of(
    version: str, data_hash: str, names: tuple[str, ...], filters: "Filters"
) -> frozenset[str]:
    return fleet().vms_among(names, filters)


def capacity_of(filters: "Filters") -> "tuple[Forecast | NoForecast, ...] | None":
    """Return the forecasts of the fleet and of the VMs in a selection, None while not known.

    The filters choose the VMs: a forecast looks at all of its past.
    """
    from core.dataset.overview import Filters
    from core.fleet_jobs import FLEET

    found = capacity().status().result
    if found is None or filters == Filters():
        return None if found is None else found.forecasts
    active = dataset()
    names = tuple(sorted({one.resource for one in found.forecasts}))
    wanted = _vms_of(active.version, active.data_hash, names, filters) | {FLEET}
    return tuple(one for one in found.forecasts if one.resource in wanted)


@dataclass(slots=True)
class _Kept:
    """The detector of a dataset version, pickled, once it was learnt."""

    detector: bytes | None = None


@st.cache_resource(show_spinner=False, max_entries=2)
def _kept(version: str, data_hash: str) -> _Kept:
    return _Kept()


@st.cache_resource(
    show_spinner=False, max_entries=2, on_release=lambda work: work.cancel(_GAVE_WAY)
)
def _anomalies(version: str, data_hash: str, filters: "Filters") -> Work["FoundAnomalies"]:
    from core.fleet_jobs import find_anomalies

    return Work(find_anomalies, dataset(), filters, _kept(version, data_hash).detector)


def anomalies(filters: "Filters") -> Work["FoundAnomalies"]:
    """Return the work that finds the anomalies of a selection, begun on first use.

    What was learnt by the first one serves the others.
    """
    active = dataset()
    work = _anomalies(active.version, active.data_hash, filters)
    found = work.status().result
    if found is not None:
        _kept(active.version, active.data_hash).detector = found.detector
    return work


def anomalies_again(filters: "Filters") -> None:
    """Forget the anomalies of a selection: the next use looks for them anew."""
    active = dataset()
    _anomalies.clear(active.version, active.data_hash, filters)
