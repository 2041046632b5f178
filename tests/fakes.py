"""Stand-ins for what is outside: the clock, the host, psutil, the probe and the collector."""

import threading
from collections import namedtuple
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from core.errors import MetricUnavailableError
from core.metrics import Reading, Sample
from core.telemetry.host import CpuTimes, NetworkCounters, Usage

NOON = datetime(2025, 3, 1, 12, 0, tzinfo=UTC)


class FakeClock:
    """Monotonic seconds that pass only where a test lets them, or where someone waits.

    The first `waits` waits for an event are over at once; at the next one `idle` is set, and it
    lasts until the event comes.
    """

    def __init__(self, now_s: float = 1000.0, waits: int = 0) -> None:
        self.now_s = now_s
        self.waits = waits
        self.waits_s: list[float] = []
        self.idle = threading.Event()

    def __call__(self) -> float:
        return self.now_s

    def sleep(self, seconds: float) -> None:
        self.waits_s.append(seconds)
        self.now_s += seconds

    def wait(self, event: threading.Event, seconds: float) -> bool:
        if self.waits == 0:
            self.idle.set()
            return event.wait()
        self.waits -= 1
        self.sleep(seconds)
        return event.is_set()


class FakeHost:
    """A host whose every reading a test sets; those named in `broken` raise the reason there."""

    def __init__(self, clock: FakeClock | None = None, broken: dict[str, str] | None = None):
        self.clock = clock or FakeClock()
        self.broken = broken or {}
        self.now = NOON
        self.cpu = CpuTimes(busy_s=100.0, idle_s=900.0)
        self.memory_usage = Usage(used_bytes=3e9, total_bytes=8e9)
        self.disk_usage = Usage(used_bytes=30e9, total_bytes=120e9)
        self.sensors_c: tuple[float, ...] = (41.0, 63.5, 38.0)
        self.nics = {
            "lo": NetworkCounters(bytes_total=7e9, errors_total=0.0),
            "eth0": NetworkCounters(bytes_total=1e6, errors_total=10.0),
            "wlan0": NetworkCounters(bytes_total=2e6, errors_total=20.0),
        }
        self.up_s = 86_400.0
        self.processes = 123
        self.threads = 456

    def _say(self, name: str, value: Any) -> Any:
        if name in self.broken:
            raise MetricUnavailableError(self.broken[name])
        return value

    def monotonic_s(self) -> float:
        return self.clock()

    def utc_now(self) -> datetime:
        return self.now

    def cpu_times(self) -> CpuTimes:
        return self._say("cpu_times", self.cpu)

    def memory(self) -> Usage:
        return self._say("memory", self.memory_usage)

    def disk(self) -> Usage:
        return self._say("disk", self.disk_usage)

    def temperatures_c(self) -> tuple[float, ...]:
        return self._say("temperatures_c", self.sensors_c)

    def network(self) -> dict[str, NetworkCounters]:
        return self._say("network", dict(self.nics))

    def uptime_s(self) -> float:
        return self._say("uptime_s", self.up_s)

    def process_count(self) -> int:
        return self._say("process_count", self.processes)

    def thread_count(self) -> int:
        return self._say("thread_count", self.threads)

    def pass_time(self, seconds: float) -> None:
        """Let time pass on a host that works: 25 % busy, 1,500 B/s, half an error a second."""
        self.clock.now_s += seconds
        self.now += timedelta(seconds=seconds)
        self.up_s += seconds
        self.cpu = CpuTimes(
            busy_s=self.cpu.busy_s + 0.25 * seconds, idle_s=self.cpu.idle_s + 0.75 * seconds
        )
        self.count("eth0", bytes_total=1000 * seconds, errors_total=0.5 * seconds)
        self.count("wlan0", bytes_total=500 * seconds)
        self.count("lo", bytes_total=99_999 * seconds)

    def count(self, nic: str, *, bytes_total: float = 0.0, errors_total: float = 0.0) -> None:
        """Let the counters of an interface go on by so much."""
        before = self.nics[nic]
        self.nics[nic] = NetworkCounters(
            bytes_total=before.bytes_total + bytes_total,
            errors_total=before.errors_total + errors_total,
        )


class FakeProbe:
    """A probe with an answer, or with the reason why there is none."""

    def __init__(self, value_ms: float | None = 12.5, reason: str = "") -> None:
        self.value_ms = value_ms
        self.reason = reason

    def response_time_ms(self) -> float:
        if self.value_ms is None:
            raise MetricUnavailableError(self.reason)
        return self.value_ms


class FakeCollector:
    """A source of numbered samples; the priming one counts.

    `on_sample` is called with the number of each sample as it is taken.
    """

    def __init__(self, on_sample: Callable[[int], None] = lambda number: None) -> None:
        self.taken = 0
        self.on_sample = on_sample

    def sample(self) -> Sample:
        self.taken += 1
        self.on_sample(self.taken)
        return Sample(
            host="fake",
            at=NOON + timedelta(seconds=self.taken),
            readings=(Reading(metric="cpu_percent", value=float(self.taken)),),
        )


def numbers(samples: tuple[Sample, ...] | list[Sample]) -> list[float | None]:
    """Return the numbers of a FakeCollector's samples."""
    return [sample.reading("cpu_percent").value for sample in samples]


class FakePsutil:
    """psutil as it answers on Linux; the numbers are hand-made and differ from each other.

    `MacPsutil` and `WindowsPsutil` below lack what psutil lacks there.
    """

    def __init__(self) -> None:
        self.threads: list[int | None] = [1, 20, 300]
        self.available = 2_000

    def cpu_times(self) -> Any:
        fields = "user nice system idle iowait irq softirq steal guest guest_nice"
        return namedtuple("scputimes", fields)(
            1.0, 2.0, 4.0, 800.0, 100.0, 8.0, 16.0, 32.0, 0.5, 0.25
        )

    def virtual_memory(self) -> Any:
        return SimpleNamespace(total=10_000, available=self.available, used=1)

    def disk_usage(self, path: str) -> Any:
        # 100 blocks, 10 of them kept for root.
        return SimpleNamespace(total=100, used=36, free=54, percent=40.0)

    def sensors_temperatures(self) -> Any:
        return {
            "coretemp": [SimpleNamespace(current=51.0), SimpleNamespace(current=55.5)],
            "nvme": [SimpleNamespace(current=38.9)],
        }

    def net_io_counters(self, *, pernic: bool, nowrap: bool) -> Any:
        counters = SimpleNamespace(
            bytes_sent=1, bytes_recv=20, errin=100, errout=2_000, dropin=10_000, dropout=200_000
        )
        return {"eth0": counters} if pernic else counters

    def boot_time(self) -> float:
        return datetime.now(UTC).timestamp() - 5_000.0

    def pids(self) -> list[int]:
        return [0, 1, 77]

    def process_iter(self, attrs: list[str]) -> Any:
        return iter(SimpleNamespace(info={attrs[0]: threads}) for threads in self.threads)


class MacPsutil(FakePsutil):
    """psutil on macOS: no waiting, no stolen time, no sensors."""

    sensors_temperatures = property()  # hasattr says no

    def cpu_times(self) -> Any:
        return namedtuple("scputimes", "user nice system idle")(1.0, 2.0, 4.0, 800.0)


class WindowsPsutil(FakePsutil):
    """psutil on Windows: no sensors; interrupt and dpc are inside system."""

    sensors_temperatures = property()

    def cpu_times(self) -> Any:
        fields = "user system idle interrupt dpc"
        return namedtuple("scputimes", fields)(1.0, 4.0, 800.0, 0.5, 0.25)
