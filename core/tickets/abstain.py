"""Which share of tickets can be routed without a person, for a precision that is demanded."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.tickets.candidate import FloatArray

__all__ = ["LEAST_CONFIDENCE", "CoveragePoint", "Routing", "coverage_curve", "routing"]

_POINTS = 200
# A precision observed on fewer tickets than this is no promise.
_FEWEST = 20
# A ticket below that is, by the model's own word, rather wrong than right: it goes to a person,
# however right the surer ones are that would go through with it.
LEAST_CONFIDENCE = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class CoveragePoint:
    """A share `coverage` of held-out tickets reaches `threshold`; `precision` of these is right."""

    threshold: float
    coverage: float
    precision: float
    n_tickets: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Routing:
    """What a demanded precision comes to: tickets from `threshold` on are routed automatically.

    `precision` is the share that was right among the routed held-out tickets (None: no ticket is
    routed, `threshold` is infinite), `low` and `high` its 95 % interval.
    """

    demanded: float
    threshold: float
    coverage: float
    precision: float | None
    low: float | None
    high: float | None


def coverage_curve(
    confidence: FloatArray, is_right: npt.NDArray[np.bool_]
) -> tuple[CoveragePoint, ...]:
    """Return up to 200 points from the surest tickets to all of them.

    Parameters
    ----------
    confidence : ndarray of shape (n,)
        Calibrated confidence in tickets that neither model nor calibrator has seen.
    is_right : ndarray of shape (n,)
        Whether the category was right.
    """
    order = np.argsort(-confidence, kind="stable")
    ranked, right = confidence[order], np.cumsum(is_right[order])
    # Tickets of the same confidence are routed together or not at all.
    ends = np.flatnonzero(np.append(ranked[1:] != ranked[:-1], True))
    ends = ends[ends + 1 >= min(_FEWEST, len(ranked))]
    chosen = ends[np.unique(np.linspace(0, len(ends) - 1, _POINTS).astype(np.int64))]
    return tuple(
        CoveragePoint(
            threshold=float(ranked[at]),
            coverage=float((at + 1) / len(ranked)),
            precision=float(right[at] / (at + 1)),
            n_tickets=int(at + 1),
        )
        for at in chosen
    )


def routing(curve: Sequence[CoveragePoint], precision: float) -> Routing:
    """Return the widest routing whose held-out precision is at least `precision` (0-1).

    A ticket that is rather wrong than right (confidence below 0.5) is never routed.

    Raises
    ------
    ValueError
        Where the precision is not between 0 and 1.
    """
    if not 0.0 <= precision <= 1.0:
        raise ValueError(f"a precision is a number from 0 to 1, not {precision}")
    good = [
        point
        for point in curve
        if point.precision >= precision and point.threshold >= LEAST_CONFIDENCE
    ]
    if not good:
        return Routing(
            demanded=precision,
            threshold=math.inf,
            coverage=0.0,
            precision=None,
            low=None,
            high=None,
        )
    widest = max(good, key=lambda point: point.coverage)
    low, high = _wilson(widest.precision, widest.n_tickets)
    return Routing(
        demanded=precision,
        # Also where every held-out ticket is routed: of later ones that are less sure nothing is
        # known.
        threshold=widest.threshold,
        coverage=widest.coverage,
        precision=widest.precision,
        low=low,
        high=high,
    )


def _wilson(share: float, n: int) -> tuple[float, float]:
    """Return the 95 % interval of a share of n (Wilson, JASA 22, 1927)."""
    z = 1.96
    middle = share + z * z / (2 * n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)
