"""How far a distribution has moved, as an effect size, and whether there is enough to say so."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from core.metrics import FloatArray

__all__ = ["MEASURE", "SOURCE", "Drift", "bin_edges", "drift", "in_bins"]

IntArray = npt.NDArray[np.int64]

MEASURE = "population stability index (PSI)"
SOURCE = (
    "PSI over tenths of the former values: below 0.1 little change, from 0.25 on a great one "
    "(Siddiqi, Credit Risk Scorecards, Wiley 2006)"
)
_SOME, _GREAT = 0.1, 0.25
_BINS = 10
# Rows enough that chance alone passes for some change once in a hundred times.
_ONE_IN_HUNDRED = 2.326  # standard deviations
_SMOOTHING = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """How far one distribution lies from another.

    `psi` is 0 where they are the same and has no upper bound; None where there are too few values.
    `by_chance` is what it would be on average if nothing had changed.
    """

    verdict: Literal["little change", "some change", "great change", "not enough data"]
    psi: float | None
    by_chance: float | None
    n_before: int
    n_after: int


def bin_edges(values: FloatArray) -> FloatArray:
    """Return what divides values into tenths: at most nine numbers, none twice.

    Parameters
    ----------
    values : ndarray of shape (n,)
        NaN where missing; those do not count.
    """
    known = values[np.isfinite(values)]
    if not known.size:
        return np.empty(0)
    return np.unique(np.quantile(known, np.arange(1, _BINS) / _BINS))


def in_bins(values: FloatArray, edges: FloatArray) -> IntArray:
    """Return how many values lie in each of the bins that `edges` bound, of shape (n_edges + 1,).

    A value that is an edge belongs below it: that way a value that more than a tenth share has a
    bin of its own.
    """
    known = values[np.isfinite(values)]
    places = np.searchsorted(edges, known, side="left")
    return np.bincount(places, minlength=edges.size + 1).astype(np.int64)


def drift(before: "npt.NDArray[Any]", after: "npt.NDArray[Any]") -> Drift:
    """Return how far the counts `after` lie from the counts `before`.

    Parameters
    ----------
    before, after : ndarray of shape (n_bins,)
        How many values each bin or category has, the same bins in both.

    Notes
    -----
    PSI is the sum over bins of (a - b) ln(a / b), with the shares a after and b before: the
    symmetrised Kullback-Leibler divergence. Half a value is added to each bin, so that an empty one
    gives a number; a bin that is empty in both says nothing and does not count. Where nothing has
    changed, PSI / (1/n_before + 1/n_after) follows a chi-square distribution with n_bins - 1
    degrees of freedom, which is its mean; where more than one in a hundred would reach 0.1, there
    is not enough data to tell a change. The mean alone does not do: with two bins it is half of 0.1
    where one in seven reaches 0.1.

    References
    ----------
    N. Siddiqi, Credit Risk Scorecards, Wiley, 2006, for the thresholds 0.1 and 0.25.
    B. Yurdakul, J. Naranjo, Statistical properties of the population stability index, Journal of
    Risk Model Validation 14(4), 2020, for its distribution by chance.

    Examples
    --------
    >>> drift(np.array([500, 500]), np.array([900, 100])).verdict
    'great change'
    """
    n_before, n_after = int(before.sum()), int(after.sum())
    if not n_before or not n_after:
        return Drift(
            verdict="not enough data", psi=None, by_chance=None, n_before=n_before, n_after=n_after
        )
    has_any = before + after > 0
    before, after = before[has_any], after[has_any]
    scale = 1 / n_before + 1 / n_after
    by_chance = (before.size - 1) * scale
    if _rarely_exceeded(before.size - 1) * scale > _SOME:
        return Drift(
            verdict="not enough data",
            psi=None,
            by_chance=by_chance,
            n_before=n_before,
            n_after=n_after,
        )
    b = (before + _SMOOTHING) / (n_before + _SMOOTHING * before.size)
    a = (after + _SMOOTHING) / (n_after + _SMOOTHING * after.size)
    psi = float(np.sum((a - b) * np.log(a / b)))
    verdict: Literal["little change", "some change", "great change"] = "little change"
    if psi >= _SOME:
        verdict = "great change" if psi >= _GREAT else "some change"
    return Drift(verdict=verdict, psi=psi, by_chance=by_chance, n_before=n_before, n_after=n_after)


def _rarely_exceeded(freedom: int) -> float:
    """Return what one chi-square value in a hundred exceeds.

    Source: Wilson and Hilferty, The distribution of chi-square, PNAS 17, 1931; within 1 %.
    """
    if not freedom:
        return 0.0
    spread = 2 / (9 * freedom)
    return float(freedom * (1 - spread + _ONE_IN_HUNDRED * spread**0.5) ** 3)
