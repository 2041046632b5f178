"""What a watched host has been like: the last day, thinned so that it stays small."""

from datetime import datetime, timedelta

import numpy as np

from core.failure.scaling import Float32Array
from core.failure.windows import MAX_PAST_STEPS, MIN_PAST_STEPS, usual_levels, without_absurd
from core.metrics import METRIC_NAMES, FloatArray

__all__ = ["HostPast"]

PAST = timedelta(days=1)


class HostPast:
    """The measured values of the last day, at most MAX_PAST_STEPS of them.

    When it is full every second one goes and from then on half as many are taken: the past of an
    hour keeps every sample, that of a day about one a minute.
    """

    def __init__(self) -> None:
        self._at: list[datetime] = []
        self._values: list[FloatArray] = []
        self._stride, self._skipped = 1, 0

    def add(self, at: datetime, values: FloatArray) -> None:
        """Take the values of one sample, shape (10,), NaN where missing.

        What is known from after `at` goes: it came while the clock stood ahead of where it is now,
        would never be a day old, and would stand before all that is yet to come.
        """
        while self._at and self._at[-1] > at:
            del self._at[-1], self._values[-1]
        self._skipped += 1
        if self._skipped < self._stride:
            return
        self._skipped = 0
        self._at.append(at)
        self._values.append(without_absurd(values[None])[0])
        while self._at[0] < at - PAST:
            del self._at[0], self._values[0]
        if len(self._at) > MAX_PAST_STEPS:
            del self._at[::2], self._values[::2]
            self._stride *= 2

    def before(self, at: datetime) -> FloatArray:
        """Return what is kept from before `at`, shape (n, 10)."""
        n = sum(known < at for known in self._at)
        return np.array(self._values[:n]).reshape(n, len(METRIC_NAMES))

    def span_s(self, at: datetime) -> float:
        """Return how far back from `at` the past reaches, in seconds."""
        return (at - self._at[0]).total_seconds() if self._at else 0.0

    def usual(self, at: datetime) -> Float32Array:
        """Return the usual levels from before `at`, shape (3, 10); see `usual_levels`."""
        return usual_levels(self.before(at))

    def usual_percent(self, at: datetime, values: FloatArray) -> dict[str, float]:
        """Return for each metric which share (0-100) of its past lies below its present value.

        Metrics that are missing now, or were measured fewer than MIN_PAST_STEPS times, are left
        out.
        """
        past = self.before(at)
        known = np.count_nonzero(~np.isnan(past), axis=0)
        with np.errstate(invalid="ignore"):
            below = np.count_nonzero(past < values, axis=0)
        return {
            name: float(100 * below[i] / known[i])
            for i, name in enumerate(METRIC_NAMES)
            if known[i] >= MIN_PAST_STEPS and not np.isnan(values[i])
        }
