"""The ticket pipeline as the project's first document words it, in plain scikit-learn: a peer.

Numbers (median, scaled without centring), words (most frequent, one-hot) and the text's TF-IDF of
one and two words side by side; logistic regression, a random forest and XGBoost, each in a pipeline
of its own, the best by weighted F1.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import pandas as pd

    from core.tickets.features import Columns

__all__ = ["CANDIDATES", "SeedModel", "train_seed", "weighted_f1"]

IntArray = npt.NDArray[np.int64]

CANDIDATES = ("logistic", "random_forest", "xgboost")
"""Ours of the same methods."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedModel:
    """The best of the three, and its weighted F1 on the held-out tickets."""

    pipeline: Any
    f1: float


def train_seed(
    train: "pd.DataFrame",
    y_train: IntArray,
    test: "pd.DataFrame",
    y_test: IntArray,
    columns: "Columns",
) -> SeedModel:
    """Return the best of the three pipelines, each fitted and scored."""
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import Pipeline
    from xgboost import XGBClassifier

    found = []
    for model in (
        LogisticRegression(max_iter=2000, class_weight="balanced"),
        RandomForestClassifier(n_estimators=400, class_weight="balanced_subsample", n_jobs=-1),
        XGBClassifier(n_estimators=500, max_depth=6, learning_rate=0.06, n_jobs=-1),
    ):
        pipeline = Pipeline([("preprocess", _preprocessor(columns)), ("model", model)])
        pipeline.fit(train, y_train)
        f1 = weighted_f1(y_test, pipeline.predict(test))
        found.append(SeedModel(pipeline=pipeline, f1=f1))
    return max(found, key=lambda one: one.f1)


def weighted_f1(y: IntArray, answers: IntArray) -> float:
    """Return the mean F1 of the categories, weighted by their tickets."""
    from sklearn.metrics import f1_score

    return float(f1_score(y, answers, average="weighted"))


def _preprocessor(columns: "Columns") -> Any:
    from sklearn.compose import ColumnTransformer
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    numbers = Pipeline(
        [("fill", SimpleImputer(strategy="median")), ("scale", StandardScaler(with_mean=False))]
    )
    words = Pipeline(
        [
            ("fill", SimpleImputer(strategy="most_frequent", missing_values=None)),
            ("encode", OneHotEncoder(handle_unknown="ignore")),
        ]
    )
    text = TfidfVectorizer(ngram_range=(1, 2), max_features=25_000, min_df=2)
    return ColumnTransformer(
        [
            ("numbers", numbers, list(columns.numeric)),
            ("words", words, list(columns.categorical)),
            ("text", text, "ticket_text"),
        ]
    )
