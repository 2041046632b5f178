"""How far a training is, and how long it will take."""

import time
from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["Progress", "ProgressCallback", "Stages"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """`fraction` (0-1) of the work is done; `seconds_left` is None until there is a pace."""

    fraction: float
    message: str
    seconds_left: float | None


ProgressCallback = Callable[[Progress], None]


class Stages:
    """Announce stages of known relative cost; the pace of those done tells the time left."""

    def __init__(self, total_cost: float, report: ProgressCallback) -> None:
        self._total = total_cost
        self._done = 0.0
        self._report = report
        self._started = time.monotonic()

    def start(self, message: str) -> None:
        """Announce what begins now; an exception of the callback ends the training."""
        elapsed = self.elapsed_s
        left = elapsed * (self._total / self._done - 1.0) if self._done else None
        self._report(
            Progress(fraction=self._done / self._total, message=message, seconds_left=left)
        )

    def expect(self, cost: float) -> None:
        """Correct what is left to do: it comes to this cost."""
        self._total = self._done + cost

    def finish(self, cost: float) -> None:
        """Count a stage of this cost as done."""
        self._done = min(self._done + cost, self._total)

    @property
    def elapsed_s(self) -> float:
        """Seconds since the beginning."""
        return time.monotonic() - self._started
