"""How far off a forecast may be: bands that hold what they promise, from past errors."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.forecast.backtest import apart
from core.metrics import FloatArray

__all__ = ["LEVELS", "coverage", "half_widths"]

LEVELS: tuple[float, ...] = (0.50, 0.80, 0.95)
"""The share of the truth that each band is to hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spread:
    """How large errors are: `base` + `growth` times the steps ahead, in the unit of the series.

    `shared` (0-1) is the part of the errors' variance that all steps of one forecast have in
    common, `n_effective` as how many independent errors the correlated ones count.
    """

    base: float
    growth: float
    shared: float
    n_effective: float


def half_widths(
    errors: FloatArray,
    origins: npt.NDArray[np.int64],
    horizon: int,
) -> FloatArray:
    """Return half the width of each band, of shape (len(LEVELS), horizon).

    Conformal: the quantile of past absolute errors, each relative to the usual error as many steps
    ahead. The errors within one forecast, and of forecasts whose windows overlap, are alike, so
    that few of them are independent; the quantile is widened as Student's t is for so few.

    Parameters
    ----------
    errors : ndarray of shape (n_windows, tested)
    origins : ndarray of shape (n_windows,)
        The step at which each window began.
    horizon : int
        Steps ahead; beyond the tested ones the shared part of the errors grows like a random walk.

    References
    ----------
    V. Vovk, A. Gammerman, G. Shafer, Algorithmic Learning in a Random World, Springer, 2005.
    L. Kish, Survey Sampling, Wiley, 1965 (how much correlated samples count for).
    """
    from scipy.special import ndtri, stdtrit

    spread = _spread_of(errors, origins)
    tested = errors.shape[1]
    usual = _usual_error(spread, tested, horizon)
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = np.abs(errors) / _usual_error(spread, tested, tested)
    # Where the usual error is zero, so is each one.
    relative = np.nan_to_num(relative, nan=0.0)
    degrees = max(1.0, spread.n_effective)
    widths = []
    for level in LEVELS:
        upper = 0.5 + level / 2
        wider = stdtrit(degrees, upper) / ndtri(upper)
        widths.append(np.quantile(relative, level) * wider * usual)
    return np.array(widths)


def coverage(errors: FloatArray, origins: npt.NDArray[np.int64]) -> tuple[float, ...]:
    """Return for each of `LEVELS` the share (0-1) of past truths that its band held.

    The band of a window is made from the windows that share no step with it, where there are any;
    `errors` and `origins` are those of `half_widths`.
    """
    inside = []
    for window in range(len(errors)):
        others = apart(origins, window, errors.shape[1])
        halves = half_widths(errors[others], origins[others], errors.shape[1])
        inside.append((np.abs(errors[window]) <= halves).mean(axis=1))
    return tuple(float(share) for share in np.mean(inside, axis=0))


def _spread_of(errors: FloatArray, origins: npt.NDArray[np.int64]) -> _Spread:
    tested = errors.shape[1]
    usual = np.abs(errors).mean(axis=0)
    ahead = np.arange(1.0, tested + 1)
    growth = 0.0
    if tested > 1:
        centred = ahead - ahead.mean()
        growth = max(0.0, float(centred @ usual) / float(centred @ centred))
    base = float(usual.mean() - growth * ahead.mean())
    if base < 0:
        base, growth = 0.0, float(ahead @ usual) / float(ahead @ ahead)
    total = float((errors**2).mean())
    means = float((errors.mean(axis=1) ** 2).mean())
    shared = 1.0
    if tested > 1 and total > 0:
        shared = min(1.0, max(0.0, (means / total - 1 / tested) / (1 - 1 / tested)))
    # Windows that lie a horizon apart are taken to be independent.
    n_apart = 1 + float(origins[-1] - origins[0]) / tested
    n_effective = 1 / (shared / n_apart + (1 - shared) / (n_apart * tested))
    return _Spread(base=base, growth=growth, shared=shared, n_effective=n_effective)


def _usual_error(spread: _Spread, tested: int, horizon: int) -> FloatArray:
    ahead = np.arange(1.0, horizon + 1)
    beyond = np.maximum(ahead / tested - 1, 0)
    last = spread.base + spread.growth * tested
    return np.maximum(
        spread.base + spread.growth * ahead, last * np.sqrt(1 + spread.shared * beyond)
    )
