"""What the pages share, built once per process on first use: the app's composition root."""

from typing import TYPE_CHECKING

import streamlit as st

import config
from core import artifacts

# Imported where they are built: a page that needs none of them does not wait for their libraries.
if TYPE_CHECKING:
    from core.failure.serving import FailureModel
    from core.failure.watch import HostWatch
    from core.store import Store
    from core.telemetry.probe import ResponseProbe
    from core.telemetry.sampler import Sampler
    from core.tickets.predict import TicketModel

__all__ = [
    "failure_manifest",
    "failure_model",
    "release",
    "sampler",
    "settings",
    "store",
    "ticket_model",
    "watch",
]

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
        sampler,
        _host_watch,
        _failure_manifest,
        _failure_model,
        _ticket_model,
        _probe,
        store,
        settings,
    ):
        resource.clear()
