"""When a probability becomes an alarm: two thresholds and a minimum duration, so no flapping."""

from dataclasses import dataclass

import numpy as np

from core.failure.hosts import BoolArray, IntArray
from core.metrics import FloatArray

__all__ = ["AlarmPolicy", "AlarmState", "alarm_steps"]

# An alarm stops after this many quiet steps: one calm window in the middle of trouble is noise.
QUIET_STEPS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmPolicy:
    """An alarm begins when the probability reaches `enter` for `min_steps` steps in a row, and
    ends when it stays below `exit` for QUIET_STEPS steps in a row.
    """

    enter: float
    exit: float
    min_steps: int = 2


@dataclass(slots=True)
class AlarmState:
    """The alarm of one host, fed one probability at a time."""

    policy: AlarmPolicy
    active: bool = False
    above: int = 0
    below: int = 0

    def step(self, probability: float | None) -> bool:
        """Take the next probability (None where there was nothing to judge); return whether the
        alarm is on. Not knowing changes nothing: an alarm does not end because a host fell silent.
        """
        if probability is None or np.isnan(probability):
            return self.active
        self.above = self.above + 1 if probability >= self.policy.enter else 0
        self.below = self.below + 1 if probability < self.policy.exit else 0
        if not self.active and self.above >= self.policy.min_steps:
            self.active = True
        elif self.active and self.below >= QUIET_STEPS:
            self.active = False
        return self.active


def alarm_steps(probabilities: FloatArray, hosts: IntArray, policy: AlarmPolicy) -> BoolArray:
    """Return where the alarm is on, shape (n,), for rows in order of host and time.

    The same as feeding each host's rows to an AlarmState, for whole files at once.
    """
    on = np.zeros(len(probabilities), dtype=bool)
    known = np.flatnonzero(~np.isnan(probabilities))
    if known.size == 0:
        return on
    said, host = probabilities[known], hosts[known]
    first = np.concatenate(([True], host[1:] != host[:-1]))
    enters = _run_length(said >= policy.enter, first) >= policy.min_steps
    ends = _run_length(said < policy.exit, first) >= QUIET_STEPS
    # The state is what the latest event made it; a new host begins without an alarm.
    event = np.where(enters | ends | first, np.arange(known.size), 0)
    state = enters[np.maximum.accumulate(event)]
    # Rows that nobody could judge keep the state of the last one before them.
    latest = np.searchsorted(known, np.arange(len(on)), side="right") - 1
    same_host = (latest >= 0) & (host[np.maximum(latest, 0)] == hosts)
    on[same_host] = state[latest[same_host]]
    return on


def _run_length(true: BoolArray, first: BoolArray) -> IntArray:
    """Return how many rows in a row, up to each row, are true; runs do not cross hosts."""
    rows = np.arange(true.size)
    last_break = np.maximum.accumulate(np.where(~true, rows, np.where(first, rows - 1, -1)))
    return rows - last_break
