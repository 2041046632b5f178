"""What is usual for a VM with enough history, else for a type of task, else for all rows."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.dataset.anomalies.rows import Rows
from core.dataset.overview.results import IntArray
from core.metrics import FloatArray

__all__ = ["Usual", "learn_usual", "names_by_frequency", "places"]

# The 5th and 95th percentile of fewer rows are little more than their extremes.
_FEWEST_ROWS = 30
_PARTS = (0.05, 0.5, 0.95)
# A column that hardly varies must not turn its last digit into an incident.
_LEAST_WIDTH = 0.01
_MOST_WIDTHS = 50.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Usual:
    """The usual ranges of groups of rows: the first group is all rows, then tasks, then VMs.

    `low`, `middle` and `high` of shape (n_groups, 10) are the 5th, 50th and 95th percentile of
    `MEASURED`, NaN where a group has no value.
    """

    low: FloatArray
    middle: FloatArray
    high: FloatArray
    task_types: tuple[str, ...]
    vms: pa.Array

    def groups(self, rows: Rows) -> IntArray:
        """Return the most particular group of each row, shape (n,)."""
        by_task = places(rows.task_type, self.task_types) + 1
        by_vm = places(rows.vm_id, self.vms)
        return np.where(by_vm >= 0, by_vm + 1 + len(self.task_types), by_task)

    def compared_with(self, group: int) -> str:
        """Return whose range it is that a group has."""
        if group == 0:
            return "all rows"
        if group <= len(self.task_types):
            return f"{self.task_types[group - 1]} tasks"
        return "this VM"

    def deviations(self, measured: FloatArray, groups: IntArray) -> FloatArray:
        """Return how far values lie from the middle of what is usual, in widths of its range.

        Of shape (n, 10) as `measured`, NaN where a value is missing; 0.5 is at the range's edge
        where the values lie evenly around the middle.
        """
        middle = self.middle[groups]
        width = self.high[groups] - self.low[groups]
        width = np.maximum(width, np.maximum(np.abs(middle) * _LEAST_WIDTH, 1e-12))
        return np.asarray(np.clip((measured - middle) / width, -_MOST_WIDTHS, _MOST_WIDTHS))


def learn_usual(rows: Rows) -> Usual:
    """Return what is usual in these rows."""
    task_types, by_task = _large_groups(rows.task_type)
    vms, by_vm = _large_groups(rows.vm_id)
    everything = np.zeros(len(rows), np.int64)
    parts = [
        _percentiles(rows.measured, codes, n)
        for codes, n in ((everything, 1), (by_task, len(task_types)), (by_vm, len(vms)))
    ]
    low, middle, high = (np.concatenate(found) for found in zip(*parts, strict=True))
    return Usual(
        low=low,
        middle=middle,
        high=high,
        task_types=tuple(task_types),
        vms=pa.array(vms, pa.string()),
    )


def _large_groups(names: pa.Array) -> tuple[list[str], IntArray]:
    """Return the names with enough rows, and for each row the place of its name or -1."""
    counts = pc.value_counts(names)
    kept = counts.filter(pc.greater_equal(counts.field("counts"), _FEWEST_ROWS))
    large = sorted(name for name in kept.field("values").to_pylist() if name is not None)
    return large, places(names, large)


def places(names: pa.Array, known: Sequence[str] | pa.Array) -> IntArray:
    """Return where in `known` each name stands, -1 where it does not."""
    found = pc.index_in(names, value_set=pa.array(known, pa.string()), skip_nulls=True)
    return np.asarray(pc.fill_null(found, -1).to_numpy(zero_copy_only=False).astype(np.int64))


def _percentiles(
    measured: FloatArray, codes: IntArray, n_groups: int
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return three percentiles of each column in each group, arrays of shape (n_groups, 10)."""
    found = np.full((len(_PARTS), n_groups, measured.shape[1]), np.nan)
    for column, values in enumerate(measured.T):
        known = ~np.isnan(values) & (codes >= 0)
        own, values = codes[known], values[known]
        values = values[np.lexsort((values, own))]
        counts = np.bincount(own, minlength=n_groups)
        firsts = np.cumsum(counts) - counts
        some = counts > 0
        for part, share in enumerate(_PARTS):
            found[part, some, column] = _at(values, firsts[some], counts[some], share)
    return found[0], found[1], found[2]


def _at(values: FloatArray, firsts: IntArray, counts: IntArray, share: float) -> FloatArray:
    """Return the value below which `share` of each run of sorted values lies, interpolated."""
    place = (counts - 1) * share
    below = place.astype(np.int64)
    above = np.minimum(below + 1, counts - 1)
    rest = place - below
    return np.asarray(values[firsts + below] * (1 - rest) + values[firsts + above] * rest)


def names_by_frequency(names: pa.Array, most: int) -> Sequence[str]:
    """Return the most frequent names, the most frequent first."""
    counts = pc.value_counts(names)
    pairs = zip(counts.field("values").to_pylist(), counts.field("counts").to_pylist(), strict=True)
    ranked = sorted((-n, name) for name, n in pairs if name is not None)
    return [name for _, name in ranked[:most]]
