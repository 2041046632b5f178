"""A sampler that lives through days in seconds: all of it is real but the host and its clock."""

import gc
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psutil

from core.failure.serving import FailureModel
from core.failure.watch import HostWatch
from core.store import SampleRecorder, Store
from core.telemetry.collector import Collector
from core.telemetry.registry import metric_names
from core.telemetry.sampler import Sampler
from tests.fakes import NOON, CpuTimes, FakeHost, FakeProbe

HOST = "web-1"
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
# One hour in ten is a bad one, so that alarms come and go.
CALM_BUSY, BAD_BUSY = 0.2, 0.97
HOUR_S = 3600.0
PATIENCE_S = 600.0


class LongDays(FakeHost):
    """A host whose time passes when its sampler waits, as far as it is let go on."""

    def __init__(self) -> None:
        super().__init__()
        self._left = 0
        self._go, self._arrived = threading.Event(), threading.Event()

    def wait(self, event: threading.Event, seconds: float) -> bool:
        """Stand in for the waiting of the sampler's thread."""
        if self._left == 0:
            self._arrived.set()
            self._go.wait()
            self._go.clear()
        if self._left < 0:
            return event.wait()
        self._left -= 1
        self.pass_time(seconds)
        is_bad = int(self.clock.now_s // HOUR_S) % 10 == 9
        busy = seconds * (BAD_BUSY if is_bad else CALM_BUSY)
        self._used = CpuTimes(
            busy_s=self._used.busy_s + busy, idle_s=self._used.idle_s + seconds - busy
        )
        return event.is_set()

    _used = CpuTimes(busy_s=100.0, idle_s=900.0)

    def cpu_times(self) -> CpuTimes:
        return self._used

    def go_on(self, n_samples: int) -> None:
        """Let so many samples be taken, and return when they were."""
        self._left = n_samples
        self._arrived.clear()
        self._go.set()
        assert self._arrived.wait(PATIENCE_S)

    def let_end(self) -> None:
        """Let the sampler wait for the word to stop."""
        self._left = -1
        self._go.set()


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What sampler, watch and store hold at one moment.

    Attributes
    ----------
    file_bytes : int
        Size of the database with its journal.
    n_blocks : int
        Pieces of memory that Python's objects take, after garbage was collected.
    memory_bytes : int
        What the process holds.
    """

    n_samples: int
    n_risks: int
    n_alarms: int
    n_in_ring: int
    file_bytes: int
    n_blocks: int
    memory_bytes: int
    n_threads: int
    n_open_files: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LongRun:
    """A host under watch, and what is kept of it in a folder."""

    host: LongDays
    sampler: Sampler
    watch: HostWatch
    store: Store
    folder: Path

    def after(self, n_samples: int) -> Held:
        """Return what is held after so many more samples."""
        self.host.go_on(n_samples)
        assert self.sampler.is_running
        assert self.sampler.problem is None, self.sampler.problem
        self.watch.status()
        gc.collect()
        return Held(
            n_samples=len(self.store.samples(HOST, LONG_AGO).at),
            n_risks=len(self.store.risks(HOST, LONG_AGO)),
            n_alarms=len(self.store.alarms(HOST, 10_000)),
            n_in_ring=len(self.sampler.recent(1_000_000)),
            file_bytes=sum(file.stat().st_size for file in self.folder.iterdir()),
            n_blocks=sys.getallocatedblocks(),
            memory_bytes=psutil.Process().memory_info().rss,
            n_threads=threading.active_count(),
            n_open_files=_n_open_files(),
        )


@contextmanager
def long_run(
    folder: Path,
    find_model: Callable[[], FailureModel],
    *,
    interval_s: float,
    history_days: float,
    ring_size: int,
) -> Iterator[LongRun]:
    """Begin to watch a host with an empty database in `folder`, and stop at the end."""
    host = LongDays()
    store = Store(f"sqlite:///{(folder / 'soak.db').as_posix()}", metric_names())
    watch = HostWatch(
        HOST, interval_s=interval_s, find_store=lambda: store, find_model=find_model, now=NOON
    )
    sampler = Sampler(
        Collector(HOST, host, probe=FakeProbe()),
        interval_s=interval_s,
        ring_size=ring_size,
        listeners=[SampleRecorder(lambda: store, history_days, host.clock), watch.observe],
        clock=host.clock,
        wait=host.wait,
    )
    sampler.start()
    try:
        yield LongRun(host=host, sampler=sampler, watch=watch, store=store, folder=folder)
    finally:
        host.let_end()
        sampler.stop()
        store.close()


def _n_open_files() -> int:
    process = psutil.Process()
    return process.num_fds() if hasattr(process, "num_fds") else process.num_handles()
