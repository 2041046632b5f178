"""Labelled tickets made ready for training: checked, grouped by likeness, and split."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from core.errors import TooFewSamplesError
from core.store import Correction
from core.tickets.holdout import KeyArray, held_back, keys_of
from core.tickets.labelled import (
    Labelled,
    check_learnable,
    labelled_tickets,
    sampled,
)
from core.tickets.near_duplicates import near_duplicate_groups
from core.tickets.report import SplitReport
from core.tickets.split import Split, split_tickets, without_forms
from core.tickets.trial import Trial

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Corpus", "HeldBack", "prepare"]

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HeldBack:
    """The tickets that no version learns from, with the group and the key of each."""

    tickets: Labelled
    groups: IntArray
    keys: KeyArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Corpus:
    """The tickets to learn from, the number of each one's category and near-duplicate group, and
    the split.

    `held_back` are others, which no version learns from; `keys` tell the tickets by their words;
    `data_hash` is of them all.
    """

    tickets: Labelled
    held_back: HeldBack
    keys: KeyArray
    data_hash: str
    categories: tuple[str, ...]
    y: IntArray
    groups: IntArray
    split: Split

    def trial(self, seed: int, *, is_literal: bool, hidden: Sequence[str] = ()) -> Trial:
        """Return the split, encoded; `hidden` columns are left out."""
        return Trial.of(
            self.tickets.inputs.without(set(hidden)),
            self.y,
            without_forms(self.groups),
            self.split,
            self.categories,
            seed,
            is_literal=is_literal,
        )

    @property
    def split_report(self) -> SplitReport:
        """The sizes of its parts."""
        return SplitReport(
            kind=self.split.kind,
            n_train=len(self.split.train),
            n_test=len(self.split.test),
            n_set_aside=len(self.split.set_aside),
            n_near_duplicates=int(np.sum(np.bincount(self.groups)[self.groups] > 1)),
        )

    @property
    def notes(self) -> tuple[str, ...]:
        """What was left out of the learning, and out of the test."""
        n_held = len(self.held_back.keys)
        held = (
            f"{n_held:,} tickets are held back from every version, to compare versions on.",
        ) * bool(n_held)
        tested = np.bincount(self.y[self.split.test], minlength=len(self.categories))
        untested = [c for c, n in zip(self.categories, tested, strict=True) if not n]
        if not untested:
            return (*self.tickets.notes, *held)
        some = ", ".join(untested[:5]) + (", …" if len(untested) > 5 else "")
        note = (
            f"{len(untested)} of {len(self.categories)} categories have too few different tickets "
            f"to be tested: {some}."
        )
        return (*self.tickets.notes, *held, note)


def prepare(frame: "pd.DataFrame", corrections: Sequence[Correction], seed: int) -> Corpus:
    """Return the tickets of the frame, checked and split."""
    tickets = sampled(
        labelled_tickets(frame, corrections=corrections), seed, corrections=corrections
    )
    check_learnable(tickets)
    data_hash = tickets.data_hash
    texts = tickets.inputs.texts.tolist()
    groups, keys = near_duplicate_groups(texts), keys_of(texts)
    said = {correction.text for correction in corrections}
    is_held = held_back(keys, groups, tickets.labels, np.array([text in said for text in texts]))
    back = np.flatnonzero(is_held)
    held = HeldBack(tickets=tickets.rows(back), groups=groups[back], keys=keys[back])
    learnt = np.flatnonzero(~is_held)
    tickets, groups, keys = tickets.rows(learnt), groups[learnt], keys[learnt]
    categories, y = np.unique(tickets.labels.astype(str), return_inverse=True)
    split = split_tickets(y, groups, tickets.moments, seed)
    if not len(split.test):
        raise TooFewSamplesError(
            f"None of the {len(y)} tickets can be held out as a test: they are near-duplicates of "
            "each other, or their categories have only a ticket or two."
        )
    return Corpus(
        tickets=tickets,
        held_back=held,
        keys=keys,
        data_hash=data_hash,
        categories=tuple(categories.tolist()),
        y=y,
        groups=groups,
        split=split,
    )
