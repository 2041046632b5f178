"""What a failure model's alarms come to, counted by window: right, missed, too much."""

from dataclasses import dataclass

import numpy as np

from core.failure.hosts import BoolArray, IntArray
from core.metrics import FloatArray

__all__ = ["CurvePoint", "Decided", "alarmed_by_outcome", "decide", "precision_curve"]

N_DRAWS, INTERVAL = 1_000, (2.5, 97.5)
_MOST_POINTS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """Accuracy and F1 (0-1) of windows in alarm against windows that end in a failure, and F1's
    95 % interval.
    """

    accuracy: float
    f1: float
    f1_interval: tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class CurvePoint:
    """Of the windows from `threshold` on: which share of the failing ones they hold (recall), and
    which share of them fails (precision), 0-1.
    """

    threshold: float
    recall: float
    precision: float


def decide(alarm: BoolArray, fails: BoolArray, host: IntArray) -> Decided | None:
    """Return what alarms come to, all arguments of shape (n,); None where no window fails.

    The interval draws hosts, not windows: see `core.failure.ranking.rank`.
    """
    if not fails.any():
        return None
    hosts, member = np.unique(host, return_inverse=True)
    # By host: windows rightly in alarm, and those of which only one is true.
    hits = np.bincount(member, alarm & fails, minlength=hosts.size)
    wrong = np.bincount(member, alarm != fails, minlength=hosts.size)
    drawn = np.random.default_rng(0).integers(0, hosts.size, (N_DRAWS, hosts.size))
    low, high = np.percentile(_f1(hits[drawn].sum(axis=1), wrong[drawn].sum(axis=1)), INTERVAL)
    return Decided(
        accuracy=float((alarm == fails).mean()),
        f1=float(_f1(hits.sum(keepdims=True), wrong.sum(keepdims=True))[0]),
        f1_interval=(float(low), float(high)),
    )


def alarmed_by_outcome(alarm: BoolArray, fails: BoolArray) -> tuple[tuple[int, int], ...]:
    """Return counts of windows: rows without and with a failure ahead, columns alarm off, on."""
    counts = np.bincount(2 * fails + alarm, minlength=4).tolist()
    return (counts[0], counts[1]), (counts[2], counts[3])


def precision_curve(said: FloatArray, fails: BoolArray) -> tuple[CurvePoint, ...]:
    """Return up to 60 points of the precision-recall curve, by falling threshold.

    They are spread evenly over the recall; empty where no window fails.
    """
    if not fails.any():
        return ()
    order = np.argsort(-said, kind="stable")
    ends = np.flatnonzero(np.append(np.diff(said[order]) != 0, True))
    found = np.cumsum(fails[order])[ends]
    recall, precision = found / fails.sum(), found / (ends + 1)
    shown = np.unique(np.searchsorted(recall, np.linspace(recall[0], 1.0, _MOST_POINTS)))
    return tuple(
        CurvePoint(
            threshold=float(said[order[ends[i]]]),
            recall=float(recall[i]),
            precision=float(precision[i]),
        )
        for i in shown
    )


def _f1(hits: FloatArray, wrong: FloatArray) -> FloatArray:
    # F1 = 2 hits / (2 hits + false + missed); 0 where nothing is in alarm and nothing fails.
    total = 2 * hits + wrong
    return np.divide(2 * hits, total, out=np.zeros(total.shape), where=total > 0)
