"""Which tickets say nearly the same, found without comparing each with each."""

import re
from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

__all__ = ["near_duplicate_groups", "words_of"]

IntArray = npt.NDArray[np.int64]
HashArray = npt.NDArray[np.uint64]

# Shared share of words from which two texts count as the same ticket; it is about where the cosine
# of their TF-IDF vectors reaches .9.
_ALIKE = 0.75
_BANDS, _ROWS = 16, 4
# Of texts in one bucket that are not alike, so many are kept to compare later ones with.
_MOST_MET = 8
_WORDS = re.compile(r"\w+")
_DIGITS = re.compile(r"\d+")
# A log pasted into a ticket is told by its beginning.
_LONGEST = 20_000


def near_duplicate_groups(texts: Sequence[str], seed: int = 0) -> IntArray:
    """Return a group number per text, of shape (n,): texts that say nearly the same share one.

    Two texts are alike when three quarters of their different words are shared; numbers all count
    as the same word, so tickets that differ by a host's number are alike. Pairs are looked for
    among texts whose MinHash signatures agree in a band, and checked word by word. Texts without a
    word are alike when they are equal.

    Notes
    -----
    Time and memory grow with the number of words; 16 bands of 4 find 99.6 % of the pairs that share
    three quarters.

    References
    ----------
    Broder: On the Resemblance and Containment of Documents. SEQUENCES 1997,
    doi:10.1109/SEQUEN.1997.666900 (MinHash).
    """
    table: defaultdict[str, int] = defaultdict()
    table.default_factory = table.__len__
    sets = [_word_numbers(text, table) for text in texts]
    group = np.arange(len(sets), dtype=np.int64)
    for keys in _band_keys(sets, seed) if sets else []:
        _join(group, keys, sets)
    while (group != group[group]).any():
        group = group[group]
    numbers: IntArray = np.unique(group, return_inverse=True)[1]
    return numbers


def _word_numbers(text: str, table: "defaultdict[str, int]") -> IntArray:
    """Return the different words of a text, as sorted numbers; another number for other blanks."""
    words = words_of(text)
    return np.unique(np.fromiter(map(table.__getitem__, words), dtype=np.int64, count=len(words)))


def words_of(text: str) -> list[str]:
    """Return the words that say what a ticket is: any number is the same one."""
    return _WORDS.findall(_DIGITS.sub("0", text[:_LONGEST].lower())) or [f" {text[:_LONGEST]}"]


def _band_keys(sets: Sequence[IntArray], seed: int) -> list[HashArray]:
    """Return for each band a key per text; texts that are alike agree in one of them, likely."""
    rng = np.random.default_rng(seed)
    words = np.concatenate(sets).astype(np.uint64)
    starts = np.cumsum([0, *map(len, sets[:-1])])
    keys = []
    for _ in range(_BANDS):
        key = np.zeros(len(sets), dtype=np.uint64)
        for _ in range(_ROWS):
            factor, shift = rng.integers(1, 2**63, size=2, dtype=np.uint64)
            # Multiply-shift: overflow is the point; the upper half is well mixed.
            hashed = ((words + shift) * (factor | np.uint64(1))) >> np.uint64(32)
            smallest = np.minimum.reduceat(hashed, starts)
            key = (key ^ smallest) * np.uint64(0x9E3779B97F4A7C15)
        keys.append(key)
    return keys


def _join(group: IntArray, keys: HashArray, sets: Sequence[IntArray]) -> None:
    """Put each text into the group of the first text of its band's bucket, if they are alike."""
    order = np.argsort(keys, kind="stable")
    is_same = keys[order][1:] == keys[order][:-1]
    met = [order[0]]
    for i, same in enumerate(is_same.tolist(), start=1):
        text = order[i]
        if not same:
            met = [text]
            continue
        is_new = True
        for other in met:
            roots = _root(group, other), _root(group, text)
            if roots[0] == roots[1]:
                is_new = False
            elif _is_alike(sets[other], sets[text]):
                group[max(roots)] = min(roots)
                is_new = False
        if is_new and len(met) < _MOST_MET:
            met.append(text)


def _root(group: IntArray, i: int) -> int:
    while group[i] != i:
        group[i] = group[group[i]]
        i = int(group[i])
    return int(i)


def _is_alike(one: IntArray, other: IntArray) -> bool:
    shorter, longer = sorted((len(one), len(other)))
    if shorter < _ALIKE * longer:
        return False
    shared = len(np.intersect1d(one, other, assume_unique=True))
    return shared >= _ALIKE * (len(one) + len(other) - shared)
