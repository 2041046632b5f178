"""How much a failure model's ranking owes to each metric."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.failure.evaluation import judged
from core.failure.windows import Windows
from core.metrics import METRIC_NAMES, FloatArray

__all__ = ["MetricImportance", "metric_importances"]

# Windows of whole hosts, as many as are scored in seconds.
_MOST_WINDOWS = 60_000
_SEED = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricImportance:
    """How far the average precision (0-1) falls where one metric is taken from other windows."""

    metric: str
    drop: float


def metric_importances(
    windows: Windows, score: Callable[[Windows], FloatArray]
) -> tuple[MetricImportance, ...]:
    """Return the permutation importance of each metric, the greatest first.

    `score` returns probabilities of shape (n,). A metric's ten steps and its usual levels change
    places together. Empty where no window fails. Source: Breiman, Random forests, Machine Learning
    45, 2001, section 10.
    """
    from sklearn.metrics import average_precision_score

    _, sizes = np.unique(windows.host, return_counts=True)
    n_rows = int(sizes[: max(1, np.searchsorted(np.cumsum(sizes), _MOST_WINDOWS))].sum())
    part = windows.where(np.arange(n_rows))
    said = score(part)
    counts = judged(part, said)
    kept = part.where(counts)
    if not kept.fails.any():
        return ()
    whole = average_precision_score(kept.fails, said[counts])
    order = np.random.default_rng(_SEED).permutation(len(kept))
    found = []
    for position, name in enumerate(METRIC_NAMES):
        mixed = kept.where(np.arange(len(kept)))
        mixed.x[:, :, position] = kept.x[order, :, position]
        mixed.usual[:, :, position] = kept.usual[order, :, position]
        drop = whole - average_precision_score(kept.fails, score(mixed))
        found.append(MetricImportance(metric=name, drop=float(drop)))
    return tuple(sorted(found, key=lambda one: -one.drop))
