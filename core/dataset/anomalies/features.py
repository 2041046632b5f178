"""What a detector sees of a row: its measurements, their deviations, the hour and the task."""

from dataclasses import dataclass

import numpy as np

from core.dataset.anomalies.rows import Rows
from core.dataset.anomalies.usual import Usual, learn_usual, names_by_frequency, places
from core.dataset.schema import NUMBER_NAMES, TASK_NAMES
from core.metrics import FloatArray

__all__ = ["Features", "learn_features"]

N_NUMBERS = len(NUMBER_NAMES)
_MOST_NAMES = 50
# Deviations beyond this are what is looked for; they must not decide what moves together usually.
_CLIPPED_WIDTHS = 1.5
_RIDGE = 1e-3
_COVARIANCE_ROWS = 100_000
_LARGEST = 1e100


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Features:
    """How rows are turned into numbers.

    `inverse` of shape (7, 7) is the inverse covariance of the deviations of the measurements, which
    says how they move together; `task_names` are the known types, priorities and statuses.
    """

    usual: Usual
    inverse: FloatArray
    task_names: tuple[tuple[str, ...], ...]

    def distance(self, rows: Rows) -> FloatArray:
        """Return how unusual rows are, shape (n,): the Mahalanobis distance of their deviations.

        What is missing counts as usual. Source: Mahalanobis, On the generalised distance in
        statistics, Proceedings of the National Institute of Sciences of India 2, 1936.
        """
        return self._distance(self.deviations(rows))

    def deviations(self, rows: Rows) -> FloatArray:
        """Return the deviations of `MEASURED` from what is usual, shape (n, 10)."""
        return self.usual.deviations(rows.measured, self.usual.groups(rows))

    def largest_deviation(self, rows: Rows) -> FloatArray:
        """Return the largest deviation of a measurement, shape (n,): what a person would look at.

        What is missing counts as usual.
        """
        deviations = np.nan_to_num(self.deviations(rows)[:, :N_NUMBERS])
        return np.asarray(np.abs(deviations).max(axis=1))

    def matrix(self, rows: Rows) -> FloatArray:
        """Return the features of shape (n, 26), NaN where missing."""
        deviations = self.deviations(rows)
        tasks = [
            places(getattr(rows, column), names).astype(float)
            for column, names in zip(TASK_NAMES, self.task_names, strict=True)
        ]
        return np.column_stack(
            [
                np.clip(rows.measured, -_LARGEST, _LARGEST),
                deviations,
                self._distance(deviations),
                rows.hour,
                rows.weekday,
                *tasks,
            ]
        )

    def _distance(self, deviations: FloatArray) -> FloatArray:
        known = np.nan_to_num(deviations[:, :N_NUMBERS])
        return np.asarray(np.sqrt(np.einsum("ij,jk,ik->i", known, self.inverse, known)))


def learn_features(rows: Rows) -> Features:
    """Return how rows are turned into numbers, by rows that are usual, at least one."""
    usual = learn_usual(rows)
    some = rows.where(np.argsort(rows.number)[:: 1 + len(rows) // _COVARIANCE_ROWS])
    deviations = np.nan_to_num(usual.deviations(some.measured, usual.groups(some))[:, :N_NUMBERS])
    clipped = np.clip(deviations, -_CLIPPED_WIDTHS, _CLIPPED_WIDTHS)
    covariance = np.cov(clipped.T) if len(some) > 1 else np.zeros((N_NUMBERS, N_NUMBERS))
    return Features(
        usual=usual,
        inverse=np.asarray(np.linalg.inv(covariance + _RIDGE * np.eye(N_NUMBERS)), float),
        task_names=tuple(
            tuple(names_by_frequency(getattr(rows, column), _MOST_NAMES)) for column in TASK_NAMES
        ),
    )
