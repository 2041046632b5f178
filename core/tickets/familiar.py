"""Whether a text is like those that a model has learnt from."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from core.tickets.features import WORD, TextArray
from core.tickets.similar import MAX_CHARACTERS

__all__ = ["STRANGE_SHARE", "Familiar"]

BoolArray = npt.NDArray[np.bool_]
FloatArray = npt.NDArray[np.float64]

# Words that more than a tenth of the past tickets have say little, and cost most of the time.
_COMMON_SHARE = 0.1
# One past ticket in 200 is further from its nearest other one than what counts as familiar; how far
# that is, is told by two thousand of them: ten lie beyond it.
STRANGE_SHARE = 0.005
_N_ASKED, _CHUNK = 2_000, 250


@dataclass(frozen=True, slots=True, eq=False)
class Familiar:
    """The rarer words of past tickets, and the least likeness that is usual among them.

    The nearest-neighbour method of D. M. J. Tax, "One-class classification" (Delft, 2001): what is
    further from its nearest training ticket than nearly all of these are from theirs is an outlier,
    and what the model says of it means little. Likeness is the cosine of the TF-IDF vectors, words
    aside that many past tickets have, times the root of the share of the text's words that any
    past ticket has: of words that no ticket has, the vectors know nothing. Words with digits do
    not count at all: readings, moments and machine names are new in every ticket.

    `known` are the words that count; `is_plain` of shape (n_terms,) says which terms are made of
    such; `terms` of shape (n_terms, n_past) are the past tickets, their columns of length 1 before
    common words were taken out.
    """

    known: frozenset[str]
    is_plain: BoolArray
    terms: Any
    least: float

    @classmethod
    def of(cls, names: TextArray, terms: Any, texts: TextArray) -> Self:
        """Return what is familiar after past tickets, their beginnings as `texts` of shape (n,).

        `terms` is their TF-IDF matrix (n_terms, n), `names` what its rows are called.
        """
        n = terms.shape[1]
        is_plain = np.array([not _has_digit(name) for name in names], dtype=bool)
        known = frozenset(name for name in names if " " not in name and not _has_digit(name))
        past = _of_length_one(terms.T.tocsr(), is_plain)
        n_with = np.diff(terms.indptr)
        rare = past.T.tocsr()
        rare.data[np.repeat(n_with > _COMMON_SHARE * n, np.diff(rare.indptr))] = 0.0
        rare.eliminate_zeros()
        asked = np.random.default_rng(0).permutation(n)[:_N_ASKED]
        nearest = np.zeros(len(asked))
        for start in range(0, len(asked), _CHUNK):
            part = asked[start : start + _CHUNK]
            found = (rare[:, part].T.tocsr() @ rare).tocsr()
            itself = np.repeat(part, np.diff(found.indptr))
            found.data[found.indices == itself] = 0.0
            nearest[start : start + _CHUNK] = found.max(axis=1).toarray().ravel()
        nearest *= np.sqrt(_share_known(texts[asked], known))
        return cls(known, is_plain, rare, float(np.quantile(nearest, STRANGE_SHARE)))

    def likeness(self, rows: Any, texts: TextArray) -> FloatArray:
        """Return how much each of the texts is like its nearest past ticket, 0-1, of shape (n,).

        `rows` of shape (n, n_terms) are their TF-IDF vectors.
        """
        plain = _of_length_one(rows, self.is_plain)
        found = (plain @ self.terms).max(axis=1)
        nearest: FloatArray = found.toarray().ravel().astype(np.float64)
        nearest *= np.sqrt(_share_known(texts, self.known))
        return np.minimum(nearest, 1.0)  # vectors of length 1; rounding may go a little above

    def knows(self, rows: Any, texts: TextArray) -> BoolArray:
        """Return which texts have a known word and are as like as is usual, of shape (n,)."""
        has_words: BoolArray = np.diff(rows.indptr) > 0
        return has_words & (self.likeness(rows, texts) >= self.least)


def _of_length_one(rows: Any, is_plain: BoolArray) -> Any:
    """Return the rows without the terms that have digits, each of length 1 (or all zeros)."""
    plain = rows.astype(np.float32).tocsr()
    plain.data[~is_plain[plain.indices]] = 0.0
    plain.eliminate_zeros()
    length = np.sqrt(np.asarray(plain.multiply(plain).sum(axis=1)).ravel())
    plain.data /= np.repeat(length, np.diff(plain.indptr))
    return plain


def _share_known(texts: TextArray, known: frozenset[str]) -> FloatArray:
    """Return the share (0-1) of the words at each text's beginning that are known, shape (n,).

    The beginning, because no more is kept of past tickets. Without a word it is 1.
    """
    shares = np.ones(len(texts))
    for i, text in enumerate(texts):
        words = set(WORD.findall(text[:MAX_CHARACTERS].lower()))
        n_known = len(words & known)
        n_new = sum(not _has_digit(word) for word in words - known)
        if n_known + n_new:
            shares[i] = n_known / (n_known + n_new)
    return shares


def _has_digit(term: str) -> bool:
    return any(map(str.isdigit, term))
