"""What each metric, and each step of it, adds to a forecast: exact Shapley values of the model."""

import math
from functools import cache
from typing import Protocol

import numpy as np

from core.failure.scaling import Float32Array
from core.metrics import FloatArray

__all__ = ["contributions"]


class Scorer(Protocol):
    """A model that answers for windows; see `FailureModel.probabilities`."""

    def probabilities(
        self, x: Float32Array, usual: Float32Array | None = None
    ) -> tuple[Float32Array, Float32Array | None]:
        """Return (probability of shape (n,), cause of shape (n, 10) or None)."""
        ...


@cache
def _coalitions(n: int) -> tuple[FloatArray, FloatArray]:
    """Return (members of shape (2^n, n) as 0/1, Shapley weights of shape (2^n, n))."""
    members = (np.arange(2**n)[:, None] >> np.arange(n)) & 1
    size = members.sum(axis=1)
    factorial = np.array([math.factorial(k) for k in range(n + 1)], dtype=float)
    joined = factorial[np.maximum(size - 1, 0)] * factorial[n - size] / factorial[n]
    absent = factorial[size] * factorial[np.maximum(n - size - 1, 0)] / factorial[n]
    weights = np.where(members == 1, joined[:, None], -absent[:, None])
    return members.astype(float), weights


def contributions(
    model: Scorer, window: Float32Array, usual: Float32Array | None
) -> tuple[FloatArray, FloatArray]:
    """Return (contribution of each metric, shape (10,), of each cell, shape (10, 10)).

    In log-odds of failure: they add up to the difference between this window and the same window
    with every metric at what is usual for the host, or unknown where that is not known. Metrics
    that are missing throughout get NaN. All 2^k subsets of the k measured metrics are asked for,
    so the values are exact; that is at most 1,024 windows in one call, some 20 ms.

    A metric's contribution is spread over its steps by what each step alone would change.

    References: Shapley, A value for n-person games, 1953; Lundberg and Lee, A unified approach to
    interpreting model predictions, NeurIPS 2017, arXiv:1705.07874.
    """
    measured = np.flatnonzero(~np.isnan(window).all(axis=0))
    by_metric = np.full(window.shape[1], np.nan)
    cells = np.full(window.shape, np.nan)
    if measured.size == 0:
        return by_metric, cells
    calm = _as_usual(window, usual)
    members, weights = _coalitions(measured.size)
    known = np.zeros((len(members), window.shape[1]), dtype=bool)
    known[:, measured] = members == 1
    asked = np.where(known[:, None, :], window, calm)
    by_metric[measured] = weights.T @ _log_odds(model, asked, usual)
    cells[:, measured] = _spread(model, window, calm, usual, by_metric, measured)
    cells[np.isnan(window)] = np.nan
    return by_metric, cells


def _as_usual(window: Float32Array, usual: Float32Array | None) -> Float32Array:
    """Return a window in which every metric stays at its usual median; NaN where not known."""
    if usual is None:
        return np.full_like(window, np.nan)
    calm = np.broadcast_to(usual[1], window.shape).copy()
    calm[np.isnan(window)] = np.nan
    return calm


def _log_odds(model: Scorer, asked: Float32Array, usual: Float32Array | None) -> FloatArray:
    repeated = None if usual is None else np.broadcast_to(usual, (len(asked), *usual.shape))
    said, _ = model.probabilities(np.ascontiguousarray(asked, dtype=np.float32), repeated)
    clipped = np.clip(said.astype(float), 1e-7, 1 - 1e-7)
    return np.log(clipped / (1 - clipped))  # type: ignore[no-any-return]


def _spread(
    model: Scorer,
    window: Float32Array,
    calm: Float32Array,
    usual: Float32Array | None,
    by_metric: FloatArray,
    measured: np.ndarray[tuple[int], np.dtype[np.intp]],
) -> FloatArray:
    """Return the contributions of the measured metrics by step, shape (10, n_measured)."""
    n_steps = window.shape[0]
    asked = np.repeat(window[None], 1 + n_steps * measured.size, axis=0)
    steps, columns = np.divmod(np.arange(n_steps * measured.size), measured.size)
    rows = 1 + np.arange(steps.size)
    asked[rows, steps, measured[columns]] = calm[steps, measured[columns]]
    odds = _log_odds(model, asked, usual)
    effect = np.abs(odds[0] - odds[1:]).reshape(n_steps, measured.size)
    effect[np.isnan(window[:, measured])] = 0.0
    total = effect.sum(axis=0)
    even = (~np.isnan(window[:, measured])) / np.maximum((~np.isnan(window[:, measured])).sum(0), 1)
    share = np.where(total > 0, effect / np.where(total > 0, total, 1.0), even)
    return share * by_metric[measured]  # type: ignore[no-any-return]
