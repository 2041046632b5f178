"""What the pages share, built once per process on first use: the app's composition root."""

from typing import TYPE_CHECKING

import streamlit as st

import config

# Imported where they are built: a page that needs none of them does not wait for their libraries.
if TYPE_CHECKING:
    from core.store import Store
    from core.telemetry.probe import ResponseProbe
    from core.telemetry.sampler import Sampler

__all__ = ["release", "sampler", "settings", "store"]

RING_SIZE = 720  # an hour of samples at the default interval


@st.cache_resource(show_spinner=False)
def settings() -> config.Settings:
    """Return the settings; SettingsError where one cannot be used."""
    return config.load()


@st.cache_resource(show_spinner=False, on_release=lambda opened: opened.close())
def store() -> "Store":
    """Return the database; StoreError where it cannot be opened."""
    from core.store import Store

    return Store(settings().database_url)


@st.cache_resource(show_spinner=False, on_release=lambda running: running.stop())
def _probe() -> "ResponseProbe":
    from core.telemetry.probe import ResponseProbe

    probe = ResponseProbe(settings().response_probe_url, settings().sample_interval_s)
    probe.start()
    return probe


@st.cache_resource(show_spinner=False, on_release=lambda running: running.stop())
def sampler() -> "Sampler":
    """Return the running sampler of this host, whose samples go to the store.

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
        listeners=[SampleRecorder(store(), settings().history_days)],
    )
    running.start()
    return running


def release() -> None:
    """Stop and close what was built; the next use builds it again."""
    for resource in (sampler, _probe, store, settings):
        resource.clear()
