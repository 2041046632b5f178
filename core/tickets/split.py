"""Which tickets are held out: the newest where there is time, near-duplicates on one side."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

__all__ = ["Split", "split_tickets", "without_forms"]

IntArray = npt.NDArray[np.int64]
MomentArray = npt.NDArray[np.datetime64]

TEST_SHARE = 0.2
# A group of near-duplicates above this share of all tickets is a form that people fill in: its
# tickets differ in what counts, and keeping them together would leave nothing to compare.
_FORM_SHARE = 0.2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Split:
    """Positions of the tickets to learn from, to be tested on, and to leave out of both."""

    kind: Literal["newest", "random"]
    train: IntArray
    test: IntArray
    set_aside: IntArray


def split_tickets(y: IntArray, groups: IntArray, moments: MomentArray | None, seed: int) -> Split:
    """Return about a fifth of the tickets as the test; near-duplicates never straddle.

    With moments the test holds the newest tickets; of those, the near-duplicates of older tickets
    are set aside, and so are tickets without a moment. Without moments it is drawn at random, each
    category in proportion. A category that only test tickets have is learnt from, not tested.

    Parameters
    ----------
    y : ndarray of shape (n,)
        The number of each ticket's category.
    groups : ndarray of shape (n,)
        The number of each ticket's group of near-duplicates.
    moments : ndarray of shape (n,) or None
        When each ticket was written, NaT where unknown.
    seed : int
        Fixes the draw.
    """
    groups = without_forms(groups)
    if moments is not None and _has_course(moments):
        split = _newest(groups, moments)
    else:
        split = _drawn(y, groups, seed)
    return _teach_every_class(split, y, groups)


def _has_course(moments: MomentArray) -> bool:
    """Whether most tickets have a moment, and the newest fifth begins after the oldest ticket."""
    known = moments[~np.isnat(moments)]
    if len(known) < 0.5 * len(moments):
        return False
    cut = np.sort(known)[int((1 - TEST_SHARE) * len(known))]
    return bool(cut > known.min())


def _newest(groups: IntArray, moments: MomentArray) -> Split:
    is_known = ~np.isnat(moments)
    known = np.sort(moments[is_known])
    is_new = is_known & (moments >= known[int((1 - TEST_SHARE) * len(known))])
    is_old = is_known & ~is_new
    is_copy = ~is_old & np.isin(groups, groups[is_old])
    # Without a moment a ticket may be newer than the test: only what is known to be old is learnt.
    is_aside = is_copy | ~is_known
    return Split(
        kind="newest",
        train=np.flatnonzero(is_old),
        test=np.flatnonzero(is_new & ~is_aside),
        set_aside=np.flatnonzero(is_aside),
    )


def _drawn(y: IntArray, groups: IntArray, seed: int) -> Split:
    """Draw whole groups into each category's share; a group counts for its first ticket's."""
    _, first, members = np.unique(groups, return_index=True, return_inverse=True)
    sizes = np.bincount(members)
    is_test = np.zeros(len(first), dtype=bool)
    order = np.random.default_rng(seed).permutation(len(first))
    for category in np.unique(y):
        mine = order[y[first[order]] == category]
        room = round(TEST_SHARE * int(sizes[mine].sum()))
        for group, size in zip(mine.tolist(), sizes[mine].tolist(), strict=True):
            if size <= room:
                is_test[group] = True
                room -= size
    return Split(
        kind="random",
        train=np.flatnonzero(~is_test[members]),
        test=np.flatnonzero(is_test[members]),
        set_aside=np.zeros(0, dtype=np.int64),
    )


def _teach_every_class(split: Split, y: IntArray, groups: IntArray) -> Split:
    """Move test tickets of categories without a training ticket, and their like, to training."""
    unseen = ~np.isin(y[split.test], y[split.train])
    moved = np.isin(groups[split.test], groups[split.test][unseen])
    return Split(
        kind=split.kind,
        train=np.sort(np.concatenate([split.train, split.test[moved]])),
        test=split.test[~moved],
        set_aside=split.set_aside,
    )


def without_forms(groups: IntArray) -> IntArray:
    """Return the groups, the members of too large ones each on its own."""
    sizes = np.bincount(groups)
    is_form = sizes[groups] > max(2, _FORM_SHARE * len(groups))
    return np.where(is_form, groups.max() + 1 + np.arange(len(groups)), groups)
