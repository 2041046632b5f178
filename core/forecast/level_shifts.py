"""Sudden shifts of the level: found in the past, and evened out."""

import numpy as np

from core.metrics import FloatArray

__all__ = ["without_shifts"]

_MAX_SHIFTS = 6
_MIN_POINTS = 16
# A step must explain this share of what a straight line leaves unexplained ...
_MIN_SHARE = 0.15
# ... and most of it must happen at once, more clearly than anything usual: a wandering series has
# no such jump.
_MIN_SUDDENNESS = 0.6
_MIN_SCATTERS = 5.0
_BESIDE = 4
# A shift shows from afar as well, which is this part of the history on both sides of it: what is
# nearer to the end may be an incident that will pass.
_FAR_PARTS = 12


def without_shifts(values: FloatArray) -> FloatArray:
    """Return `values` of shape (n,) with the past before a sudden shift moved to today's level.

    The slope is taken to be the same on both sides of every shift. At most six are evened out; a
    machine that restarts and fills up again has several.
    """
    found: list[int] = []
    evened = values
    while len(found) < _MAX_SHIFTS:
        index = _clearest(evened)
        if index is None or index in found:
            break
        found.append(index)
        evened = _evened(values, found)
    return evened


def _evened(values: FloatArray, shifts: list[int]) -> FloatArray:
    """Return `values` less the steps at `shifts`, whose heights are fitted at once with a line."""
    t = np.arange(values.size)
    before = (t[:, None] < np.array(shifts)).astype(float)
    columns = np.column_stack([np.ones(t.size), t / t.size, before])
    weights = np.linalg.lstsq(columns, values, rcond=None)[0]
    return np.asarray(values - before @ weights[2:])


def _clearest(values: FloatArray) -> int | None:
    """Return where the clearest step is, by least squares on a line and one step."""
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
    far = max(_BESIDE, n // _FAR_PARTS)
    index = np.arange(far, n - far + 1)
    after = n - index
    # Of a step at `index`, what 1 and t do not explain: its own squares less both projections.
    t_after = np.cumsum(t[::-1])[::-1]
    squares = after - after**2 / n - t_after[index] ** 2 / t_squares
    rest_after = np.cumsum(rest[::-1])[::-1]
    dots = rest_after[index]
    gains = dots**2 / squares
    best = int(np.argmax(gains))
    if gains[best] < _MIN_SHARE * unexplained:
        return None
    at, height = int(index[best]), float(dots[best] / squares[best])
    jump = min(np.sign(height) * _jump(values, at, beside) for beside in (_BESIDE, far))
    blocks = np.median(values[n % _BESIDE :].reshape(-1, _BESIDE), axis=1)
    scatter = float(np.median(np.abs(np.diff(blocks))))
    if jump < max(_MIN_SUDDENNESS * abs(height), _MIN_SCATTERS * scatter):
        return None
    return at


def _jump(values: FloatArray, at: int, beside: int) -> float:
    return float(np.median(values[at : at + beside]) - np.median(values[max(0, at - beside) : at]))
