"""How good predictions of held-out tickets are, with intervals and beside simple baselines."""

from collections.abc import Iterator, Sequence
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
# Tickets that were not seen, right and wrong ones alike: without them a handful of tickets that are
# all right could be drawn again for ever without a mistake. Two successes and two failures are
# those of Agresti and Coull; of a pair of models half a ticket each way, after Agresti and Min.
_UNSEEN, _UNSEEN_OF_PAIRS = 2.0, 0.5
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
    groups: IntArray | None = None,
) -> Evaluation:
    """Return how good calibrated probabilities of unseen tickets are.

    Parameters
    ----------
    y : ndarray of shape (n,)
        The position of each ticket's true category in `categories`.
    probabilities : ndarray of shape (n, n_known)
        A row per ticket over the first `n_known` categories: those after them are categories that
        the model does not know, and their tickets count as wrong.
    groups : ndarray of shape (n,) or None
        The number of each ticket's group of near-duplicates: those are drawn together for the
        intervals, because they are right or wrong together. None draws tickets.
    """
    answers = probabilities.argmax(axis=1)
    confidence = probabilities.max(axis=1)
    n_classes = len(categories)
    confusion = np.zeros((n_classes, n_classes), dtype=np.int64)
    np.add.at(confusion, (y, answers), 1)
    accuracy, weighted_f1, macro_f1 = _intervals(y, answers, n_classes, groups, seed)
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
    name: str,
    title: str,
    y: IntArray,
    answers: IntArray,
    best: IntArray,
    n_classes: int,
    seed: int,
    groups: IntArray | None = None,
) -> Baseline:
    """Return a baseline's scores, and how much more weighted F1 the best model's answers have."""
    accuracy, weighted_f1, macro_f1 = _intervals(y, answers, n_classes, groups, seed)
    return Baseline(
        name=name,
        title=title,
        accuracy=accuracy,
        weighted_f1=weighted_f1,
        macro_f1=macro_f1,
        gain=gain(y, answers, best, n_classes, seed, groups),
    )


def _intervals(
    y: IntArray, answers: IntArray, n_classes: int, groups: IntArray | None, seed: int
) -> tuple[Interval, Interval, Interval]:
    """Return accuracy, weighted and macro F1, each with its 95 % interval: see `_drawn`.

    References
    ----------
    Agresti, Coull: Approximate Is Better than "Exact" for Interval Estimation of Binomial
    Proportions. The American Statistician 52, 1998.
    """
    share, other = _unseen(y, n_classes)
    classes = np.flatnonzero(share)
    unseen = np.concatenate([classes * n_classes + classes, classes * n_classes + other[classes]])
    times = np.tile(_UNSEEN * share[classes], 2)
    scores = [
        _scores(np.bincount(cells, weights, n_classes**2).reshape(n_classes, n_classes))
        for cells, weights in _drawn(y * n_classes + answers, unseen, times, groups, seed)
    ]
    low, high = np.quantile(scores, [0.025, 0.975], axis=0)
    confusion = np.zeros((n_classes, n_classes), dtype=np.int64)
    np.add.at(confusion, (y, answers), 1)
    accuracy, weighted, macro = (
        Interval(value=value, low=min(value, float(a)), high=max(value, float(b)))
        for value, a, b in zip(_scores(confusion), low, high, strict=True)
    )
    return accuracy, weighted, macro


def gain(
    y: IntArray,
    worse: IntArray,
    better: IntArray,
    n_classes: int,
    seed: int,
    groups: IntArray | None = None,
) -> Interval:
    """Return the difference in weighted F1, both models judged on the same resampled tickets.

    References
    ----------
    Agresti, Min: Simple improved confidence intervals for comparing matched proportions.
    Statistics in Medicine 24, 2005.
    """
    share, other = _unseen(y, n_classes)
    classes = np.flatnonzero(share)
    right, wrong = classes, other[classes]

    def triples(true: IntArray, first: IntArray, second: IntArray) -> IntArray:
        return (true * n_classes + first) * n_classes + second

    unseen = np.concatenate([triples(classes, right, wrong), triples(classes, wrong, right)])
    times = np.tile(_UNSEEN_OF_PAIRS * share[classes], 2)

    def difference(cells: IntArray, weights: FloatArray) -> float:
        rest, better_of = np.divmod(cells, n_classes)
        true_of, worse_of = np.divmod(rest, n_classes)
        one, two = (
            np.bincount(true_of * n_classes + answered, weights, n_classes**2)
            for answered in (worse_of, better_of)
        )
        shape = (n_classes, n_classes)
        return _scores(two.reshape(shape))[1] - _scores(one.reshape(shape))[1]

    seen = triples(y, worse, better)
    value = difference(seen, np.ones(len(y)))
    drawn = [difference(*draw) for draw in _drawn(seen, unseen, times, groups, seed)]
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Interval(value=value, low=min(value, float(low)), high=max(value, float(high)))


def _unseen(y: IntArray, n_classes: int) -> tuple[FloatArray, IntArray]:
    """Return the share of each category, and the one that it is most likely taken for."""
    counts = np.bincount(y, minlength=n_classes)
    order = np.argsort(-counts, kind="stable")
    other = np.full(n_classes, order[0])
    other[order[0]] = order[min(1, n_classes - 1)]
    return counts / counts.sum(), other


def _drawn(
    seen: IntArray, unseen: IntArray, times: FloatArray, groups: IntArray | None, seed: int
) -> Iterator[tuple[IntArray, FloatArray]]:
    """Yield cells and how often each occurs, in tickets drawn again: whole groups, because
    near-duplicates are right or wrong together, and the unseen groups, as large as the others,
    `times` times on average.
    """
    cells, cell_of = np.unique(seen, return_inverse=True)
    drawn_as = np.arange(len(seen)) if groups is None else groups
    names, member = np.unique(drawn_as, return_inverse=True)
    both = np.concatenate([cells, unseen])
    rng = np.random.default_rng(seed)
    for _ in range(_RESAMPLES):
        chosen = np.bincount(rng.integers(0, names.size, names.size), minlength=names.size)
        counts = np.bincount(cell_of, chosen[member].astype(float), cells.size)
        yield both, np.concatenate([counts, rng.poisson(times) * (len(seen) / names.size)])


def weighted_f1(y: IntArray, answers: IntArray, n_classes: int) -> float:
    """Return the weighted F1 (0-1) of answers for tickets of these categories."""
    confusion = np.zeros((n_classes, n_classes), dtype=np.int64)
    np.add.at(confusion, (y, answers), 1)
    return _scores(confusion)[1]


def _scores(confusion: IntArray | FloatArray) -> tuple[float, float, float]:
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
