"""What a bench hands to `python -m bench`: one measured comparison, taken in turns."""

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

__all__ = ["Result", "medians"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """Ours beside a named peer's, both in `unit`, measured in the same run on the same data.

    `note` says on what, and what else a reader has to know to judge the ratio.
    """

    what: str
    peer: str
    ours: float
    theirs: float
    unit: str
    note: str = ""

    @property
    def ratio(self) -> float:
        """How many times the peer's: below 1 is better wherever less is better."""
        return self.ours / self.theirs if self.theirs else float("inf")


def medians(ways: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Return the median seconds of each way, the ways taking turns after one turn to warm up.

    A noisy machine is noisy for all of them; only the ratios travel between machines.
    """
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for way in ways.values():
        way()
    for _ in range(rounds):
        for name, way in ways.items():
            started = time.perf_counter()
            way()
            seconds[name].append(time.perf_counter() - started)
    return {name: statistics.median(taken) for name, taken in seconds.items()}


def medians_ms(ways: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Return the same in milliseconds."""
    return {way: 1000.0 * seconds for way, seconds in medians(ways, rounds).items()}
