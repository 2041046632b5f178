"""What the pages share, built once per process on first use: the app's composition root."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import streamlit as st

import config
from core import artifacts
from core.background import Work
from core.errors import MissingDataError

# Imported where they are built: a page that needs none of them does not wait for their libraries.
if TYPE_CHECKING:
    from core.dataset import ImportedDataset
    from core.dataset.overview import Choices, Filters, Fleet, Machine, Overview
    from core.failure.serving import FailureModel
    from core.failure.watch import HostWatch
    from core.fleet_jobs import FleetForecasts, FoundAnomalies, HostForecasts
    from core.forecast import Limits
    from core.responses.responder import Responder
    from core.store import Store
    from core.telemetry.probe import ResponseProbe
    from core.telemetry.sampler import Sampler
    from core.tickets.predict import TicketModel

__all__ = [
    "anomalies",
    "anomalies_again",
    "capacity",
    "capacity_again",
    "choices",
    "dataset",
    "failure_manifest",
    "failure_model",
    "fleet",
    "host_capacity",
    "host_capacity_again",
    "limits",
    "machine",
    "overview",
    "release",
    "responder",
    "sampler",
    "settings",
    "store",
    "ticket_manifest",
    "ticket_model",
    "watch",
]

DAY_S = 86_400.0
RING_SIZE = 720  # an hour of samples at the default interval


@st.cache_resource(show_spinner=False)
def settings() -> config.Settings:
    """Return the settings; SettingsError where one cannot be used."""
    return config.load()


@st.cache_resource(show_spinner=False, on_release=lambda opened: opened.close())
def store() -> "Store":
    """Return the database; StoreError where it cannot be opened."""
    from core.store import Store
    from core.telemetry.registry import metric_names

    return Store(settings().database_url, metric_names())


@st.cache_resource(show_spinner=False, on_release=lambda running: running.stop())
def _probe() -> "ResponseProbe":
    from core.telemetry.probe import ResponseProbe

    probe = ResponseProbe(settings().response_probe_url, settings().sample_interval_s)
    probe.start()
    return probe


@st.cache_resource(show_spinner=False, max_entries=2)
def _failure_model(version: str) -> "FailureModel":
    from core.failure.serving import load_model

    return load_model(settings().models_dir, version)


def failure_model() -> "FailureModel":
    """Return the active failure model; ArtifactError where there is none that can be used.

    Loaded once a version: another one is served as soon as it is activated.
    """
    return _failure_model(artifacts.current_version(settings().models_dir, "failure"))


@st.cache_resource(show_spinner=False, max_entries=2)
def _failure_manifest(version: str) -> artifacts.Manifest:
    manifest, _ = artifacts.load_version(settings().models_dir, "failure", version)
    return manifest


def failure_manifest() -> artifacts.Manifest:
    """Return what is on record of the active failure model; ArtifactError as `failure_model`."""
    return _failure_manifest(artifacts.current_version(settings().models_dir, "failure"))


@st.cache_resource(show_spinner=False, max_entries=2)
def _ticket_model(version: str) -> "TicketModel":
    from core.tickets.predict import load_model

    return load_model(settings().models_dir, version)


def ticket_model() -> "TicketModel":
    """Return the active ticket model; ArtifactError where there is none that can be used."""
    return _ticket_model(artifacts.current_version(settings().models_dir, "tickets"))


@st.cache_resource(show_spinner=False, max_entries=2)
def _ticket_manifest(version: str) -> artifacts.Manifest:
    manifest, _ = artifacts.load_version(settings().models_dir, "tickets", version)
    return manifest


def ticket_manifest() -> artifacts.Manifest:
    """Return what is on record of the active ticket model; ArtifactError as `ticket_model`."""
    return _ticket_manifest(artifacts.current_version(settings().models_dir, "tickets"))


@st.cache_resource(show_spinner=False, ttl=60.0)
def responder() -> "Responder":
    """Return what prepares and writes replies; DataError where a runbook cannot be read.

    Runbooks are read again every minute: people edit them while the app runs.
    """
    from core.responses.provider import Access
    from core.responses.responder import Responder
    from core.responses.runbooks import read_runbooks

    given = settings()
    access = Access(
        base_url=given.hf_base_url,
        model=given.hf_model,
        token=given.hf_token,
        timeout_s=given.hf_timeout_s,
        proxy=given.hf_proxy,
    )
    return Responder(read_runbooks(given.runbooks_dir), access)


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
    from core.dataset.overview import Fleet

    return Fleet(dataset())


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


# Work is cancelled when its place is needed for another one, and when the app stops.


@st.cache_resource(show_spinner=False, max_entries=2, on_release=lambda work: work.cancel())
def _capacity(version: str, data_hash: str) -> Work["FleetForecasts"]:
    from core.fleet_jobs import forecast_fleet

    return Work(forecast_fleet, dataset(), settings().forecast_days * DAY_S)


def capacity() -> Work["FleetForecasts"]:
    """Return the work that forecasts the active dataset, begun on first use.

    Errors as `dataset`.
    """
    active = dataset()
    return _capacity(active.version, active.data_hash)


def capacity_again() -> None:
    """Forget the forecasts of the active dataset: the next use begins them anew."""
    active = dataset()
    _capacity.clear(active.version, active.data_hash)


@st.cache_resource(show_spinner=False, max_entries=2, on_release=lambda work: work.cancel())
def _host_capacity(hour: datetime) -> Work["HostForecasts"]:
    from core.fleet_jobs import forecast_host

    known = settings()
    return Work(
        forecast_host,
        known.database_url,
        known.host_name,
        datetime.now(UTC),
        known.history_days,
        known.forecast_days * DAY_S,
    )


def host_capacity() -> Work["HostForecasts"]:
    """Return the work that forecasts this host from its samples, begun anew every hour."""
    store()  # its tables are there once it was opened
    return _host_capacity(_this_hour())


def host_capacity_again() -> None:
    """Forget the forecasts of this host: the next use begins them anew."""
    _host_capacity.clear(_this_hour())


def _this_hour() -> datetime:
    return datetime.now(UTC).replace(minute=0, second=0, microsecond=0)


@dataclass(slots=True)
class _Kept:
    """The detector of a dataset version, pickled, once it was learnt."""

    detector: bytes | None = None


@st.cache_resource(show_spinner=False, max_entries=2)
def _kept(version: str, data_hash: str) -> _Kept:
    return _Kept()


@st.cache_resource(show_spinner=False, max_entries=2, on_release=lambda work: work.cancel())
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


@st.cache_resource(show_spinner=False)
def _host_watch() -> "HostWatch":
    from core.failure.watch import HostWatch

    return HostWatch(
        settings().host_name,
        interval_s=settings().sample_interval_s,
        store=store(),
        find_model=failure_model,
    )


def watch() -> "HostWatch":
    """Return what judges this host with every sample; StoreError where its past cannot be read."""
    sampler()
    return _host_watch()


@st.cache_resource(show_spinner=False, on_release=lambda running: running.stop())
def sampler() -> "Sampler":
    """Return the running sampler of this host, whose samples go to the store and the watch.

    StoreError or SettingsError where it cannot be built.
    """
    from core.store import SampleRecorder
    from core.telemetry.collector import Collector
    from core.telemetry.host import PsutilHost
    from core.telemetry.sampler import Sampler

    host = PsutilHost(settings().disk_path)
    running = Sampler(
        Collector(settings().host_name, host, probe=_probe()),
        interval_s=settings().sample_interval_s,
        ring_size=RING_SIZE,
        listeners=[SampleRecorder(store(), settings().history_days), _host_watch().observe],
    )
    running.start()
    return running


def release() -> None:
    """Stop and close what was built; the next use builds it again."""
    for resource in (
        _capacity,
        _host_capacity,
        _anomalies,
        _kept,
        _overview,
        _machine,
        _choices,
        _fleet,
        _demo_imported,
        responder,
        sampler,
        _host_watch,
        _failure_manifest,
        _failure_model,
        _ticket_manifest,
        _ticket_model,
        _probe,
        store,
        settings,
    ):
        resource.clear()
