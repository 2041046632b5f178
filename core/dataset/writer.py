"""Clean tables written as the Parquet file and the CSV file of a dataset version."""

import contextlib
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from core.dataset.fingerprints import IntArray
from core.dataset.layout import Layout
from core.dataset.placing import sync
from core.dataset.scan import CODED_SCHEMA, SCHEMA, Sink
from core.dataset.schema import COLUMNS
from core.dataset.source import Source, file_errors

__all__ = ["Counted", "ParquetWriter", "copy_csv", "write_csv"]

# What saves space without costing a third of the import: numbers hardly repeat, and names that are
# all different neither repeat nor compress.
_WORDS = [spec.name for spec in COLUMNS if spec.kind not in ("number", "time")]
_COMPRESSED = [name for name in _WORDS if name != "vm_id"]
_SEARCHED_BY_RANGE = ["vm_id", "timestamp"]
_ROWS_PER_GROUP = 250_000
_BYTES_PER_GROUP = 128 << 20  # texts may be of any length
_COPIED_BYTES = 256 << 10  # stays in the processor's cache on its way


class Counted:
    """A sink that says how many rows have come, and hands them on."""

    def __init__(self, sink: Sink, on_rows: Callable[[int], None]) -> None:
        self._sink = sink
        self._on_rows = on_rows
        self._n_rows = 0

    def begin(self) -> None:
        """Begin anew."""
        self._n_rows = 0
        self._sink.begin()

    def add(self, table: pa.Table) -> None:
        """Hand rows on, and say how many there are."""
        self._sink.add(table)
        self._n_rows += table.num_rows
        self._on_rows(self._n_rows)

    def drop(self, rows: IntArray) -> None:
        """Hand on which rows do not count after all."""
        self._sink.drop(rows)


class ParquetWriter:
    """A sink that writes a Parquet file to the disk itself, a row group behind whoever adds to it.

    Use it in a `with` statement; the file is complete when that is left without an error.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._pool = ThreadPoolExecutor(max_workers=1)
        self._writer: pq.ParquetWriter | None = None
        self._waiting: list[pa.Table] = []
        self._under_way: Future[None] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        try:
            if kind is None:
                self._finish()
        finally:
            self._pool.shutdown()
            self._close()

    def begin(self) -> None:
        """Start an empty file."""
        self._settle()
        self._close()
        self._waiting.clear()
        self._writer = _parquet(self._path)

    def add(self, table: pa.Table) -> None:
        """Take the next rows."""
        self._waiting.append(table)
        n_rows = sum(part.num_rows for part in self._waiting)
        n_bytes = sum(part.nbytes for part in self._waiting)
        if n_rows >= _ROWS_PER_GROUP or n_bytes >= _BYTES_PER_GROUP:
            self._hand_over()

    def drop(self, rows: IntArray) -> None:
        """Write the file again without some rows."""
        self._finish()
        whole = self._path.with_name(f"{self._path.name}.whole")
        self._path.replace(whole)
        self._writer = _parquet(self._path)
        first = 0
        with pq.ParquetFile(whole) as file:
            for n in range(file.num_row_groups):
                group = file.read_row_group(n)
                kept = np.ones(group.num_rows, np.bool_)
                within = rows[(rows >= first) & (rows < first + group.num_rows)]
                kept[within - first] = False
                self.add(group.filter(pa.array(kept)).cast(CODED_SCHEMA))
                first += group.num_rows
        whole.unlink()

    def _finish(self) -> None:
        if self._waiting:
            self._hand_over()
        self._settle()
        self._close()

    def _hand_over(self) -> None:
        self._settle()
        table = pa.concat_tables(self._waiting)
        self._waiting = []
        self._under_way = self._pool.submit(self._write, table)

    def _write(self, table: pa.Table) -> None:
        if self._writer is not None:
            self._writer.write_table(table, row_group_size=_ROWS_PER_GROUP)
            sync(self._path)  # the disk works meanwhile, and there is no long wait at the end

    def _settle(self) -> None:
        """Wait for what is being written; its error, if any, is raised here."""
        if self._under_way is not None:
            self._under_way.result()
            self._under_way = None

    def _close(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None
            sync(self._path)


def write_csv(parquet: Path, csv: Path, columns: list[str]) -> None:
    """Write columns of a dataset's Parquet file as CSV: UTF-8, commas, times in ISO-8601."""
    with pq.ParquetFile(parquet) as file, csv.open("wb") as target:
        schema = pa.schema([_in_csv(SCHEMA.field(name)) for name in columns])
        with pacsv.CSVWriter(target, schema) as writer:
            for n in range(file.num_row_groups):
                group = file.read_row_group(n, columns)
                writer.write_table(_as_text(group.select(columns), schema))


def copy_csv(source: Source, layout: Layout, csv: Path) -> None:
    """Write the rows of a source as they stand, below the dataset's own names."""
    with csv.open("wb") as target:
        target.write(",".join(name for name in layout.names if name).encode() + b"\n")
        for chunk in _below_header(source, layout):
            target.write(chunk)


def _below_header(source: Source, layout: Layout) -> Iterator[bytes]:
    left = layout.header_bytes
    with file_errors(source.name), source.open_again() as stream:
        while chunk := stream.read(_COPIED_BYTES):
            yield chunk[left:]
            left = max(left - len(chunk), 0)


def _in_csv(field: pa.Field) -> pa.Field:
    return pa.field(field.name, pa.string()) if pa.types.is_timestamp(field.type) else field


def _as_text(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """Return the table with its times as text, with a fraction of a second where one has it."""
    if "timestamp" not in table.column_names:
        return table
    moments = table["timestamp"]
    with contextlib.suppress(pa.ArrowInvalid):  # where it would lose something
        moments = moments.cast(pa.timestamp("s", tz="UTC"))
    text = pc.strftime(moments, "%Y-%m-%dT%H:%M:%SZ")
    return table.set_column(table.column_names.index("timestamp"), schema.field("timestamp"), text)


def _parquet(path: Path) -> pq.ParquetWriter:
    return pq.ParquetWriter(
        path,
        CODED_SCHEMA,
        use_dictionary=_WORDS,
        compression=dict.fromkeys(_COMPRESSED, "snappy"),
        write_statistics=_SEARCHED_BY_RANGE,
        store_schema=False,  # so that it reads back as words, whoever reads it
    )
