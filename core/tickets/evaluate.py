"""How good predictions of held-out tickets are, with intervals and beside simple baselines."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from core.tickets.calibrate import calibration_error
from core.tickets.candidate import FloatArray
from core.tickets.report import Baseline, ClassScore, ConfidenceBin, Evaluation, Interval

__all__ = ["baseline_answers", "compare", "evaluate", "gain", "weighted_f1"]

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

_RESAMPLES = 400
_BINS = 10


def evaluate(
    name: str,
    title: str,
    y: IntArray,
    probabilities: FloatArray,
    categories: Sequence[str],
    seed: int,
    *,
    training_s: float | None = None,
    one_ticket_ms: float | None = None,
    tickets_per_s: float | None = None,
    size_bytes: int | None = None,
) -> Evaluation:
    """Return how good calibrated probabilities of unseen tickets are.

    Parameters
    ----------
    y : ndarray of shape (n,)
        The position of each ticket's true category in `categories`.
    probabilities : ndarray of shape (n, n_known)
        A row per ticket over the first `n_known` categories: those after them are categories that
        the model does not know, and their tickets count as wrong.
    """
    answers = probabilities.argmax(axis=1)
    confidence = probabilities.max(axis=1)
    n_classes = len(categories)
    confusion = np.zeros((n_classes, n_classes), dtype=np.int64)
    np.add.at(confusion, (y, answers), 1)
    accuracy, weighted_f1, macro_f1 = _intervals(confusion, seed)
    return Evaluation(
        name=name,
        title=title,
        n_tickets=len(y),
        categories=tuple(categories),
        accuracy=accuracy,
        weighted_f1=weighted_f1,
        macro_f1=macro_f1,
        per_class=_per_class(confusion, categories),
        confusion=tuple(map(tuple, confusion.tolist())),
        calibration_error=calibration_error(confidence, answers == y),
        bins=_bins(confidence, answers == y),
        training_s=training_s,
        one_ticket_ms=one_ticket_ms,
        tickets_per_s=tickets_per_s,
        size_bytes=size_bytes,
    )


def baseline_answers(
    y_train: IntArray, terms_train: Any, terms_test: Any
) -> dict[str, tuple[str, IntArray]]:
    """Return title and answers of each baseline, by its name.

    Complement naive Bayes reads the TF-IDF of the text only.

    References
    ----------
    Rennie, Shih, Teevan, Karger: Tackling the Poor Assumptions of Naive Bayes Text Classifiers.
    ICML 2003.
    """
    from sklearn.naive_bayes import ComplementNB

    majority = np.full(terms_test.shape[0], np.bincount(y_train).argmax(), dtype=np.int64)
    bayes = ComplementNB().fit(terms_train, y_train).predict(terms_test)
    return {
        "majority": ("Always the most frequent category", majority),
        "naive_bayes": ("Complement naive Bayes on the text", bayes),
    }


def compare(
    name: str, title: str, y: IntArray, answers: IntArray, best: IntArray, n_classes: int, seed: int
) -> Baseline:
    """Return a baseline's scores, and how much more weighted F1 the best model's answers have."""
    confusion = np.zeros((n_classes, n_classes), dtype=np.int64)
    np.add.at(confusion, (y, answers), 1)
    accuracy, weighted_f1, macro_f1 = _intervals(confusion, seed)
    return Baseline(
        name=name,
        title=title,
        accuracy=accuracy,
        weighted_f1=weighted_f1,
        macro_f1=macro_f1,
        gain=gain(y, answers, best, n_classes, seed),
    )


def _intervals(confusion: IntArray, seed: int) -> tuple[Interval, Interval, Interval]:
    """Return accuracy, weighted and macro F1, each with the interval over resampled tickets.

    Drawing tickets with replacement is drawing the cells of the confusion matrix, because nothing
    else of a ticket enters the scores.
    """
    cells = np.flatnonzero(confusion)
    n = int(confusion.sum())
    draws = np.random.default_rng(seed).multinomial(n, confusion.ravel()[cells] / n, _RESAMPLES)
    scores = np.empty((_RESAMPLES, 3))
    for i, draw in enumerate(draws):
        drawn = np.zeros(confusion.size, dtype=np.int64)
        drawn[cells] = draw
        scores[i] = _scores(drawn.reshape(confusion.shape))
    low, high = np.quantile(scores, [0.025, 0.975], axis=0)
    values = _scores(confusion)
    accuracy, weighted, macro = (
        Interval(value=float(v), low=float(a), high=float(b))
        for v, a, b in zip(values, low, high, strict=True)
    )
    return accuracy, weighted, macro


def gain(y: IntArray, worse: IntArray, better: IntArray, n_classes: int, seed: int) -> Interval:
    """Return the difference in weighted F1, both models judged on the same resampled tickets."""
    triples = (y * n_classes + worse) * n_classes + better
    cells, counts = np.unique(triples, return_counts=True)
    rest, better_of = np.divmod(cells, n_classes)
    true_of, worse_of = np.divmod(rest, n_classes)

    def difference(weights: IntArray) -> float:
        confusions = np.zeros((2, n_classes, n_classes), dtype=np.int64)
        np.add.at(confusions[0], (true_of, worse_of), weights)
        np.add.at(confusions[1], (true_of, better_of), weights)
        return _scores(confusions[1])[1] - _scores(confusions[0])[1]

    draws = np.random.default_rng(seed).multinomial(len(y), counts / len(y), _RESAMPLES)
    low, high = np.quantile([difference(draw) for draw in draws], [0.025, 0.975])
    return Interval(value=difference(counts), low=float(low), high=float(high))


def weighted_f1(y: IntArray, answers: IntArray, n_classes: int) -> float:
    """Return the weighted F1 (0-1) of answers for tickets of these categories."""
    confusion = np.zeros((n_classes, n_classes), dtype=np.int64)
    np.add.at(confusion, (y, answers), 1)
    return _scores(confusion)[1]


def _scores(confusion: IntArray) -> tuple[float, float, float]:
    """Return accuracy, weighted F1 and macro F1 (over categories that occur) of a confusion."""
    right = confusion.diagonal()
    true, answered = confusion.sum(axis=1), confusion.sum(axis=0)
    occurs = true + answered > 0
    f1 = 2 * right[occurs] / (true + answered)[occurs]
    n = true.sum()
    return float(right.sum() / n), float(f1 @ true[occurs] / n), float(f1.mean())


def _per_class(confusion: IntArray, categories: Sequence[str]) -> tuple[ClassScore, ...]:
    right = confusion.diagonal()
    true, answered = confusion.sum(axis=1), confusion.sum(axis=0)
    return tuple(
        ClassScore(
            category=category,
            precision=float(right[i] / max(answered[i], 1)),
            recall=float(right[i] / max(true[i], 1)),
            f1=float(2 * right[i] / max(true[i] + answered[i], 1)),
            n_tickets=int(true[i]),
        )
        for i, category in enumerate(categories)
    )


def _bins(confidence: FloatArray, is_right: BoolArray) -> tuple[ConfidenceBin, ...]:
    parts = np.array_split(np.argsort(confidence), _BINS)
    return tuple(
        ConfidenceBin(
            confidence=float(confidence[part].mean()),
            accuracy=float(is_right[part].mean()),
            n_tickets=len(part),
        )
        for part in parts
        if len(part)
    )
