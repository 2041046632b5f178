"""What a candidate model is: built by name, scoring classes, and saying what decided."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

__all__ = ["Candidate", "FloatArray", "class_scores"]

FloatArray = npt.NDArray[np.float64]


class Candidate(ABC):
    """One kind of model; a new one is a module in `candidates/` with the `@register` decorator.

    `cost` is its training time relative to the other candidates (they share a progress bar).
    """

    name: ClassVar[str]
    title: ClassVar[str]
    cost: ClassVar[float]

    @abstractmethod
    def build(self, seed: int, *, literal: bool = False, n_classes: int = 2) -> Any:
        """Return an estimator that is not fitted; training decides on its `n_jobs`, if it has it.

        Parameters
        ----------
        seed : int
            The same seed and data give the same model.
        literal : bool
            The settings that the method is usually quoted with, instead of the quicker ones.
        n_classes : int
            Categories in the data; many of them may call for a smaller model.

        Raises
        ------
        ImportError
            Where its library is not installed; training says so and goes on without it.
        """

    @abstractmethod
    def contributions(self, estimator: Any, row: Any, usual: Any, k: int) -> FloatArray:
        """Return what each column adds to the score of class `k`, of shape (n_columns,).

        Parameters
        ----------
        estimator : object
            What `build` returned, fitted.
        row : CSR matrix of shape (1, n_columns)
            One ticket.
        usual : CSR matrix of shape (1, n_columns)
            A ticket without text and with all its telemetry missing.
        k : int
            The position of the class in `classes_`.
        """

    @abstractmethod
    def importances(self, estimator: Any, spread: FloatArray) -> FloatArray:
        """Return how much each column matters over all tickets, of shape (n_columns,), >= 0.

        `spread` of shape (n_columns,) holds the standard deviation of each column in training.
        """


def class_scores(estimator: Any, matrix: Any) -> FloatArray:
    """Return a score per ticket and class, of shape (n, n_classes); more is likelier.

    Margins where the model has them, else logarithms of its probabilities.
    """
    if hasattr(estimator, "decision_function"):
        margins = np.asarray(estimator.decision_function(matrix), dtype=np.float64)
        if margins.ndim == 1:
            margins = np.column_stack([-margins / 2, margins / 2])
        return margins
    # A forest whose trees all agree says 0, of which the logarithm is no number.
    return np.log(np.clip(_shares(estimator, matrix), 1e-4, 1.0))


def _shares(estimator: Any, matrix: Any) -> FloatArray:
    """Return the probabilities that an estimator gives, of shape (n, n_classes).

    The trees of a forest are asked one by one: its own way to ask them, through joblib, takes
    longer for one ticket than everything else together.
    """
    trees = getattr(estimator, "estimators_", None)
    if trees is None:
        return np.asarray(estimator.predict_proba(matrix), dtype=np.float64)
    single = matrix.astype(np.float32).tocsr()
    total = np.zeros((matrix.shape[0], len(estimator.classes_)))
    for tree in trees:
        total += tree.tree_.predict(single)
    return total / len(trees)
