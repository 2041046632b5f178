"""Whether a text is like those that a model has learnt from."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

__all__ = ["STRANGE_SHARE", "Familiar"]

BoolArray = npt.NDArray[np.bool_]
FloatArray = npt.NDArray[np.float64]

# Words that more than a tenth of the past tickets have say little, and cost most of the time.
_COMMON_SHARE = 0.1
# One past ticket in 200 is further from its nearest other one than what counts as familiar; how far
# that is, is told by a thousand of them.
STRANGE_SHARE = 0.005
_N_ASKED, _CHUNK = 1_000, 250


@dataclass(frozen=True, slots=True, eq=False)
class Familiar:
    """The rarer words of past tickets, and the least likeness that is usual among them.

    The nearest-neighbour method of D. M. J. Tax, "One-class classification" (Delft, 2001): what is
    further from its nearest training ticket than nearly all of these are from theirs is an outlier,
    and what the model says of it means little. Likeness is the cosine of the TF-IDF vectors, words
    aside that many past tickets have.
    """

    terms: Any
    least: float

    @classmethod
    def of(cls, terms: Any) -> Self:
        """Return what is familiar after past tickets of the TF-IDF matrix (n_terms, n_past)."""
        n = terms.shape[1]
        n_with = np.diff(terms.indptr)
        rare = terms.copy()
        rare.data[np.repeat(n_with > _COMMON_SHARE * n, n_with)] = 0.0
        rare.eliminate_zeros()
        asked = np.random.default_rng(0).permutation(n)[:_N_ASKED]
        nearest = np.zeros(len(asked))
        for start in range(0, len(asked), _CHUNK):
            part = asked[start : start + _CHUNK]
            found = (rare[:, part].T.tocsr() @ rare).tocsr()
            itself = np.repeat(part, np.diff(found.indptr))
            found.data[found.indices == itself] = 0.0
            nearest[start : start + _CHUNK] = found.max(axis=1).toarray().ravel()
        return cls(rare, float(np.quantile(nearest, STRANGE_SHARE)))

    def likeness(self, rows: Any) -> FloatArray:
        """Return how much each row of (n, n_terms) is like its nearest past ticket, 0-1, (n,)."""
        found = (rows.astype(np.float32) @ self.terms).max(axis=1)
        nearest: FloatArray = found.toarray().ravel().astype(np.float64)
        return np.minimum(nearest, 1.0)  # vectors of length 1; rounding may go a little above

    def knows(self, rows: Any) -> BoolArray:
        """Return which rows of (n, n_terms) have a known word and are as like as is usual, (n,)."""
        has_words: BoolArray = np.diff(rows.indptr) > 0
        return has_words & (self.likeness(rows) >= self.least)
