"""Rows of the dataset as arrays, in batches or as a sample of bounded size."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from core.dataset.derive import RATIOS, TIME_PARTS, derived
from core.dataset.overview.engine import Engine
from core.dataset.overview.filters import Condition
from core.dataset.overview.results import IntArray
from core.dataset.schema import NUMBER_NAMES, TASK_NAMES
from core.metrics import FloatArray

__all__ = ["MEASURED", "N_FOLDS", "BoolArray", "Rows", "batches", "sample"]

BoolArray = npt.NDArray[np.bool_]

MEASURED = (*NUMBER_NAMES, *RATIOS)
"""The columns that can be unusual: what was measured, then the ratios that follow from it."""

N_FOLDS = 3
_BATCH_ROWS = 25_000
_PARTS_PER_MILLION = 1_000_000
_HOUR, _WEEKDAY, _ = TIME_PARTS

# The condition put into this holds names of columns and parameters only: see Filters.
_SELECT = f"""
SELECT file_row_number, epoch_us(timestamp) AS micros, vm_id, {", ".join(TASK_NAMES)},
    anomaly_status, {", ".join(NUMBER_NAMES)}, (hash(vm_id) % {N_FOLDS})::TINYINT AS vm_fold
FROM fleet WHERE {{condition}}
"""  # noqa: S608


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rows:
    """Some rows; arrays of shape (n,) unless said otherwise.

    `number` is the row's place in the file, `at` its time in UTC or NaT. Names are Arrow strings,
    null where missing, which take a fifth of the memory of Python's. `label` is the anomaly status,
    -1 where there is none. `measured` of shape (n, 10) holds `MEASURED`, NaN where missing. Rows of
    one VM have the same `vm_fold` (0 to 2).
    """

    number: IntArray
    at: npt.NDArray[np.datetime64]
    vm_id: pa.Array
    task_type: pa.Array
    task_priority: pa.Array
    task_status: pa.Array
    label: IntArray
    measured: FloatArray
    hour: FloatArray
    weekday: FloatArray
    vm_fold: IntArray

    def __len__(self) -> int:
        return self.number.size

    def where(self, chosen: BoolArray | IntArray) -> "Rows":
        """Return the chosen rows."""
        indices = np.flatnonzero(chosen) if chosen.dtype == np.bool_ else chosen
        return Rows(
            **{
                part.name: values.take(pa.array(indices))
                if isinstance(values := getattr(self, part.name), pa.Array)
                else values[indices]
                for part in fields(self)
            }
        )

    def with_measured(self, measured: FloatArray) -> "Rows":
        """Return the same rows with other measurements."""
        return replace(self, measured=measured)

    @classmethod
    def joined(cls, parts: Sequence["Rows"]) -> "Rows":
        """Return the rows of all parts, of which there must be one."""
        columns = {part.name: [getattr(rows, part.name) for rows in parts] for part in fields(cls)}
        return cls(
            **{
                name: pa.concat_arrays(values)
                if isinstance(values[0], pa.Array)
                else np.concatenate(values)
                for name, values in columns.items()
            }
        )


def batches(engine: Engine, condition: Condition) -> Iterator[Rows]:
    """Yield the rows that count, 25,000 at a time and in no order."""
    sql = _SELECT.format(condition=condition.sql)
    for batch in engine.batches(sql, condition.parameters, _BATCH_ROWS):
        yield _rows(batch)


def sample(engine: Engine, n_total: int, n_wanted: int) -> Iterator[Rows]:
    """Yield an even sample of about `n_wanted` of the `n_total` rows, the same one every time."""
    share = min(_PARTS_PER_MILLION, n_wanted * _PARTS_PER_MILLION // max(n_total, 1))
    condition = Condition(
        sql=f"hash(file_row_number) % {_PARTS_PER_MILLION} < $share", parameters={"share": share}
    )
    yield from batches(engine, condition)


def _rows(batch: pa.RecordBatch) -> Rows:
    def number(name: str) -> FloatArray:
        values = batch.column(name).cast(pa.float64())
        return np.asarray(values.to_numpy(zero_copy_only=False))

    micros = batch.column("micros")
    at = np.asarray(micros.cast(pa.timestamp("us")).to_numpy(zero_copy_only=False))
    numbers = {name: number(name) for name in NUMBER_NAMES}
    more = derived(numbers, at)
    label = number("anomaly_status")
    return Rows(
        number=number("file_row_number").astype(np.int64),
        at=at.astype("datetime64[us]"),
        vm_id=batch.column("vm_id").cast(pa.string()),
        **{name: batch.column(name).cast(pa.string()) for name in TASK_NAMES},
        label=np.where(np.isnan(label), -1, label).astype(np.int64),
        measured=np.column_stack([(numbers | more)[name] for name in MEASURED]),
        hour=more[_HOUR],
        weekday=more[_WEEKDAY],
        vm_fold=np.nan_to_num(number("vm_fold")).astype(np.int64),
    )
