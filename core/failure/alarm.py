"""When a probability becomes an alarm: two thresholds and a minimum duration, so no flapping."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.failure.hosts import BoolArray
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


def alarm_steps(
    probabilities: FloatArray, hosts: Sequence[int] | np.ndarray, policy: AlarmPolicy
) -> BoolArray:
    """Return where the alarm is on, shape (n,), for rows in order of host and time."""
    on = np.zeros(len(probabilities), dtype=bool)
    state, host = AlarmState(policy), None
    for row, probability in enumerate(probabilities):
        if hosts[row] != host:
            state, host = AlarmState(policy), hosts[row]
        on[row] = state.step(float(probability))
    return on
