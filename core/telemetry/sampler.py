"""Take samples of a host on a steady beat in a background thread."""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Protocol

from core.errors import CoreError
from core.metrics import Sample

__all__ = ["Sampler", "SampleSource", "next_tick", "prime_s"]

log = logging.getLogger(__name__)

Listener = Callable[[Sample], None]


class SampleSource(Protocol):
    """What a sampler asks: a Collector, or what stands in for it."""

    def sample(self) -> Sample:
        """Return a sample of now."""


def next_tick(last_s: float, interval_s: float, now_s: float) -> float:
    """Return the first time after `now_s` that lies a whole number of intervals after `last_s`.

    So the beat does not drift, and what was missed in a suspend is skipped and not made up for.
    """
    missed = max(0.0, (now_s - last_s) // interval_s)
    return last_s + (missed + 1.0) * interval_s


def prime_s(interval_s: float) -> float:
    """Return how long after a priming sample the first one follows, in seconds.

    Long enough for rates that mean something (CPU time is counted in hundredths of a second), and
    never longer than the interval.
    """
    return min(1.0, interval_s)


class Sampler:
    """One thread that samples, keeps the latest in a ring and tells its listeners.

    Rates need two readings, so a start and a resume take a sample that nobody sees, and the first
    one that counts follows a second (or one shorter interval) later, without gaps and without a
    mean over the pause.

    Parameters
    ----------
    collector : SampleSource
        What is sampled; the sampler's thread alone uses it.
    interval_s : float
        Seconds between two samples, above 0.
    ring_size : int
        How many of the latest samples are kept, at least 1.
    listeners : sequence of callables
        Called in the sampler's thread with each sample, in order. A CoreError of one is logged and
        stops neither the others nor the sampler. Any other error is a fault in the program: it is
        logged and ends the thread (`is_running` says so).
    clock : callable
        Monotonic seconds.
    wait : callable
        Waits for an event for some seconds at most; returns whether it came.
    """

    def __init__(
        self,
        collector: SampleSource,
        *,
        interval_s: float,
        ring_size: int,
        listeners: Sequence[Listener] = (),
        clock: Callable[[], float] = time.monotonic,
        wait: Callable[[threading.Event, float], bool] = threading.Event.wait,
    ) -> None:
        if interval_s <= 0 or ring_size < 1:
            raise ValueError(f"interval_s is {interval_s} and ring_size is {ring_size}")
        self.interval_s = interval_s
        self._collector = collector
        self._ring: deque[Sample] = deque(maxlen=ring_size)
        self._listeners = tuple(listeners)
        self._clock = clock
        self._wait = wait
        self._lock = threading.Lock()  # of the thread's start and end
        self._ring_lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._changed = threading.Event()  # set after _paused or _stopping was
        self._paused = False
        self._stopping = False
        self._complaints: dict[int, str] = {}
        self._problem: str | None = None

    @property
    def is_running(self) -> bool:
        """Whether the thread is alive, paused or not."""
        thread = self._thread
        return thread is not None and thread.is_alive()

    @property
    def is_paused(self) -> bool:
        """Whether sampling rests until `resume`."""
        return self._paused

    @property
    def problem(self) -> str | None:
        """Why the last sample was not passed on to everybody; None where it was."""
        return self._problem

    def start(self) -> None:
        """Begin to sample; nothing happens where it runs already."""
        with self._lock:
            if self.is_running:
                return
            self._stopping = False
            self._thread = threading.Thread(target=self._run, name="sampler", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End the thread and wait until it has ended; the samples stay."""
        with self._lock:
            self._stopping = True
            self._changed.set()
            if self._thread is not None:
                self._thread.join()

    def pause(self) -> None:
        """Rest until `resume`; a sample under way is finished."""
        if not self._paused:
            self._paused = True
            self._changed.set()

    def resume(self) -> None:
        """Go on after `pause`, with a fresh beat."""
        if self._paused:
            self._paused = False
            self._changed.set()

    def latest(self) -> Sample | None:
        """Return the last sample; None before the first."""
        recent = self.recent(1)
        return recent[-1] if recent else None

    def recent(self, n: int) -> tuple[Sample, ...]:
        """Return the last `n` samples at most, the oldest first."""
        with self._ring_lock:
            samples = tuple(self._ring)
        return samples[max(0, len(samples) - n) :]

    def _run(self) -> None:
        try:
            self._keep_the_beat()
        except BaseException:
            log.exception("Sampling has ended by a fault in the program")
            raise

    def _keep_the_beat(self) -> None:
        while True:
            self._changed.clear()  # before the flags are read: what changes later is not missed
            if self._stopping:
                return
            if self._paused:
                self._changed.wait()
                continue
            self._collector.sample()
            due_s = self._clock() + prime_s(self.interval_s)
            while not self._wait(self._changed, max(0.0, due_s - self._clock())):
                self._take()
                due_s = next_tick(due_s, self.interval_s, self._clock())

    def _take(self) -> None:
        sample = self._collector.sample()
        with self._ring_lock:
            self._ring.append(sample)
        for position, listener in enumerate(self._listeners):
            try:
                listener(sample)
            except CoreError as error:
                self._complain(position, str(error))
            else:
                self._complaints.pop(position, None)
        self._problem = next(iter(self._complaints.values()), None)

    def _complain(self, position: int, message: str) -> None:
        """Log once what would otherwise be said at every sample, as by a full disk."""
        if self._complaints.get(position) != message:
            self._complaints[position] = message
            log.error("A sample was taken but not passed on: %s", message)
