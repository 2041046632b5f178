"""Counts of words and word pairs, several times faster than counting strings."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from core.tickets.features import WORD

__all__ = ["WordPairCounts"]

IntArray = npt.NDArray[np.int64]


class WordPairCounts(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """`CountVectorizer(ngram_range=(1, 2))`, counting pairs as pairs of numbers.

    The counts are the same; where several terms are equally frequent at the cut of `max_features`,
    which of them stay may differ.

    Parameters
    ----------
    max_features : int
        The most frequent terms that are kept.
    min_df : int
        Tickets that a term has to occur in.
    """

    def __init__(self, max_features: int = 25_000, min_df: int = 2) -> None:
        self.max_features = max_features
        self.min_df = min_df

    def fit(self, texts: Iterable[str], y: object = None) -> Self:
        """Learn the terms; ValueError where none occurs in `min_df` texts."""
        self.fit_transform(texts)
        return self

    def fit_transform(self, texts: Iterable[str], y: object = None, **_: object) -> Any:
        """Learn the terms and return the counts, a CSR matrix of shape (n_texts, n_terms)."""
        table: defaultdict[str, int] = defaultdict()
        table.default_factory = table.__len__
        ids, docs, n_docs = _flat(map(table.__getitem__, words) for words in _tokens(texts))
        n_words = len(table)
        codes, rows = _terms(ids, docs, n_words)
        found, columns = np.unique(codes, return_inverse=True)
        counts = _count_matrix(rows, columns, (n_docs, len(found)))
        kept = self._kept(counts, len(found))
        if not len(kept):
            raise ValueError(f"no word occurs in {self.min_df} texts")
        words = list(table)
        names = [_name(code, words, n_words) for code in found[kept].tolist()]
        order = np.array(sorted(range(len(names)), key=names.__getitem__), dtype=np.int64)
        self._learn([names[i] for i in order])
        return counts[:, kept[order]]

    def transform(self, texts: Iterable[str]) -> Any:
        """Return the counts, a CSR matrix of shape (n_texts, n_terms)."""
        check_is_fitted(self, "terms_")
        known = self._words
        ids, docs, n_docs = _flat(
            [known.get(word, -1) for word in words] for words in _tokens(texts)
        )
        codes, rows = _terms(ids, docs, len(known))
        at = np.minimum(np.searchsorted(self._codes, codes), len(self._codes) - 1)
        is_term = self._codes[at] == codes
        return _count_matrix(rows[is_term], self._columns[at[is_term]], (n_docs, len(self.terms_)))

    def get_feature_names_out(self, input_features: object = None) -> npt.NDArray[np.object_]:
        """Return the terms in the order of the columns."""
        check_is_fitted(self, "terms_")
        return np.array(self.terms_, dtype=object)

    def _kept(self, counts: Any, n_terms: int) -> IntArray:
        """Return the columns that stay: in enough texts, and among the most frequent."""
        n_texts = np.bincount(counts.indices, minlength=n_terms)
        total = np.bincount(counts.indices, weights=counts.data, minlength=n_terms)
        enough = np.flatnonzero(n_texts >= self.min_df)
        ranked: IntArray = enough[np.argsort(-total[enough], kind="stable")]
        return ranked[: self.max_features]

    def _learn(self, terms: Sequence[str]) -> None:
        """Keep the terms, and the tables that find a word's or a pair's column by its number."""
        self.terms_ = list(terms)
        self._words = {
            word: i for i, word in enumerate(sorted({w for t in terms for w in t.split(" ")}))
        }
        n_words = len(self._words)
        codes = np.array([_code(term, self._words, n_words) for term in terms], dtype=np.int64)
        self._columns = np.argsort(codes)
        self._codes = codes[self._columns]


def _tokens(texts: Iterable[str]) -> Iterator[list[str]]:
    find = WORD.findall
    return (find(text.lower()) for text in texts)


def _flat(documents: Iterable[Iterable[int]]) -> tuple[IntArray, IntArray, int]:
    """Return the word numbers of all documents in a row, the document of each, and their count."""
    ids: list[int] = []
    ends: list[int] = []
    for words in documents:
        ids.extend(words)
        ends.append(len(ids))
    bounds = np.array([0, *ends], dtype=np.int64)
    lengths = bounds[1:] - bounds[:-1]
    docs = np.repeat(np.arange(len(ends), dtype=np.int64), lengths)
    return np.array(ids, dtype=np.int64), docs, len(ends)


def _terms(ids: IntArray, docs: IntArray, n_words: int) -> tuple[IntArray, IntArray]:
    """Return the codes of the known words and of the pairs of neighbours, with their documents."""
    is_known = ids >= 0
    is_pair = (docs[1:] == docs[:-1]) & is_known[1:] & is_known[:-1]
    pairs = n_words + ids[:-1][is_pair] * n_words + ids[1:][is_pair]
    codes = np.concatenate([ids[is_known], pairs])
    return codes, np.concatenate([docs[is_known], docs[1:][is_pair]])


def _code(term: str, words: dict[str, int], n_words: int) -> int:
    first, _, second = term.partition(" ")
    return n_words + words[first] * n_words + words[second] if second else words[first]


def _name(code: int, words: Sequence[str], n_words: int) -> str:
    if code < n_words:
        return words[code]
    first, second = divmod(code - n_words, n_words)
    return f"{words[first]} {words[second]}"


def _count_matrix(rows: IntArray, columns: IntArray, shape: tuple[int, int]) -> Any:
    ones = np.ones(len(rows), dtype=np.float64)
    counts = sp.coo_matrix((ones, (rows, columns)), shape=shape).tocsr()
    counts.sort_indices()
    return counts
