"""Why a forecast is what it is: ranked causes, one sentence with numbers, the time left."""

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from core.failure.alarm import AlarmPolicy
from core.failure.contributions import Scorer, contributions
from core.failure.forecast import Cause
from core.failure.scaling import Float32Array
from core.failure.trends import Trend, in_words, trend_of
from core.metrics import METRIC_NAMES, METRICS, FloatArray

__all__ = ["Explanation", "explain"]

# Memory and disks are full at 100 % and nothing goes on; a busy processor goes on, and what other
# metrics end at is not known here.
FULL = {"memory_percent": 100.0, "disk_percent": 100.0}
# What is further away than this is not a matter of the next hours, and is not told apart.
MAX_TIME_LEFT_S = 24 * 3600.0
# Log-odds below this are the rounding of 32-bit answers.
ROUNDING = 1e-3


class ExplainedModel(Scorer, Protocol):
    """A model with an alarm policy and, if it has been trained so, a cause head."""

    policy: AlarmPolicy


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Explanation:
    """A probability with its reasons; the fields are those of FailureForecast."""

    probability: float
    causes: tuple[Cause, ...]
    cells: FloatArray
    reason: str
    time_left_s: tuple[float, float] | None


def explain(
    model: ExplainedModel, window: Float32Array, usual: Float32Array | None, at_s: FloatArray
) -> Explanation:
    """Return what the model says of one window of shape (10, 10), and why.

    `usual` of shape (3, 10) says what is usual for the host, None where it has no past. `at_s` of
    shape (10,) says when each step was measured, in seconds from any moment.
    """
    said, named = model.probabilities(window[None], None if usual is None else usual[None])
    by_metric, cells = contributions(model, window, usual)
    causes = _ranked(None if named is None else named[0], by_metric)
    probability = float(said[0])
    raised = probability >= model.policy.exit
    trends = {cause.metric: _trend(window, cause.metric, at_s) for cause in causes}
    time_left_s = _time_left(causes, trends) if raised else None
    return Explanation(
        probability=probability,
        causes=causes,
        cells=cells,
        reason=_sentence(causes, trends, usual, time_left_s, raised=raised),
        time_left_s=time_left_s,
    )


def _ranked(named: Float32Array | None, by_metric: FloatArray) -> tuple[Cause, ...]:
    """Return the measured metrics, most likely cause first.

    A model without a cause head is ranked by contribution; a metric's probability is then its
    share of what raises the risk.
    """
    measured = np.flatnonzero(~np.isnan(by_metric))
    if named is None:
        rising = np.where(np.nan_to_num(by_metric) > ROUNDING, by_metric, 0.0)
        named = (rising / rising.sum() if rising.sum() > 0 else rising).astype(np.float32)
    found = [
        Cause(
            metric=METRIC_NAMES[i],
            probability=float(named[i]),
            contribution=float(by_metric[i]),
        )
        for i in measured
    ]
    return tuple(sorted(found, key=lambda cause: (-cause.probability, -cause.contribution)))


def _trend(window: Float32Array, metric: str, at_s: FloatArray) -> Trend:
    return trend_of(window[:, METRIC_NAMES.index(metric)].astype(float), at_s)


def _time_left(causes: tuple[Cause, ...], trends: dict[str, Trend]) -> tuple[float, float] | None:
    """Return (earliest, latest) seconds until the likely cause reaches its limit, by its trend.

    None where even the earliest is more than MAX_TIME_LEFT_S away; a latest beyond it is infinite.
    """
    if not causes or causes[0].metric not in FULL:
        return None
    trend = trends[causes[0].metric]
    room = FULL[causes[0].metric] - trend.last
    if not trend.is_rising or room <= 0:
        return None
    earliest = room / (trend.slope_per_s + 2 * trend.slope_error_per_s)
    latest = room / max(trend.slope_per_s - 2 * trend.slope_error_per_s, 1e-12)
    if earliest > MAX_TIME_LEFT_S:
        return None
    return earliest, latest if latest <= MAX_TIME_LEFT_S else math.inf


def _sentence(
    causes: tuple[Cause, ...],
    trends: dict[str, Trend],
    usual: Float32Array | None,
    time_left_s: tuple[float, float] | None,
    *,
    raised: bool,
) -> str:
    """Return the reason in words: what is measured now, where it is heading, what was usual."""
    if not causes:
        return "Nothing was measured in this window."
    if not raised:
        return "Calm: no metric points to a failure."
    parts = []
    for position, cause in enumerate(causes[:3]):
        # The likely cause is always named; others only where they matter.
        if position and (cause.probability < 0.15 and cause.contribution < 0.5):
            continue
        column = METRIC_NAMES.index(cause.metric)
        middle = None if usual is None else float(usual[1, column])
        left = time_left_s if position == 0 else None
        parts.append(in_words(METRICS[column], trends[cause.metric], middle, left))
    return "; ".join(parts) + "."
