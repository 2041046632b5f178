from datetime import timedelta

import pytest

from core.metrics import METRIC_NAMES
from core.telemetry.collector import Collector
from core.telemetry.host import CpuTimes, NetworkCounters, Usage
from tests.fakes import NOON, FakeHost, FakeProbe


@pytest.fixture
def host():
    return FakeHost()


@pytest.fixture
def collector(host):
    return Collector("web-1", host, probe=FakeProbe())


def test_sample_carries_host_time_and_every_metric_in_order(host, collector):
    sample = collector.sample()
    assert sample.host == "web-1"
    assert sample.at == NOON
    assert tuple(reading.metric for reading in sample)[:10] == METRIC_NAMES


def test_first_sample_lacks_only_the_rates(collector):
    gaps = {reading.metric: reading.gap for reading in collector.sample() if reading.value is None}
    rates = ("cpu_percent", "errors_per_s", "network_bytes_per_s")
    assert gaps == dict.fromkeys(rates, "needs a second sample")


def test_broken_sensor_is_a_gap_and_the_others_go_on(host, collector):
    collector.sample()
    host.pass_time(5.0)
    host.broken = {"temperatures_c": "sensor bus is asleep", "network": "no such device"}
    sample = collector.sample()
    gaps = {reading.metric: reading.gap for reading in sample if reading.value is None}
    assert gaps == {
        "temperature_c": "sensor bus is asleep",
        "errors_per_s": "no such device",
        "network_bytes_per_s": "no such device",
    }
    assert sample.reading("cpu_percent").value == 25.0


def test_rate_spans_the_gap_when_a_reading_fails_once(host, collector):
    collector.sample()
    host.pass_time(5.0)
    host.broken = {"network": "no such device"}
    collector.sample()
    host.pass_time(5.0)
    host.broken = {}
    host.count("eth0", bytes_total=10_000.0)
    assert collector.sample().reading("network_bytes_per_s").value == 2_500.0


def test_setting_the_wall_clock_back_changes_no_rate(host, collector):
    collector.sample()
    host.pass_time(5.0)
    host.now -= timedelta(hours=3)
    sample = collector.sample()
    assert sample.at < NOON
    assert sample.reading("network_bytes_per_s").value == 1_500.0
    assert sample.reading("cpu_percent").value == 25.0


def test_suspend_that_stops_the_monotonic_clock_changes_no_rate(host, collector):
    collector.sample()
    host.pass_time(5.0)
    host.now += timedelta(hours=8)  # the wall clock and the uptime ran on
    host.up_s += 8 * 3600
    sample = collector.sample()
    assert sample.reading("network_bytes_per_s").value == 1_500.0
    assert sample.reading("uptime_s").value == 86_405.0 + 8 * 3600


def test_suspend_that_counts_in_the_monotonic_clock_is_averaged_over(host, collector):
    collector.sample()
    host.pass_time(5.0)
    host.clock.now_s += 995.0
    assert collector.sample().reading("network_bytes_per_s").value == 7.5


def test_restarted_interface_is_a_gap_that_names_it(host, collector):
    collector.sample()
    host.pass_time(5.0)
    host.nics["eth0"] = NetworkCounters(bytes_total=12.0, errors_total=10.0)
    sample = collector.sample()
    assert sample.reading("network_bytes_per_s").gap == "the counters of eth0 restarted"


def test_cpu_counters_that_restart_or_stand_still_are_gaps(host, collector):
    collector.sample()
    host.cpu = CpuTimes(busy_s=1.0, idle_s=2.0)
    assert "restarted" in collector.sample().reading("cpu_percent").gap
    assert "did not move" in collector.sample().reading("cpu_percent").gap
    host.cpu = CpuTimes(busy_s=2.0, idle_s=5.0)
    assert collector.sample().reading("cpu_percent").value == 25.0


def test_cpu_is_all_busy_when_idle_time_is_corrected_downwards(host, collector):
    collector.sample()
    host.cpu = CpuTimes(busy_s=host.cpu.busy_s + 3.0, idle_s=host.cpu.idle_s - 0.01)
    assert collector.sample().reading("cpu_percent").value == 100.0


def test_impossible_value_is_a_gap_that_names_it(host, collector):
    host.memory_usage = Usage(used_bytes=9e9, total_bytes=8e9)
    host.up_s = float("nan")
    sample = collector.sample()
    assert (
        sample.reading("memory_percent").gap
        == "the host says 112.5, which is no number from 0 to 100"
    )
    assert sample.reading("uptime_s").gap == "the host says nan, which is no number from 0 on"


@pytest.mark.parametrize(
    ("sensors", "value", "gap"),
    [
        ((), None, "no temperature sensor on this host"),
        ((-128.0, 44.0, 65_261.8), 44.0, None),
        (
            (-128.0, 65_261.8),
            None,
            "no temperature sensor says anything possible: -128, 65261.8 °C",
        ),
        ((-20.0,), -20.0, None),
    ],
)
def test_temperature_is_of_the_hottest_sensor_that_makes_sense(
    host, collector, sensors, value, gap
):
    host.sensors_c = sensors
    reading = collector.sample().reading("temperature_c")
    assert (reading.value, reading.gap) == (value, gap)


def test_filesystem_without_blocks_is_a_gap(host, collector):
    host.disk_usage = Usage(used_bytes=0.0, total_bytes=0.0)
    assert collector.sample().reading("disk_percent").gap == "there are 0 bytes in all"


def test_missing_probe_and_silent_probe_are_gaps(host, collector):
    without = Collector("web-1", host).sample().reading("response_time_ms")
    assert without.gap == "no response probe is running"
    probe = FakeProbe(value_ms=None, reason="127.0.0.1:8501 cannot be reached")
    silent = Collector("web-1", host, probe=probe).sample().reading("response_time_ms")
    assert silent.gap == "127.0.0.1:8501 cannot be reached"
