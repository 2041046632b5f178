"""Forecasts of the known past from what was known before it: which model errs least, and how."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.forecast.model import candidates, seasonal_naive
from core.metrics import FloatArray

__all__ = ["MIN_POINTS", "PastErrors", "apart", "past_errors"]

MIN_POINTS = 8
"""With fewer there are not three origins to judge from."""

_MAX_WINDOWS = 12
_MIN_WINDOWS = 3
_MIN_TRAINING = 3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PastErrors:
    """The errors (forecast minus truth) of all models at the same origins.

    Attributes
    ----------
    origins : ndarray of shape (n_windows,)
        How many values were known at each.
    models : ndarray of shape (n_windows, n_rules, tested)
    baseline : ndarray of shape (n_windows, tested)
        Of the seasonal naive forecast.
    scale : float
        Mean absolute change from one season to the next (in the past, one step where there is no
        season); errors divided by it are scaled errors. 0 where nothing ever changes.

    References
    ----------
    R. J. Hyndman, A. B. Koehler, Another look at measures of forecast accuracy, International
    Journal of Forecasting 22(4), 2006 (MASE).
    """

    origins: npt.NDArray[np.int64]
    models: FloatArray
    baseline: FloatArray
    scale: float

    def of_choosing(self) -> FloatArray:
        """Return the errors of choosing a model by its past, of shape (n_windows, tested).

        At each origin those of the model that errs least at the others: the errors by which a
        model was chosen flatter it, the more so the fewer independent ones there are.

        References
        ----------
        S. Varma, R. Simon, Bias in error estimation when using cross-validation for model
        selection, BMC Bioinformatics 7:91, 2006.
        """
        mean = np.abs(self.models).mean(axis=2)
        tested = self.models.shape[2]
        return np.array(
            [
                self.models[window, mean[apart(self.origins, window, tested)].mean(axis=0).argmin()]
                for window in range(len(self.origins))
            ]
        )


def past_errors(values: FloatArray, periods: Sequence[int], horizon: int) -> PastErrors:
    """Return the errors at up to twelve origins spread over a regular series of shape (n,).

    `horizon` is in steps; at most a third of the history is tested, so that what comes before an
    origin is worth learning from. `values` has at least `MIN_POINTS`.
    """
    n = values.size
    tested = min(horizon, n // 3)
    origins = _origins(n, periods, tested)
    period = max(periods, default=1)
    models, baseline = [], []
    for origin in origins:
        known, truth = values[:origin], values[origin : origin + tested]
        models.append(candidates(known, periods, tested).means - truth)
        baseline.append(seasonal_naive(known, period, tested) - truth)
    return PastErrors(
        origins=origins,
        models=np.array(models),
        baseline=np.array(baseline),
        scale=float(np.abs(values[period:] - values[:-period]).mean()),
    )


def apart(origins: npt.NDArray[np.int64], window: int, tested: int) -> npt.NDArray[np.int64]:
    """Return the windows of `tested` steps that share none with this one; else all others."""
    others = np.flatnonzero(np.arange(len(origins)) != window)
    clear = others[np.abs(origins[others] - origins[window]) >= tested]
    return clear if clear.size else others


def _origins(n: int, periods: Sequence[int], tested: int) -> npt.NDArray[np.int64]:
    last = n - tested
    first = max(_MIN_TRAINING, n // 4)
    for period in periods:
        # Two cycles make a pattern; where that would leave next to no origins, one must do.
        for cycles, room in ((2, max(_MIN_WINDOWS, tested // 2)), (1, _MIN_WINDOWS)):
            if cycles * period <= last - room:
                first = max(first, cycles * period)
                break
    spread = np.linspace(min(first, last), last, _MAX_WINDOWS)
    return np.unique(np.rint(spread).astype(np.int64))
