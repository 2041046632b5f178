"""This host: its samples, what is kept of them, and what is expected of it."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import streamlit as st

from core.background import Work
from core.resources.configured import settings
from core.resources.models import failure_model

if TYPE_CHECKING:
    from core.failure.watch import HostWatch
    from core.fleet_jobs import HostForecasts
    from core.store import Store
    from core.telemetry.probe import ResponseProbe
    from core.telemetry.sampler import Sampler

__all__ = ["host_capacity", "host_capacity_again", "sampler", "store", "watch"]

DAY_S = 86_400.0
RING_SIZE = 720  # an hour of samples at the default interval


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


@st.cache_resource(show_spinner=False)
def _host_watch() -> "HostWatch":
    from core.failure.watch import HostWatch

    return HostWatch(
        settings().host_name,
        interval_s=settings().sample_interval_s,
        find_store=store,
        find_model=failure_model,
    )


def watch() -> "HostWatch":
    """Return what judges this host with every sample, in want of a database without its past."""
    sampler()
    return _host_watch()


@st.cache_resource(show_spinner=False, on_release=lambda running: running.stop())
def sampler() -> "Sampler":
    """Return the running sampler of this host, whose samples go to the store and the watch.

    Without a database it runs, too, and says that nothing is kept. SettingsError where it cannot be
    built.
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
        listeners=[SampleRecorder(store, settings().history_days), _host_watch().observe],
    )
    running.start()
    return running


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
