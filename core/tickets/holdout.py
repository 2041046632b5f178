"""The tickets that no version ever learns from, so that any two can be compared on them.

Which they are is decided by a hash of their words, the same at every training: about one group of
near-duplicates in ten. A version also remembers the hashes of what it has learnt, so that a ticket
whose group has changed sides, or that another rule had in the training, is known and not counted.
"""

import hashlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from core.tickets.near_duplicates import words_of
from core.tickets.split import without_forms

__all__ = ["FEWEST", "KeyArray", "held_back", "keys_of"]

KeyArray = npt.NDArray[np.uint64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

FEWEST = 30
"""Fewer tickets than this tell two versions apart by luck only, and are not held back."""

_ONE_IN = 10
# What every category keeps to be learnt from.
_FEWEST_LEARNT = 3


def keys_of(texts: Sequence[str]) -> KeyArray:
    """Return a number per text, of shape (n,): the hash of its different words, digits aside."""
    keys = np.empty(len(texts), dtype=np.uint64)
    for i, text in enumerate(texts):
        said = "\n".join(sorted(set(words_of(text))))
        digest = hashlib.blake2b(said.encode("utf-8", "backslashreplace"), digest_size=8).digest()
        keys[i] = int.from_bytes(digest, "big")
    return keys


def held_back(
    keys: KeyArray, groups: IntArray, labels: npt.NDArray[np.object_], exempt: BoolArray
) -> BoolArray:
    """Return which tickets are held back, of shape (n,); none where there would be too few.

    Parameters
    ----------
    keys, groups : ndarray of shape (n,)
        The hash of each ticket's words, and the number of its group of near-duplicates: a group is
        held back whole.
    labels : ndarray of shape (n,)
        Its category; of each, at least three tickets stay.
    exempt : ndarray of shape (n,)
        Tickets that are to be learnt: those that a person has corrected.
    """
    groups = np.unique(without_forms(groups), return_inverse=True)[1]
    lowest = np.full(groups.max() + 1, np.iinfo(np.uint64).max, dtype=np.uint64)
    np.minimum.at(lowest, groups, keys)
    is_held = (lowest % np.uint64(_ONE_IN) == 0)[groups]
    is_held &= ~np.isin(groups, groups[exempt])
    for label in np.unique(labels.astype(str)):
        mine = labels.astype(str) == label
        if np.sum(mine & ~is_held) < _FEWEST_LEARNT:
            is_held &= ~np.isin(groups, groups[mine])
    return is_held if is_held.sum() >= FEWEST else np.zeros_like(is_held)
