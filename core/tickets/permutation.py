"""What a model loses on held-out tickets when one of its inputs is shuffled among them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from core.tickets.candidate import Candidate, FloatArray, class_scores
from core.tickets.features import TEXT

__all__ = ["PermutationDrop", "permutation_drops"]

IntArray = npt.NDArray[np.int64]

_SHUFFLES = 5
# Trees take 0.1 ms a ticket; beyond this many the figures move by less than they vary.
_MOST_TICKETS = 1_500
_MOST_TERMS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class PermutationDrop:
    """How much weighted F1 falls when an input is shuffled: mean of several shuffles, and the
    smallest and the largest of them. `ticket_text` stands for all words together.
    """

    name: str
    kind: Literal["word", "telemetry", "text"]
    drop: float
    low: float
    high: float


def permutation_drops(
    candidate: Candidate,
    estimator: Any,
    owners: tuple[str, ...],
    terms: npt.NDArray[np.object_],
    matrix: Any,
    y: IntArray,
    seed: int,
) -> tuple[PermutationDrop, ...]:
    """Return the loss for each telemetry column, the whole text, and the heaviest words.

    Inputs that say the same stand in for one another: each alone then loses little.

    Parameters
    ----------
    owners : tuple of str
        The column of the frame behind each column of the matrix before the terms.
    matrix : CSR matrix of shape (n, n_columns)
        Held-out tickets, of which at most 1,500 are used.
    y : ndarray of shape (n,)
        The position of each one's category.

    References
    ----------
    Breiman: Random Forests. Machine Learning 45, 2001, section 10.
    """
    rng = np.random.default_rng(seed)
    rows = np.sort(rng.permutation(len(y))[:_MOST_TICKETS])
    matrix, y = matrix[rows].tocsc(), y[rows]

    def score(shuffled: Any) -> float:
        return _weighted_f1(y, class_scores(estimator, shuffled.tocsr()).argmax(axis=1))

    whole = score(matrix)
    found = []
    for name, kind, columns in _groups(candidate, estimator, owners, terms, matrix):
        drops = [whole - score(_shuffled(matrix, columns, rng)) for _ in range(_SHUFFLES)]
        found.append(
            PermutationDrop(
                name=name, kind=kind, drop=float(np.mean(drops)), low=min(drops), high=max(drops)
            )
        )
    return tuple(sorted(found, key=lambda one: -one.drop))


def _groups(
    candidate: Candidate, estimator: Any, owners: tuple[str, ...], terms: Any, matrix: Any
) -> Iterator[tuple[str, Literal["word", "telemetry", "text"], slice | IntArray]]:
    start = len(owners)
    for name in dict.fromkeys(owners):
        yield name, "telemetry", np.flatnonzero(np.array(owners) == name)
    yield TEXT, "text", slice(start, None)
    square = np.asarray(matrix.multiply(matrix).mean(axis=0), dtype=np.float64).ravel()
    weights = candidate.importances(estimator, np.sqrt(square))[start:]
    for i in np.argsort(-weights, kind="stable")[:_MOST_TERMS]:
        if weights[i] > 0:
            yield str(terms[i]), "word", np.array([start + i])


def _shuffled(matrix: Any, columns: slice | IntArray, rng: np.random.Generator) -> Any:
    """Return the matrix with these columns taken from other tickets, together."""
    import scipy.sparse as sp

    is_moved = np.zeros(matrix.shape[1], dtype=bool)
    is_moved[columns] = True
    order = np.argsort(np.concatenate([np.flatnonzero(is_moved), np.flatnonzero(~is_moved)]))
    moved = matrix[:, is_moved][rng.permutation(matrix.shape[0])]
    return sp.hstack([moved, matrix[:, ~is_moved]], format="csc")[:, order]


def _weighted_f1(y: IntArray, answers: IntArray) -> float:
    n_classes = int(max(y.max(), answers.max())) + 1
    true, said = np.bincount(y, minlength=n_classes), np.bincount(answers, minlength=n_classes)
    right = np.bincount(y[y == answers], minlength=n_classes)
    f1: FloatArray = 2 * right / np.maximum(true + said, 1)
    return float(f1 @ true / true.sum())
