"""What every live metric keeps to, the ten and any that is added."""

import math
from contextlib import suppress

import pytest

from core.errors import MetricUnavailableError
from core.metrics import METRIC_NAMES, METRICS
from core.telemetry.collector import Collector
from core.telemetry.host import CpuTimes, NetworkCounters, Usage
from core.telemetry.metric import Metric, Sources
from core.telemetry.registry import create_metric, metric_names
from tests.fakes import FakeHost, FakeProbe

UNITS = {"%", "°C", "1/s", "ms", "B/s", "s", ""}

# What a FakeHost gives after ten seconds of `pass_time`.
EXACT = {
    "cpu_percent": 25.0,
    "memory_percent": 37.5,
    "disk_percent": 25.0,
    "temperature_c": 63.5,
    "errors_per_s": 0.5,
    "response_time_ms": 12.5,
    "network_bytes_per_s": 1500.0,
    "uptime_s": 86_410.0,
    "process_count": 123.0,
    "thread_count": 456.0,
}

READINGS = ["cpu_times", "memory", "disk", "temperatures_c", "network", "uptime_s"]
READINGS += ["process_count", "thread_count"]

every_metric = pytest.mark.parametrize("name", metric_names())


def read_twice(metric: Metric, host: FakeHost, seconds: float = 10.0) -> float:
    """Return the second reading, `seconds` after the first; a rate has none before."""
    sources = Sources(host=host, probe=FakeProbe())
    with suppress(MetricUnavailableError):
        metric.read(sources, host.monotonic_s())
    host.pass_time(seconds)
    return metric.read(sources, host.monotonic_s())


@every_metric
def test_spec_names_a_known_unit_and_says_what_it_means(name):
    spec = create_metric(name).spec
    assert spec.name == name
    assert spec.unit in UNITS
    assert spec.label
    assert spec.meaning


def test_the_ten_come_first_and_in_their_order():
    assert metric_names()[:10] == METRIC_NAMES
    assert tuple(create_metric(name).spec for name in METRIC_NAMES) == METRICS


@every_metric
def test_value_is_possible_when_the_host_works(name):
    metric = create_metric(name)
    assert metric.is_possible(read_twice(metric, FakeHost()))


@pytest.mark.parametrize("name", METRIC_NAMES)
def test_value_is_exact_when_the_host_is_known(name):
    assert read_twice(create_metric(name), FakeHost()) == pytest.approx(EXACT[name], abs=1e-9)


@every_metric
def test_reading_does_not_wait(name, monkeypatch):
    def refuse(seconds):
        raise AssertionError(f"{name} sleeps {seconds} s")

    monkeypatch.setattr("time.sleep", refuse)
    read_twice(create_metric(name), FakeHost())


@every_metric
def test_two_instances_do_not_disturb_each_other(name):
    host = FakeHost()
    sources = Sources(host=host, probe=FakeProbe())
    undisturbed = read_twice(create_metric(name), FakeHost())
    first, second = create_metric(name), create_metric(name)
    for metric in (first, second):
        with suppress(MetricUnavailableError):
            metric.read(sources, host.monotonic_s())
    host.pass_time(4.0)
    second.read(sources, host.monotonic_s())
    host.pass_time(6.0)
    assert first.read(sources, host.monotonic_s()) == pytest.approx(undisturbed)


@every_metric
def test_reason_is_passed_on_when_the_host_cannot_measure_it(name):
    host = FakeHost(broken=dict.fromkeys(READINGS, "the wire is cut"))
    probe = FakeProbe(value_ms=None, reason="the wire is cut")
    with pytest.raises(MetricUnavailableError, match="the wire is cut"):
        create_metric(name).read(Sources(host=host, probe=probe), host.monotonic_s())


@pytest.mark.parametrize("garbage", [math.nan, math.inf, -math.inf, -1.0, 0.0, 1e300])
@every_metric
def test_garbage_becomes_a_gap_or_stays_possible(name, garbage):
    metric = create_metric(name)
    host = FakeHost()
    collector = Collector("web-1", host, metrics=[metric], probe=FakeProbe(value_ms=garbage))
    collector.sample()
    host.pass_time(5.0)
    host.cpu = CpuTimes(busy_s=garbage, idle_s=garbage)
    host.memory_usage = host.disk_usage = Usage(used_bytes=garbage, total_bytes=garbage)
    host.sensors_c = (garbage,)
    host.nics = {"eth0": NetworkCounters(bytes_total=garbage, errors_total=garbage)}
    host.up_s = host.processes = host.threads = garbage
    (reading,) = collector.sample()
    if reading.value is None:
        assert reading.gap
    else:
        assert metric.is_possible(reading.value)
