"""Keep each sample of a sampler in the store, for as long as history is wanted."""

from datetime import datetime, timedelta

from core.metrics import Sample
from core.store.store import Store

__all__ = ["SampleRecorder"]

PRUNE_EVERY = timedelta(hours=1)


class SampleRecorder:
    """A listener of a sampler.

    Parameters
    ----------
    store : Store
        Where samples go.
    history_days : float
        How long they stay; what is older is deleted at the first sample and once an hour.
    """

    def __init__(self, store: Store, history_days: float) -> None:
        self._store = store
        self._kept = timedelta(days=history_days)
        self._pruned_at: datetime | None = None

    def __call__(self, sample: Sample) -> None:
        """Keep `sample`; StoreError where that cannot be done."""
        self._store.add_sample(sample)
        # A clock that was set back counts as an hour over too.
        if self._pruned_at is None or abs(sample.at - self._pruned_at) >= PRUNE_EVERY:
            self._store.prune(sample.at - self._kept)
            self._pruned_at = sample.at
