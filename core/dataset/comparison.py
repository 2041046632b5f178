"""What a new dataset has that the present one has not: rows, times, machines, values, drift."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from core.dataset.manifest import ImportedDataset
from core.dataset.report import DatasetReport
from core.dataset.schema import COLUMNS, DEMO_COLUMN, ColumnKind
from core.drift import Drift, bin_edges, drift, in_bins
from core.errors import DataError
from core.metrics import FloatArray

__all__ = ["ColumnChange", "Comparison", "NameChange", "compare"]

_SHOWN_NAMES = 10
# Beyond these many frequent values a category is one of the others: rare ones say little of drift,
# and each makes the number of rows that it takes grow.
_OWN_BINS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class NameChange:
    """Names that came and went: how many different ones, and the first few by name."""

    n_before: int
    n_after: int
    n_new: int
    n_vanished: int
    first_new: tuple[str, ...]
    first_vanished: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnChange:
    """How one column that both datasets have differs.

    `mean_before` and `mean_after` are those of numbers, in the unit that is stored; `names` tells
    of categories. The missing shares (0-1) are those of all rows.
    """

    name: str
    kind: ColumnKind
    drift: Drift
    missing_before: float
    missing_after: float
    mean_before: float | None = None
    mean_after: float | None = None
    names: NameChange | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """How a new dataset differs from `version`, the active one.

    Times are in ISO-8601, UTC; None where no row has one. `columns` are those of both.
    """

    version: str
    rows_before: int
    rows_after: int
    first_before: str | None
    last_before: str | None
    first_after: str | None
    last_after: str | None
    machines: NameChange | None
    columns: tuple[ColumnChange, ...]
    only_before: tuple[str, ...]
    only_after: tuple[str, ...]


def compare(before: ImportedDataset, after: DatasetReport, parquet: Path) -> Comparison:
    """Return how a dataset that was prepared differs from a stored one.

    One column at a time is in memory.

    Parameters
    ----------
    before : ImportedDataset
    after : DatasetReport
        Of the new dataset.
    parquet : Path
        Its rows.

    Raises
    ------
    DataError
        One of the files cannot be read.
    """
    old = [column.name for column in before.report.columns if column.name != DEMO_COLUMN]
    new = [column.name for column in after.columns if column.name != DEMO_COLUMN]
    first_before, last_before = _span(before.report)
    first_after, last_after = _span(after)
    try:
        with pq.ParquetFile(before.parquet) as one, pq.ParquetFile(parquet) as other:
            has_machines = "vm_id" in old or "vm_id" in new
            return Comparison(
                version=before.version,
                rows_before=before.report.rows_kept,
                rows_after=after.rows_kept,
                first_before=first_before,
                last_before=last_before,
                first_after=first_after,
                last_after=last_after,
                machines=_names(_all(one, "vm_id"), _all(other, "vm_id")) if has_machines else None,
                columns=tuple(_changes(one, other, set(old) & set(new))),
                only_before=tuple(name for name in old if name not in new),
                only_after=tuple(name for name in new if name not in old),
            )
    except (OSError, pa.ArrowException) as error:
        raise DataError(
            f"The new dataset cannot be compared with {before.version}: {error}."
        ) from error


def _span(report: DatasetReport) -> tuple[str | None, str | None]:
    column = report.column("timestamp")
    if column is None or column.minimum is None or column.maximum is None:
        return None, None
    return str(column.minimum), str(column.maximum)


def _changes(one: pq.ParquetFile, other: pq.ParquetFile, names: set[str]) -> Iterator[ColumnChange]:
    for spec in COLUMNS:
        if spec.name not in names:
            continue
        if spec.kind in ("number", "flag"):
            before, after = _numbers(one, spec.name), _numbers(other, spec.name)
            edges = np.array([0.0]) if spec.kind == "flag" else bin_edges(before)
            yield ColumnChange(
                name=spec.name,
                kind=spec.kind,
                drift=drift(in_bins(before, edges), in_bins(after, edges)),
                missing_before=_missing(before),
                missing_after=_missing(after),
                mean_before=_mean(before),
                mean_after=_mean(after),
            )
        elif spec.kind == "category":
            was, is_now = _all(one, spec.name), _all(other, spec.name)
            yield ColumnChange(
                name=spec.name,
                kind=spec.kind,
                drift=_drift_of_words(was, is_now),
                missing_before=was.null_count / max(len(was), 1),
                missing_after=is_now.null_count / max(len(is_now), 1),
                names=_names(was, is_now),
            )


def _numbers(file: pq.ParquetFile, name: str) -> FloatArray:
    column = file.read(columns=[name]).column(0).cast(pa.float64())
    return np.asarray(column.to_numpy(zero_copy_only=False), dtype=np.float64)


def _all(file: pq.ParquetFile, name: str) -> pa.ChunkedArray:
    return file.read(columns=[name]).column(0).cast(pa.string())


def _missing(values: FloatArray) -> float:
    return float(np.isnan(values).mean()) if values.size else 0.0


def _mean(values: FloatArray) -> float | None:
    known = values[np.isfinite(values)]
    return float(known.mean()) if known.size else None


def _drift_of_words(before: pa.ChunkedArray, after: pa.ChunkedArray) -> Drift:
    """Return the drift over the most frequent words of both; what is rarer is one bin."""
    counts = [_counts(before), _counts(after)]
    total: dict[str, int] = {}
    for count in counts:
        n_all = max(sum(count.values()), 1)
        for word, n in count.items():
            total[word] = max(total.get(word, 0), round(1e9 * n / n_all))
    own = sorted(total, key=lambda word: (-total[word], word))[:_OWN_BINS]
    bins = [
        np.array([*(count.get(word, 0) for word in own), _others(count, own)]) for count in counts
    ]
    if not any(found[-1] for found in bins):
        bins = [found[:-1] for found in bins]
    return drift(bins[0], bins[1])


def _counts(column: pa.ChunkedArray) -> dict[str, int]:
    found = pc.value_counts(column.drop_null())
    return {entry["values"].as_py(): entry["counts"].as_py() for entry in found}


def _others(count: dict[str, int], own: list[str]) -> int:
    return sum(count.values()) - sum(count.get(word, 0) for word in own)


def _names(before: pa.ChunkedArray, after: pa.ChunkedArray) -> NameChange:
    old, new = pc.unique(before.drop_null()), pc.unique(after.drop_null())
    came = new.filter(pc.invert(pc.is_in(new, value_set=old)))
    went = old.filter(pc.invert(pc.is_in(old, value_set=new)))
    return NameChange(
        n_before=len(old),
        n_after=len(new),
        n_new=len(came),
        n_vanished=len(went),
        first_new=tuple(came.sort()[:_SHOWN_NAMES].to_pylist()),
        first_vanished=tuple(went.sort()[:_SHOWN_NAMES].to_pylist()),
    )
