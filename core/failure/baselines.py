"""What a person would try first: a threshold rule, logistic regression and boosted trees."""

from collections.abc import Callable, Mapping
from typing import Protocol

import numpy as np

from core.failure.hosts import IntArray
from core.failure.scaling import Float32Array
from core.failure.windows import LENGTH, Windows
from core.metrics import METRIC_NAMES, FloatArray

__all__ = ["BASELINES", "Baseline", "ThresholdRule"]

# The alert lines that monitoring tools ship with: percent of processor, memory and disk, degrees.
ALERT_LINES = {
    "cpu_percent": 90.0,
    "memory_percent": 90.0,
    "disk_percent": 90.0,
    "temperature_c": 85.0,
}


class Baseline(Protocol):
    """Something that can be fitted on windows and then says how likely each is to fail."""

    def fit(self, windows: Windows, weights: FloatArray) -> None:
        """Learn from windows, each counted `weights` times, shape (n,)."""

    def probabilities(self, windows: Windows) -> FloatArray:
        """Return the probability of failure of each window, shape (n,)."""
        ...


def flattened(windows: Windows) -> Float32Array:
    """Return window and usual levels in one row each, shape (n, 130): all that the LSTM sees."""
    n = len(windows)
    return np.concatenate([windows.x.reshape(n, -1), windows.usual.reshape(n, -1)], axis=1)


class ThresholdRule:
    """Probability by how many of the usual alert lines the last step crosses.

    Unfitted, each line adds a quarter; fitted, it is how often that many were followed by a
    failure.
    """

    def __init__(self) -> None:
        self.rate_by_count = np.linspace(0, 1, len(ALERT_LINES) + 1)

    def _crossed(self, windows: Windows) -> IntArray:
        columns = [METRIC_NAMES.index(name) for name in ALERT_LINES]
        lines = np.array(list(ALERT_LINES.values()))
        with np.errstate(invalid="ignore"):
            crossed = windows.x[:, LENGTH - 1, columns] >= lines
        counts: IntArray = crossed.sum(axis=1)
        return counts

    def fit(self, windows: Windows, weights: FloatArray) -> None:
        """Learn how often each number of crossed lines was followed by a failure."""
        crossed = self._crossed(windows)
        n = len(self.rate_by_count)
        failed = np.bincount(crossed, weights * windows.fails, minlength=n)
        seen = np.bincount(crossed, weights, minlength=n)
        self.rate_by_count = failed / np.maximum(seen, 1.0)

    def probabilities(self, windows: Windows) -> FloatArray:
        """Return the learnt rate for the number of lines crossed, shape (n,)."""
        return self.rate_by_count[self._crossed(windows)]


class LogisticBaseline:
    """Logistic regression on the flattened window, median-imputed and standardised."""

    def __init__(self) -> None:
        from sklearn.impute import SimpleImputer
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        self.model = make_pipeline(
            SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True),
            StandardScaler(),
            LogisticRegression(max_iter=200, C=0.1),
        )

    def fit(self, windows: Windows, weights: FloatArray) -> None:
        """Fit on windows; see `Baseline`."""
        self.model.fit(flattened(windows), windows.fails, logisticregression__sample_weight=weights)

    def probabilities(self, windows: Windows) -> FloatArray:
        """Return probabilities; see `Baseline`."""
        return self.model.predict_proba(flattened(windows))[:, 1]  # type: ignore[no-any-return]


class BoostedTreesBaseline:
    """XGBoost on the flattened window; missing values go their own way in the trees."""

    def __init__(self) -> None:
        from xgboost import XGBClassifier

        self.model = XGBClassifier(
            n_estimators=200, max_depth=6, learning_rate=0.1, tree_method="hist", random_state=0
        )

    def fit(self, windows: Windows, weights: FloatArray) -> None:
        """Fit on windows; see `Baseline`."""
        self.model.fit(flattened(windows), windows.fails, sample_weight=weights)

    def probabilities(self, windows: Windows) -> FloatArray:
        """Return probabilities; see `Baseline`."""
        return self.model.predict_proba(flattened(windows))[:, 1].astype(float)


BASELINES: Mapping[str, Callable[[], Baseline]] = {
    "threshold rule": ThresholdRule,
    "logistic regression": LogisticBaseline,
    "xgboost": BoostedTreesBaseline,
}
