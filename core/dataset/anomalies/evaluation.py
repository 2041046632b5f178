"""How well a score tells anomalies apart: average precision beside a baseline and chance."""

import numpy as np

from core.dataset.anomalies.results import DetectionScore, Interval
from core.dataset.anomalies.rows import BoolArray
from core.dataset.overview.results import IntArray
from core.metrics import FloatArray

__all__ = ["evaluated"]

_DRAWS = 200
_INTERVAL = (2.5, 97.5)


def evaluated(
    said: FloatArray,
    baseline: FloatArray,
    is_anomaly: BoolArray,
    clusters: IntArray,
    split: str,
) -> DetectionScore:
    """Return how well `said` and `baseline` rank anomalies, all of shape (n,), both outcomes there.

    The intervals are a bootstrap over `clusters`: rows of one VM are much alike, and drawn apart
    they would make it far too narrow. Both scores see the same draws. Source: Efron and Tibshirani,
    An introduction to the bootstrap, 1993, chapter 8.
    """
    first, second = _Ranked(said, is_anomaly), _Ranked(baseline, is_anomaly)
    _, member = np.unique(clusters, return_inverse=True)
    n_clusters = int(member.max()) + 1
    random = np.random.default_rng(0)
    draws = []
    for _ in range(_DRAWS):
        times = np.bincount(random.integers(0, n_clusters, n_clusters), minlength=n_clusters)
        weights = times[member].astype(float)
        if 0 < weights[is_anomaly].sum() < weights.sum():
            draws.append((first.precision(weights), second.precision(weights)))
    once = np.ones(said.size)
    own, other = first.precision(once), second.precision(once)
    drawn = np.array(draws or [(own, other)])
    return DetectionScore(
        rows=said.size,
        anomalies=int(is_anomaly.sum()),
        share=float(is_anomaly.mean()),
        average_precision=own,
        average_precision_interval=_interval(drawn[:, 0]),
        baseline_average_precision=other,
        baseline_average_precision_interval=_interval(drawn[:, 1]),
        lead=own - other,
        lead_interval=_interval(drawn[:, 0] - drawn[:, 1]),
        split=split,
    )


class _Ranked:
    """Rows sorted once by a score; rows of equal score count together."""

    def __init__(self, said: FloatArray, is_anomaly: BoolArray) -> None:
        self._order = np.argsort(-said, kind="stable")
        self._is_anomaly = is_anomaly[self._order]
        self._ends = np.flatnonzero(np.append(np.diff(said[self._order]) != 0, True))

    def precision(self, weights: FloatArray) -> float:
        """Return the average precision of rows that count with these weights."""
        weights = weights[self._order]
        right = np.cumsum(weights * self._is_anomaly)[self._ends]
        seen = np.cumsum(weights)[self._ends]
        more = np.diff(right, prepend=0.0)
        return float((more * right / np.where(seen > 0, seen, 1.0)).sum() / right[-1])


def _interval(values: FloatArray) -> Interval:
    low, high = np.percentile(values, _INTERVAL)
    return float(low), float(high)
