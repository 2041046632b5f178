"""The rhythms of a series: which of day and week repeat, and how much of the ups and downs."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from core.metrics import FloatArray

__all__ = ["Season", "recognised", "smoothed"]

_PERIODS_S: Mapping[str, float] = {"daily": 86400.0, "weekly": 7 * 86400.0}
_MIN_CYCLES = 2
_MIN_STEPS = 4
# How much of the variance the other cycles must foretell of one: below it, carrying a pattern
# forward costs more by its noise than it brings.
_MIN_STRENGTH = 0.1
_OUTLIER_SPREADS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Season:
    """A pattern that repeats every `period` steps.

    `strength` (0-1) is the share of a cycle's variance that the mean of the other cycles foretells.
    """

    name: str
    period: int
    strength: float


def recognised(values: FloatArray, step_s: float) -> tuple[Season, ...]:
    """Return the seasons of a regular series of shape (n,), the shortest first.

    Each cycle is compared with the mean of all others, so that noise, which has a mean pattern too,
    is not taken for a season. The week is looked for in what the day does not explain.
    """
    found: list[Season] = []
    rest = values
    for name, period_s in _PERIODS_S.items():
        period = round(period_s / step_s)
        is_whole = abs(period * step_s - period_s) < 1e-6 * period_s
        if not is_whole or period < _MIN_STEPS or values.size < _MIN_CYCLES * period:
            continue
        strength, pattern = _strength(rest, period)
        if strength >= _MIN_STRENGTH:
            found.append(Season(name=name, period=period, strength=strength))
            rest = rest - pattern
    return tuple(found)


def _strength(values: FloatArray, period: int) -> tuple[float, FloatArray]:
    """Return how well cycles foretell one another, and the mean cycle repeated, of shape (n,)."""
    n_cycles = values.size // period
    whole = values[-n_cycles * period :]
    level = smoothed(whole, period)
    around = whole - level
    spread = float(np.median(np.abs(around)))
    around = np.clip(around, -_OUTLIER_SPREADS * spread, _OUTLIER_SPREADS * spread)
    cycles = around.reshape(n_cycles, period)
    cycles = cycles - cycles.mean(axis=1, keepdims=True)
    variance = float((cycles**2).sum())
    scale = max(1.0, float(np.abs(values).max()))
    mean = cycles.mean(axis=0)
    repeated = np.tile(mean, n_cycles + 1)[-values.size :]
    if variance <= (1e-9 * scale) ** 2 * values.size:
        return 0.0, repeated
    others = (cycles.sum(axis=0) - cycles) / (n_cycles - 1)
    return max(0.0, 1 - float(((cycles - others) ** 2).sum()) / variance), repeated


def smoothed(values: FloatArray, period: int) -> FloatArray:
    """Return the mean over one period around each value, of shape (n,)."""
    before = period // 2
    padded = np.pad(values, (before, period - 1 - before), mode="reflect")
    sums = np.cumsum(np.concatenate([[0.0], padded]))
    return np.asarray((sums[period:] - sums[:-period]) / period)
