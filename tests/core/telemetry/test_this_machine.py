"""The real door on the machine that runs the tests."""

import sys
from pathlib import Path

import psutil
import pytest

from core.metrics import METRIC_NAMES
from core.telemetry.collector import Collector
from core.telemetry.host import PsutilHost
from tests.fakes import FakeProbe

DISK = Path(Path.cwd().anchor)


@pytest.fixture(scope="module")
def sample():
    collector = Collector("here", PsutilHost(DISK), probe=FakeProbe())
    collector.sample()
    sum(number * number for number in range(2_000_000))  # some clock ticks of work
    return collector.sample()


def test_every_metric_is_a_value_or_a_gap_with_its_reason(sample):
    for reading in sample:
        assert (reading.value is None) == bool(reading.gap), reading


def test_most_metrics_are_there(sample):
    there = {reading.metric for reading in sample if reading.value is not None}
    may_lack = {"temperature_c", "errors_per_s", "network_bytes_per_s"}
    if sys.platform == "darwin":
        may_lack.add("thread_count")
    assert set(METRIC_NAMES) - there <= may_lack


def test_numbers_agree_with_another_source(sample):
    disk = psutil.disk_usage(str(DISK))
    assert sample.reading("disk_percent").value == pytest.approx(disk.percent, abs=2.0)
    assert sample.reading("process_count").value == pytest.approx(len(psutil.pids()), rel=0.3)
    assert sample.reading("uptime_s").value > 0.0


@pytest.mark.skipif(sys.platform != "linux", reason="the walk sees every process on Linux only")
def test_threads_agree_with_a_walk_over_all_processes(sample):
    walked = sum(process.info["num_threads"] for process in psutil.process_iter(["num_threads"]))
    assert sample.reading("thread_count").value == pytest.approx(walked, rel=0.3)
