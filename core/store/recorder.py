"""Keep each sample of a sampler in the store, for as long as history is wanted."""

import time
from collections.abc import Callable
from datetime import timedelta

from core.metrics import Sample
from core.store.store import Store

__all__ = ["SampleRecorder"]

STEADY_S = 600.0
PRUNE_EVERY_S = 3600.0
_SET_BY_S = 60.0  # what a clock that is only being corrected never differs by at once


class SampleRecorder:
    """A listener of a sampler.

    What is older than wanted is deleted once an hour, and only where the clock of this machine has
    gone steadily for ten minutes: a clock that stands years ahead for a moment, as after a start
    with an empty battery, must not cost the history.

    Parameters
    ----------
    find_store : callable
        Returns where samples go, at every sample anew: it may be there only later.
    history_days : float
        How long they stay.
    clock : callable
        Monotonic seconds.
    """

    def __init__(
        self,
        find_store: Callable[[], Store],
        history_days: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._find_store = find_store
        self._kept = timedelta(days=history_days)
        self._clock = clock
        self._began_s: float | None = None  # by the clock that nobody sets
        self._due_s = 0.0

    def __call__(self, sample: Sample) -> None:
        """Keep `sample`; StoreError where that cannot be done."""
        store = self._find_store()
        store.add_sample(sample)
        now_s = self._clock()
        began_s = sample.at.timestamp() - now_s
        if self._began_s is None or abs(began_s - self._began_s) > _SET_BY_S:
            self._began_s, self._due_s = began_s, now_s + STEADY_S
        if now_s >= self._due_s:
            store.prune(sample.at - self._kept)
            self._due_s = now_s + PRUNE_EVERY_S
