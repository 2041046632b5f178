"""A random forest over words, categories and numbers."""

from typing import Any

import numpy as np
import numpy.typing as npt

from core.tickets.candidate import Candidate, FloatArray
from core.tickets.registry import register

__all__ = ["RandomForest"]


@register
class RandomForest(Candidate):
    """Trees on resampled tickets, each sample weighing its categories alike.

    A tenth of the trees, and leaves of two tickets or more: a tenth of the time and size. A split
    chooses among 150 columns whatever their number: the usual square root leaves it, between a few
    measurements and thousands of words, without any measurement most of the time.

    References
    ----------
    Breiman: Random Forests. Machine Learning 45, 2001. Contributions along the path of a decision:
    Palczewska et al.: Interpreting random forest models using a feature contribution method. 2013,
    arXiv:1312.1121.
    """

    name = "random_forest"
    title = "Random forest"
    cost = 10.0

    def build(self, seed: int, *, literal: bool = False, n_classes: int = 2) -> Any:
        """Return the estimator; literally 400 trees down to single tickets."""
        from sklearn.ensemble import RandomForestClassifier

        return RandomForestClassifier(
            n_estimators=400 if literal else 40,
            min_samples_leaf=1 if literal else 2,
            max_features="sqrt" if literal else 150,
            class_weight="balanced_subsample",
            n_jobs=1,
            random_state=seed,
        )

    def contributions(self, estimator: Any, row: Any, usual: Any, k: int) -> FloatArray:
        """Return how the share of class `k` changes at the splits on each column."""
        values = row.toarray()[0].astype(np.float32)
        columns: list[int] = []
        changes: list[float] = []
        for tree in estimator.estimators_:
            on, gained = _path(tree.tree_, values, k)
            columns += on
            changes += gained
        found = np.bincount(columns, weights=changes, minlength=row.shape[1])
        return np.asarray(found / len(estimator.estimators_))

    def importances(self, estimator: Any, spread: FloatArray) -> FloatArray:
        """Return how much purity the splits on each column bring."""
        found: FloatArray = estimator.feature_importances_
        return found


def _path(tree: Any, values: npt.NDArray[np.float32], k: int) -> tuple[list[int], list[float]]:
    """Return on which columns a tree decides for one ticket, and what each changes for class `k`.

    Walked here, because scikit-learn builds a sparse matrix for each tree.
    """
    left, right, column = tree.children_left, tree.children_right, tree.feature
    threshold, shares = tree.threshold, tree.value[:, 0, k]
    node, columns, changes = 0, [], []
    while left[node] != right[node]:  # both -1: a leaf
        on = int(column[node])
        below = int(left[node] if values[on] <= threshold[node] else right[node])
        columns.append(on)
        changes.append(float(shares[below] - shares[node]))
        node = below
    return columns, changes
