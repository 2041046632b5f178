"""Which rows a model may learn from so that it can be asked about others: VMs and time apart."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc

from core.dataset.anomalies.rows import N_FOLDS, BoolArray, Rows
from core.dataset.overview.results import IntArray

__all__ = ["Folds", "folds_for"]

# With fewer, a third of the VMs says little about the others.
_FEWEST_VMS = 6
_FEWEST_PER_PART = 50
_STRETCHES = ("datetime64[D]", "datetime64[h]", "datetime64[m]")
_FEWEST_STRETCHES = 10


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Folds:
    """Three parts of the rows: by VM, by time (`edges`) where VMs are few, else by number.

    `cut` is the middle of the time, None where rows have no times that could be told apart.
    """

    by_vm: bool
    cut: np.datetime64 | None
    edges: npt.NDArray[np.datetime64]

    @property
    def split(self) -> str:
        """What keeps the rows of an evaluation apart from those learnt from, in words."""
        if self.by_vm:
            return "other VMs" if self.cut is None else "other VMs, at a later time"
        return "a third drawn at random" if self.cut is None else "at a later time"

    def of(self, rows: Rows) -> IntArray:
        """Return the part (0 to 2) of each row, shape (n,)."""
        if self.by_vm:
            return rows.vm_fold
        if self.edges.size:
            return np.minimum(np.searchsorted(self.edges, rows.at), N_FOLDS - 1)
        return rows.number % N_FOLDS

    def past(self, rows: Rows) -> BoolArray:
        """Return which rows an evaluation may learn from, as far as time is concerned."""
        return np.ones(len(rows), np.bool_) if self.cut is None else rows.at < self.cut

    def evaluations(self, rows: Rows) -> Iterator[tuple[BoolArray, BoolArray]]:
        """Yield which rows to learn from and which to be asked about."""
        past, part = self.past(rows), self.of(rows)
        future = past if self.cut is None else rows.at >= self.cut
        if not self.by_vm and self.cut is not None:
            yield past, future
            return
        for n in range(N_FOLDS):
            yield past & (part != n), future & (part == n)

    def clusters(self, rows: Rows) -> IntArray:
        """Return what is drawn together in a bootstrap: a VM, or a time where VMs are few.

        The time is a day, or an hour where there are fewer than ten days, and so on: one or two
        days, drawn again, are always the same, and any score would seem certain.
        """
        if self.by_vm:
            codes = pc.dictionary_encode(rows.vm_id, null_encoding="encode").indices
            return np.asarray(codes.to_numpy(zero_copy_only=False).astype(np.int64))
        if self.edges.size:
            for unit in _STRETCHES:
                stretches = rows.at.astype(unit).astype(np.int64)
                if np.unique(stretches).size >= _FEWEST_STRETCHES:
                    return stretches
        return rows.number


def folds_for(rows: Rows, n_vms: int) -> Folds:
    """Return how the rows of a dataset with `n_vms` VMs are kept apart."""
    times = np.sort(rows.at[~np.isnat(rows.at)])
    edges = times[[times.size * n // N_FOLDS for n in range(1, N_FOLDS)]] if times.size else times
    cut = times[times.size // 2] if times.size else None
    if cut is not None and (times < cut).sum() < _FEWEST_PER_PART:
        cut, edges = None, times[:0]
    return Folds(by_vm=n_vms >= _FEWEST_VMS, cut=cut, edges=edges)
