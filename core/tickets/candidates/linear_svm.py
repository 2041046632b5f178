"""A linear support vector machine, one class against the rest."""

from typing import Any

from core.tickets.linear import LinearCandidate
from core.tickets.registry import register

__all__ = ["LinearSvm"]


@register
class LinearSvm(LinearCandidate):
    """Squared hinge loss; its margins become probabilities in `core.tickets.calibrate`.

    References
    ----------
    Fan, Chang, Hsieh, Wang, Lin: LIBLINEAR: A Library for Large Linear Classification. JMLR 9,
    2008. Weights: Wang, Manning: Baselines and Bigrams. ACL 2012.
    """

    name = "linear_svm"
    title = "Linear SVM"
    cost = 5.0

    def build(self, seed: int, *, literal: bool = False, n_classes: int = 2) -> Any:
        """Return the estimator; literally C = 0.3 on the plain TF-IDF values."""
        from sklearn.pipeline import Pipeline
        from sklearn.svm import LinearSVC

        from core.tickets.telling import TellingWeights

        if literal:
            return LinearSVC(C=0.3, random_state=seed)
        model = LinearSVC(C=0.1, class_weight="balanced", random_state=seed)
        return Pipeline([("weigh", TellingWeights()), ("model", model)])
