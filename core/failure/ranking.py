"""How well probabilities rank windows, with an interval from drawing the hosts again."""

from dataclasses import dataclass

import numpy as np

from core.failure.hosts import BoolArray, IntArray
from core.metrics import FloatArray

__all__ = ["Ranking", "rank"]

N_DRAWS = 200
INTERVAL = (2.5, 97.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """AUC and average precision (0-1), each with its 95 % interval."""

    auc: float
    auc_interval: tuple[float, float]
    average_precision: float
    average_precision_interval: tuple[float, float]


def rank(said: FloatArray, fails: BoolArray, host: IntArray) -> Ranking | None:
    """Return how well `said` ranks `fails`, both of shape (n,); None unless both outcomes occur.

    The interval is a bootstrap over hosts, not windows: windows of one host are much alike, and
    drawing them apart would make the interval far too narrow. Source: Efron and Tibshirani, An
    introduction to the bootstrap, 1993, chapter 8 (cluster resampling).
    """
    if fails.all() or not fails.any():
        return None
    order = np.argsort(-said, kind="stable")
    fails = fails[order]
    # Rows of equal probability count together, at the last of them.
    ends = np.flatnonzero(np.append(np.diff(said[order]) != 0, True))
    hosts, member = np.unique(host[order], return_inverse=True)
    auc, precision = _scores(fails, np.ones(fails.size), ends)
    rng = np.random.default_rng(0)
    draws = []
    for _ in range(N_DRAWS):
        times = np.bincount(rng.integers(0, hosts.size, hosts.size), minlength=hosts.size)
        weights = times[member].astype(float)
        if 0 < (weights * fails).sum() < weights.sum():
            draws.append(_scores(fails, weights, ends))
    low, high = np.percentile(np.array(draws or [(auc, precision)]), INTERVAL, axis=0)
    return Ranking(
        auc=auc,
        auc_interval=(float(low[0]), float(high[0])),
        average_precision=precision,
        average_precision_interval=(float(low[1]), float(high[1])),
    )


def _scores(fails: BoolArray, weights: FloatArray, ends: IntArray) -> tuple[float, float]:
    """Return (AUC, average precision) of rows in falling order of probability."""
    right = np.cumsum(weights * fails)[ends]
    wrong = np.cumsum(weights * ~fails)[ends]
    more_right = np.diff(right, prepend=0.0)
    more_wrong = np.diff(wrong, prepend=0.0)
    auc = (more_wrong * (right - more_right / 2)).sum() / (right[-1] * wrong[-1])
    seen = right + wrong
    precision = (more_right * right / np.where(seen > 0, seen, 1.0)).sum() / right[-1]
    return float(auc), float(precision)
