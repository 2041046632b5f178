"""The rhythms of a series: which of day and week repeat, and how much of the ups and downs."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from core.metrics import FloatArray

__all__ = ["Season", "recognised", "slope_of", "smoothed"]

_PERIODS_S: Mapping[str, float] = {"daily": 86400.0, "weekly": 7 * 86400.0}
_MIN_CYCLES = 2
_MIN_STEPS = 4
# How much of the variance the other cycles must foretell of one: below it, carrying a pattern
# forward costs more by its noise than it brings.
_MIN_STRENGTH = 0.1
# A pattern smaller than this share of the series' spread moves no date, and may be its rounding.
_MIN_SWING_SHARE = 0.05
_CHANCE = 0.01
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
    is not taken for a season; of few cycles of few points more is demanded. The week is looked for
    in what the day does not explain.
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
    """Return how well cycles foretell one another, and the mean cycle repeated, of shape (n,).

    The strength is 0 where it may be chance, or next to nothing beside what else the series does.
    """
    n_cycles = values.size // period
    whole = values[-n_cycles * period :]
    around = whole - smoothed(whole, period)
    spread = float(np.median(np.abs(around)))
    around = np.clip(around, -_OUTLIER_SPREADS * spread, _OUTLIER_SPREADS * spread)
    cycles = around.reshape(n_cycles, period)
    cycles = cycles - cycles.mean(axis=1, keepdims=True)
    mean = cycles.mean(axis=0)
    repeated = np.tile(mean, n_cycles + 1)[-values.size :]
    nothing = 1e-9 * max(1.0, float(np.abs(values).max()))
    is_small = mean.std() <= max(_MIN_SWING_SHARE * whole.std(), nothing)
    if is_small or _may_be_chance(cycles - mean, mean):
        return 0.0, repeated
    others = (cycles.sum(axis=0) - cycles) / (n_cycles - 1)
    foretold = 1 - float(((cycles - others) ** 2).sum() / (cycles**2).sum())
    return max(0.0, foretold), repeated


def _may_be_chance(rest: FloatArray, mean: FloatArray) -> bool:
    """Whether white noise has as large a mean cycle in more than one series of a hundred.

    An F test of the mean cycle against the `rest` of shape (n_cycles, period) that it leaves: of
    two weeks with one value a day it demands much, of a month of hours next to nothing.
    """
    from scipy.special import fdtrc

    n_cycles, period = rest.shape
    left = float((rest**2).sum())
    ratio = (n_cycles - 1) * n_cycles * float(mean @ mean) / left if left > 0 else np.inf
    return bool(fdtrc(period - 1, (n_cycles - 1) * (period - 1), ratio) > _CHANCE)


def slope_of(values: FloatArray, period: int) -> float:
    """Return the usual change per step from one period to the next; 0 of a single period.

    A pattern that repeats does not change it, and a sudden step hardly.
    """
    changes = values[period:] - values[:-period]
    return float(np.median(changes)) / period if changes.size else 0.0


def smoothed(values: FloatArray, period: int) -> FloatArray:
    """Return the mean over one period around each of `values`, of shape (n,).

    Beyond both ends they are mirrored, less their steady rise or fall: mirrored with it, a straight
    line would bend at its ends, which looks like a season.
    """
    line = slope_of(values, period) * np.arange(values.size)
    before = period // 2
    padded = np.pad(values - line, (before, period - 1 - before), mode="reflect")
    sums = np.cumsum(np.concatenate([[0.0], padded]))
    return np.asarray(line + (sums[period:] - sums[:-period]) / period)
