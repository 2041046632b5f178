"""Sudden shifts of the level: found in the past, and evened out."""

import numpy as np

from core.metrics import FloatArray

__all__ = ["without_shifts"]

_MAX_SHIFTS = 4
_MIN_POINTS = 16
# A step must explain this share of what a straight line leaves unexplained ...
_MIN_SHARE = 0.5
# ... and most of it must happen at once: a wandering series has no such jump.
_MIN_SUDDENNESS = 0.6
_BESIDE = 4


def without_shifts(values: FloatArray) -> FloatArray:
    """Return `values` of shape (n,) with the past before a sudden shift moved to today's level.

    The slope on both sides of a shift is taken to be the same. At most four shifts are evened out,
    the clearest first; a machine that restarts and fills up again has several.
    """
    for _ in range(_MAX_SHIFTS):
        found = _clearest(values)
        if found is None:
            break
        index, height = found
        values = values + np.where(np.arange(values.size) < index, height, 0.0)
    return values


def _clearest(values: FloatArray) -> tuple[int, float] | None:
    """Return where the clearest step is and its height, from least squares on 1, t and the step."""
    n = values.size
    if n < _MIN_POINTS:
        return None
    t = np.arange(n) - (n - 1) / 2
    centred = values - values.mean()
    t_squares = float(t @ t)
    rest = centred - t * (t @ centred) / t_squares
    unexplained = float(rest @ rest)
    if unexplained <= n * (1e-9 * max(1.0, float(np.abs(values).max()))) ** 2:
        return None
    edge = max(2, n // 50)
    index = np.arange(edge, n - edge + 1)
    after = n - index
    # Of a step at `index`, what 1 and t do not explain: its own squares less both projections.
    t_after = np.cumsum(t[::-1])[::-1]
    squares = after - after**2 / n - t_after[index] ** 2 / t_squares
    rest_after = np.cumsum(rest[::-1])[::-1]
    dots = rest_after[index]
    gains = dots**2 / squares
    best = int(np.argmax(gains))
    at, height = int(index[best]), float(dots[best] / squares[best])
    if gains[best] < _MIN_SHARE * unexplained:
        return None
    before, behind = values[max(0, at - _BESIDE) : at], values[at : at + _BESIDE]
    jump = float(np.median(behind) - np.median(before))
    if jump * np.sign(height) < _MIN_SUDDENNESS * abs(height):
        return None
    return at, height
