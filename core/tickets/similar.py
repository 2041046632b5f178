"""Past tickets that read like this one, and how they were labelled."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from core.tickets.features import TextArray

__all__ = ["PastTickets", "SimilarTicket"]

IntArray = npt.NDArray[np.int64]

# The bound on memory and on the model's file: about 4 MB of each.
MAX_KEPT = 8_000
MAX_CHARACTERS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class SimilarTicket:
    """A past ticket: its beginning, the category it was given, the cosine of the texts (0-1)."""

    text: str
    category: str
    similarity: float


@dataclass(frozen=True, slots=True, eq=False)
class PastTickets:
    """Up to 8,000 labelled tickets, the newest or a random draw, one of each near-duplicate group.

    `terms` of shape (n_terms, n_kept) holds their TF-IDF columns: a query touches only the rows of
    its own words.
    """

    terms: Any
    texts: TextArray
    categories: TextArray

    @classmethod
    def of(
        cls,
        terms: Any,
        texts: TextArray,
        categories: TextArray,
        groups: IntArray,
        moments: npt.NDArray[np.datetime64] | None,
        seed: int,
    ) -> Self:
        """Return the past tickets to remember of n with the TF-IDF matrix (n, n_terms)."""
        order = np.random.default_rng(seed).permutation(len(texts))
        if moments is not None:
            # Newest first; tickets without a moment (NaT sorts last) count as the oldest.
            order = order[np.argsort(-_age(moments[order]), kind="stable")]
        kept = order[np.sort(np.unique(groups[order], return_index=True)[1])][:MAX_KEPT]
        return cls(
            terms[kept].astype(np.float32).T.tocsr(),
            np.array([text[:MAX_CHARACTERS] for text in texts[kept]], dtype=object),
            categories[kept],
        )

    def n_remembered(self, texts: TextArray) -> int:
        """Return how many of the texts, blank ones aside, begin like one that is kept."""
        kept = set(self.texts)
        return sum(text[:MAX_CHARACTERS] in kept for text in texts if text.strip())

    def nearest(self, row: Any, n: int = 3) -> tuple[SimilarTicket, ...]:
        """Return up to n tickets that share a term with a row (1, n_terms), the nearest first."""
        found = (row @ self.terms).tocsr()
        best = np.argsort(-found.data, kind="stable")[:n]
        return tuple(
            SimilarTicket(
                text=self.texts[column],
                category=self.categories[column],
                # Both vectors have length 1; rounding may go a little above.
                similarity=float(min(found.data[at], 1.0)),
            )
            for at, column in zip(best, found.indices[best], strict=True)
        )


def _age(moments: npt.NDArray[np.datetime64]) -> npt.NDArray[np.float64]:
    micros = moments.astype("datetime64[us]").astype(np.int64).astype(np.float64)
    return np.where(np.isnat(moments), -np.inf, micros)
