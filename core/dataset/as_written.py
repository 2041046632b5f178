"""A dataset file with its cells as they stand in it, beside what they mean."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from core.dataset.derive import with_derived
from core.dataset.fingerprints import IntArray
from core.dataset.report import DatasetReport
from core.dataset.rows import Rows, prefetched
from core.dataset.scan import SCHEMA, scan
from core.dataset.source import Source
from core.dataset.unpacked import unpacked_bytes

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["AsWritten", "read_as_written"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AsWritten:
    """All rows of a file that are as long as its header, in its order.

    `header` and `rows()` are what stands there, columns included that the dataset has no place for.
    `frame` has the same n rows as `load` hands them out, missing throughout where a row is empty.
    Repeated rows are there as often as in the file, whatever `report` says of them.
    """

    header: tuple[str, ...]
    cells: tuple[pa.RecordBatch, ...]
    frame: "pd.DataFrame"
    report: DatasetReport

    def rows(self) -> Iterator[tuple[str, ...]]:
        """Yield the cells of each row, "" where nothing stands."""
        for batch in self.cells:
            columns = [column.fill_null("").to_pylist() for column in batch.columns]
            yield from zip(*columns, strict=True)


class _Every:
    """Keeps all rows, repeated ones as well."""

    def __init__(self) -> None:
        self.tables: list[pa.Table] = []

    def begin(self) -> None:
        self.tables.clear()

    def add(self, table: pa.Table) -> None:
        self.tables.append(table)

    def drop(self, rows: IntArray) -> None:
        pass


def read_as_written(
    data: Path | str | bytes, *, name: str | None = None, unpacked_limit_bytes: int | None = None
) -> AsWritten:
    """Return a dataset file with nothing left out but rows of another length than the header.

    Arguments and errors are those of `read`. The file is read twice: what its cells mean is known
    when all of it was seen. All of it is held in memory, ten times its size: a gzipped file whose
    content is larger than `unpacked_limit_bytes` is refused, with a DataError, before that.
    """
    if unpacked_limit_bytes is not None:
        file = data if isinstance(data, bytes) else Path(data)
        called = name or (file.name if isinstance(file, Path) else "The file")
        unpacked_bytes(file, called, unpacked_limit_bytes, "as much as may be uploaded")
    source = Source(data, name)
    sink = _Every()
    finished = scan(source, sink, {})
    report = finished.report()
    batches = []
    holds_something = []
    for batch in prefetched(Rows(source, finished.layout, keeps_empty=True).batches()):
        cells = pa.RecordBatch.from_arrays(
            list(batch.cells), [str(n) for n in range(len(batch.cells))]
        )
        batches.append(cells)
        holds_something.append(_holds_something(cells))
    table = pa.concat_tables(sink.tables).cast(SCHEMA)
    held = np.concatenate(holds_something)
    positions = pa.array(np.cumsum(held) - 1, mask=~held)
    return AsWritten(
        header=finished.layout.header,
        cells=tuple(batches),
        frame=with_derived(table.take(positions).to_pandas()),
        report=report,
    )


def _holds_something(cells: pa.RecordBatch) -> npt.NDArray[np.bool_]:
    held = np.zeros(cells.num_rows, dtype=np.bool_)
    for column in cells.columns:
        held |= column.is_valid().to_numpy(zero_copy_only=False)
    return held
