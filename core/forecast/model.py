"""The one door to the forecasting library: seasons by STL, level and trend on what is left."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.forecast.level_shifts import without_shifts
from core.forecast.seasonality import slope_of, smoothed
from core.metrics import FloatArray

__all__ = ["RULES", "Candidates", "Rule", "candidates", "seasonal_naive"]

_SEASONAL_CYCLES = 13
_INNER, _OUTER = 1, 3
# In median absolute deviations; about 2.7 standard deviations of normal noise.
_INCIDENT_SPREADS = 4.0
# A smoother that is evaluated at every sixth part of a period and drawn straight in between: five
# times as fast, and the patterns differ by less than a tenth of the noise.
_JUMPS_PER_PERIOD = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """How level and slope are taken from the seasonally adjusted past.

    Values count less the older they are: half as much every `level_half_life` (for the level) or
    `slope_half_life` (for the slope), as shares of the history; infinity: all alike. None: no
    slope, the level stays.

    References
    ----------
    R. G. Brown, Smoothing, Forecasting and Prediction of Discrete Time Series, Prentice-Hall, 1963
    (discounted least squares).
    """

    level_half_life: float
    slope_half_life: float | None


RULES: tuple[Rule, ...] = tuple(
    Rule(level_half_life=level, slope_half_life=slope)
    for slope in (None, 0.25, np.inf)
    for level in (1 / 60, 1 / 12, np.inf)
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Candidates:
    """What every rule forecasts from the same past.

    `means` of shape (n_rules, horizon); `levels` and `slopes` (per step) of shape (n_rules,) are
    those of the seasonally adjusted series at its end.
    """

    means: FloatArray
    levels: FloatArray
    slopes: FloatArray


def candidates(values: FloatArray, periods: Sequence[int], horizon: int) -> Candidates:
    """Return the forecasts of all rules for the `horizon` steps after `values` of shape (n,).

    The seasonal parts (`periods` in steps, the shortest first) are estimated by robust STL of
    statsmodels and repeated; of less than two cycles the last one is repeated, and a period of
    which there is not even one is left out. Sudden shifts of the level are taken out of the past
    before level and slope are taken from it.

    References
    ----------
    R. B. Cleveland et al., STL: A Seasonal-Trend Decomposition Procedure Based on Loess, Journal of
    Official Statistics 6(1), 1990. K. Bandara, R. J. Hyndman, C. Bergmeir, MSTL, arXiv:2107.13462
    (several seasons, one after the other).
    """
    adjusted = values
    seasonal = np.zeros(horizon)
    for period in periods:
        if values.size < period:
            continue
        part = _seasonal(adjusted, period)
        adjusted = adjusted - part
        seasonal = seasonal + _repeated(part[-period:], horizon)
    adjusted = without_shifts(adjusted)
    back = np.arange(values.size - 1, -1, -1.0)
    ahead = np.arange(1.0, horizon + 1)
    slope_of = {
        half_life: _slope(adjusted, back, half_life)
        for half_life in {rule.slope_half_life for rule in RULES}
    }
    slopes = np.array([slope_of[rule.slope_half_life] for rule in RULES])
    weights = np.array([_weights(back, rule.level_half_life) for rule in RULES])
    levels = weights @ adjusted + slopes * (weights @ back)
    means = levels[:, None] + slopes[:, None] * ahead + seasonal
    return Candidates(means=means, levels=levels, slopes=slopes)


def seasonal_naive(values: FloatArray, period: int, horizon: int) -> FloatArray:
    """Return the last `period` values repeated over `horizon` steps; period 1: the last value."""
    return _repeated(values[-period:], horizon)


def _seasonal(values: FloatArray, period: int) -> FloatArray:
    if values.size < 2 * period:
        # One cycle is all there is: what it was around its own mean, less a steady rise.
        cycle = values[-period:] - slope_of(values, period) * np.arange(period)
        cycle = cycle - cycle.mean()
        return np.tile(cycle, 2)[-values.size :]
    from statsmodels.tsa.seasonal import STL

    jump = max(1, period // _JUMPS_PER_PERIOD)
    fitted = STL(
        _without_incidents(values, period),
        period=period,
        seasonal=_SEASONAL_CYCLES,
        seasonal_deg=0,
        robust=True,
        seasonal_jump=2,
        trend_jump=jump,
        low_pass_jump=jump,
    ).fit(inner_iter=_INNER, outer_iter=_OUTER)
    return np.asarray(fitted.seasonal)


def _without_incidents(values: FloatArray, period: int) -> FloatArray:
    """Return `values` with what happened in one cycle only cut down to the usual scatter.

    Of four weeks, one with an incident is a quarter of all that is known of that hour; without this
    the incident would be expected again.
    """
    level = smoothed(values, period)
    around = values - level
    n_cycles, n_more = divmod(values.size, period)
    cycles = around[n_more:].reshape(n_cycles, period)
    # What is left over before the first whole cycle is the end of one more.
    begun = np.vstack([around[:n_more], cycles[:, period - n_more :]])
    cycle = np.concatenate(
        [np.median(cycles[:, : period - n_more], axis=0), np.median(begun, axis=0)]
    )
    usual = np.tile(cycle, n_cycles + 1)[-values.size :]
    rest = around - usual
    widest = _INCIDENT_SPREADS * float(np.median(np.abs(rest)))
    return np.asarray(level + usual + np.clip(rest, -widest, widest))


def _repeated(cycle: FloatArray, horizon: int) -> FloatArray:
    return np.resize(cycle, horizon)


def _weights(back: FloatArray, half_life_share: float) -> FloatArray:
    """Return weights of shape (n,) that add up to 1, for values `back` steps before the last."""
    weights = 0.5 ** (back / (half_life_share * back.size))
    return np.asarray(weights / weights.sum())


def _slope(values: FloatArray, back: FloatArray, half_life_share: float | None) -> float:
    """Return the slope per step of the weighted least-squares line."""
    if half_life_share is None or values.size < 2:
        return 0.0
    weights = _weights(back, half_life_share)
    t = weights @ back - back
    return float((weights * t) @ values / ((weights * t) @ t))
