"""What the linear candidates share: what decided is a coefficient times a value."""

from typing import Any

import numpy as np

from core.tickets.candidate import Candidate, FloatArray

__all__ = ["LinearCandidate"]


class LinearCandidate(Candidate):
    """A candidate with `coef_`, or a pipeline of `TellingWeights` and such a model."""

    def contributions(self, estimator: Any, row: Any, usual: Any, k: int) -> FloatArray:
        """Return coefficient times distance from the usual ticket, against the other classes.

        Adding the same to all classes changes no answer, so the mean over the classes is taken off.
        """
        coefficients = _coefficients(estimator)
        against = coefficients[k] - coefficients.mean(axis=0)
        found: FloatArray = against * (row - usual).toarray()[0]
        return found

    def importances(self, estimator: Any, spread: FloatArray) -> FloatArray:
        """Return the spread of each column times that of its coefficients over the classes."""
        found: FloatArray = _coefficients(estimator).std(axis=0) * spread
        return found


def _coefficients(estimator: Any) -> FloatArray:
    """Return coefficients per class and column of the matrix, of shape (n_classes, n_columns)."""
    weights: Any = 1.0
    if hasattr(estimator, "named_steps"):
        weights = estimator.named_steps["weigh"].weights_
        estimator = estimator.named_steps["model"]
    coefficients: FloatArray = np.asarray(estimator.coef_, dtype=np.float64) * weights
    if len(coefficients) == 1:
        # With two classes there is one margin, half for the one and half against the other.
        coefficients = np.vstack([-coefficients / 2, coefficients / 2])
    return coefficients
