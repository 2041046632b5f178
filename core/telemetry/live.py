"""Take a short run of samples in the foreground."""

import time
from collections.abc import Callable

from core.metrics import Sample
from core.telemetry.sampler import SampleSource, next_tick, prime_s

__all__ = ["collect_sequence"]


def collect_sequence(
    collector: SampleSource,
    steps: int,
    interval_s: float,
    progress: Callable[[int], None],
    *,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> list[Sample]:
    """Return `steps` samples, `interval_s` seconds apart, rates included from the first on.

    Parameters
    ----------
    collector : SampleSource
        What is sampled.
    steps : int
        How many samples.
    interval_s : float
        Seconds between two of them.
    progress : callable
        Called with the number of samples there are after each one.
    clock, sleep : callables
        Monotonic seconds, and how to wait for some.
    """
    collector.sample()  # rates need a reading before the first
    due_s = clock() + prime_s(interval_s)
    samples: list[Sample] = []
    while len(samples) < steps:
        sleep(max(0.0, due_s - clock()))
        samples.append(collector.sample())
        progress(len(samples))
        due_s = next_tick(due_s, interval_s, clock())
    return samples
