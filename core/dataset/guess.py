"""How well labels can be guessed from words or bins: a quick naive Bayes, on unseen rows."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.metrics import FloatArray

__all__ = ["GuessScore", "TokenRows", "guess_score"]

IntArray = npt.NDArray[np.int64]

_SMOOTHING = 0.5
_MOST_CLASSES = 20
_FEWEST_PER_CLASS = 10


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TokenRows:
    """What may tell a row's label: the codes of its tokens, all rows one after another.

    `rows` of shape (n_tokens,) says for each of `codes` to which row it belongs.
    """

    n_rows: int
    rows: IntArray
    codes: IntArray

    @classmethod
    def of(cls, token_sets: Iterable[Iterable[str]]) -> "TokenRows":
        """Return the rows of these sets of tokens."""
        vocabulary: dict[str, int] = {}
        rows: list[int] = []
        codes: list[int] = []
        n_rows = 0
        for tokens in token_sets:
            found = [vocabulary.setdefault(token, len(vocabulary)) for token in tokens]
            codes += found
            rows += [n_rows] * len(found)
            n_rows += 1
        return cls(n_rows=n_rows, rows=np.array(rows, np.int64), codes=np.array(codes, np.int64))

    @classmethod
    def of_columns(cls, columns: Sequence[IntArray]) -> "TokenRows":
        """Return rows with one token for each of these columns of small numbers from 0 on."""
        n_rows = columns[0].size
        codes, first_code = [], 0
        for column in columns:
            codes.append(column + first_code)
            first_code += int(column.max(initial=0)) + 1
        return cls(
            n_rows=n_rows,
            rows=np.tile(np.arange(n_rows), len(columns)),
            codes=np.concatenate(codes),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class GuessScore:
    """How well labels were guessed on rows that were not learnt from.

    `auc` is the area under the ROC curve of each label against the rest, weighted by its share;
    `deviations` says how many standard deviations of pure chance the clearest label lies above 0.5;
    `blur` is the standard deviation of chance for the best-measured label.
    """

    n_rows: int
    n_classes: int
    auc: float
    deviations: float
    blur: float
    accuracy: float
    majority: float
    most_frequent: str


def guess_score(tokens: TokenRows, labels: Sequence[str], *, seed: int = 0) -> GuessScore | None:
    """Return how well a multinomial naive Bayes guesses `labels` from `tokens`.

    Each half of the rows is guessed by what was learnt from the other. Labels beyond the 20 most
    frequent, and those with fewer than 10 rows, take no part; None where fewer than two are left.
    """
    names, codes = np.unique(np.array(labels, dtype=object).astype(str), return_inverse=True)
    counts = np.bincount(codes)
    classes = np.argsort(-counts, kind="stable")[:_MOST_CLASSES]
    classes = classes[counts[classes] >= _FEWEST_PER_CLASS]
    if classes.size < 2:
        return None
    y = np.full(names.size, -1)
    y[classes] = np.arange(classes.size)
    y = y[codes]
    halves = np.random.default_rng(seed).random(y.size) < 0.5
    log_odds = np.empty((y.size, classes.size))
    for learnt in (halves, ~halves):
        log_odds[~learnt] = _guessed(tokens, y, learnt, classes.size)[~learnt]
    known = y >= 0
    return _scored(y[known], _posterior(log_odds[known]), [str(names[k]) for k in classes])


def _guessed(
    tokens: TokenRows, y: IntArray, learnt: npt.NDArray[np.bool_], n_classes: int
) -> FloatArray:
    """Return the log-probability of each class, up to a term per row, of shape (n, n_classes)."""
    n_codes = int(tokens.codes.max(initial=0)) + 1
    scores = np.empty((tokens.n_rows, n_classes))
    for k in range(n_classes):
        own = learnt & (y == k)
        counts = np.bincount(tokens.codes[own[tokens.rows]], minlength=n_codes) + _SMOOTHING
        weights = np.log(counts / counts.sum())
        prior = math.log(max(own.sum(), _SMOOTHING) / learnt.sum())
        scores[:, k] = prior + np.bincount(
            tokens.rows, weights=weights[tokens.codes], minlength=tokens.n_rows
        )
    return scores


def _posterior(log_odds: FloatArray) -> FloatArray:
    shifted = np.exp(log_odds - log_odds.max(axis=1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True))


def _scored(y: IntArray, posterior: FloatArray, names: list[str]) -> GuessScore:
    shares = np.bincount(y, minlength=len(names)) / y.size
    aucs = np.array([_auc(posterior[:, k], y == k) for k in range(len(names))])
    # The variance of the Mann-Whitney statistic under pure chance.
    n_own = shares * y.size
    blur = np.sqrt((y.size + 1) / (12 * n_own * (y.size - n_own)))
    return GuessScore(
        n_rows=y.size,
        n_classes=len(names),
        auc=float(shares @ aucs),
        deviations=float(((aucs - 0.5) / blur).max()),
        blur=float(blur.min()),
        accuracy=float((posterior.argmax(axis=1) == y).mean()),
        majority=float(shares.max()),
        most_frequent=names[int(shares.argmax())],
    )


def _auc(scores: FloatArray, is_own: npt.NDArray[np.bool_]) -> float:
    """Return the chance that an own row scores above another (ties count half)."""
    _, codes, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[codes]
    n_own = int(is_own.sum())
    above = ranks[is_own].sum() - n_own * (n_own + 1) / 2
    return float(above / (n_own * (is_own.size - n_own)))
