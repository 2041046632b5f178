"""A random forest over words, categories and numbers."""

from typing import Any

import numpy as np

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
        found = np.zeros(row.shape[1])
        single = row.astype(np.float32).tocsr()
        for tree in estimator.estimators_:
            nodes = tree.tree_.decision_path(single).indices
            shares = tree.tree_.value[nodes, 0, k]
            np.add.at(found, tree.tree_.feature[nodes[:-1]], np.diff(shares))
        return found / len(estimator.estimators_)

    def importances(self, estimator: Any, spread: FloatArray) -> FloatArray:
        """Return how much purity the splits on each column bring."""
        found: FloatArray = estimator.feature_importances_
        return found
