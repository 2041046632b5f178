"""Where a metric is heading within a window, and how to say it."""

from dataclasses import dataclass

import numpy as np

from core import quantities
from core.metrics import FloatArray, MetricSpec

__all__ = ["Trend", "in_words", "trend_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """A straight line through a metric's steps, in the metric's unit.

    `last` is the last measured value, `span_s` the time the measured steps cover. The slope's
    standard error is infinite with fewer than three values.
    """

    last: float
    slope_per_s: float
    slope_error_per_s: float
    span_s: float

    @property
    def is_rising(self) -> bool:
        """Whether the slope is above zero by more than two standard errors."""
        return self.slope_per_s > 2 * self.slope_error_per_s and self.slope_per_s > 0

    @property
    def is_falling(self) -> bool:
        """Whether the slope is below zero by more than two standard errors."""
        return -self.slope_per_s > 2 * self.slope_error_per_s and self.slope_per_s < 0


def trend_of(values: FloatArray, at_s: FloatArray) -> Trend:
    """Return the least-squares line through `values` of shape (n_steps,), NaN passed over.

    `at_s` of shape (n_steps,) says when each was measured, in seconds from any moment; the steps
    need not be equally far apart.
    """
    steps = np.flatnonzero(~np.isnan(values))
    if steps.size == 0:
        return Trend(last=float("nan"), slope_per_s=0.0, slope_error_per_s=np.inf, span_s=0.0)
    t_s, y = at_s[steps], values[steps]
    span_s = float(t_s[-1] - t_s[0])
    centred = t_s - t_s.mean()
    squares = float((centred**2).sum())
    if steps.size < 3 or squares == 0:  # or all in one moment
        return Trend(last=float(y[-1]), slope_per_s=0.0, slope_error_per_s=np.inf, span_s=span_s)
    slope = float((centred * y).sum() / squares)
    rest = y - y.mean() - slope * centred
    error = float(np.sqrt((rest**2).sum() / (steps.size - 2) / squares))
    return Trend(last=float(y[-1]), slope_per_s=slope, slope_error_per_s=error, span_s=span_s)


def in_words(
    spec: MetricSpec,
    trend: Trend,
    usual: float | None,
    time_left_s: tuple[float, float] | None,
) -> str:
    """Return one metric in words: value, trend, time to its limit or distance from what is usual.

    For example "memory 91 %, up 1.8 points a minute over the last 50 s; at this pace full in 4-7
    min".
    """
    text = f"{spec.label[0].lower() if spec.label != 'CPU' else 'C'}{spec.label[1:]}"
    text += f" {quantities.quantity(trend.last, spec.unit)}"
    if trend.is_rising or trend.is_falling:
        way = "up" if trend.is_rising else "down"
        per_minute = abs(trend.slope_per_s) * 60
        text += f", {way} {_pace(per_minute, spec.unit)} a minute"
        text += f" over the last {quantities.duration(trend.span_s)}"
    if time_left_s is not None:
        return f"{text}; at this pace full in {quantities.duration_range(*time_left_s)}"
    if usual is not None and np.isfinite(usual):
        text += f" (usual for this host: {quantities.quantity(usual, spec.unit)})"
    return text


def _pace(per_minute: float, unit: str) -> str:
    if unit == "%":
        return f"{quantities.rounded(per_minute)} points"
    return quantities.quantity(per_minute, unit)
