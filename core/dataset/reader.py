"""Dataset files read: clean columns, and a report of everything that was wrong."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa

from core.dataset.fingerprints import IntArray
from core.dataset.report import DatasetReport
from core.dataset.scan import SCHEMA, scan
from core.dataset.source import Source

__all__ = ["check", "read"]


class _Collected:
    """Keeps all tables."""

    def __init__(self) -> None:
        self.tables: list[pa.Table] = []

    def begin(self) -> None:
        self.tables.clear()

    def add(self, table: pa.Table) -> None:
        self.tables.append(table)

    def drop(self, rows: IntArray) -> None:
        table = pa.concat_tables(self.tables)
        kept = np.ones(table.num_rows, np.bool_)
        kept[rows] = False
        self.tables = [table.filter(pa.array(kept))]


class _Dropped:
    """Keeps nothing."""

    def begin(self) -> None:
        pass

    def add(self, table: pa.Table) -> None:
        pass

    def drop(self, rows: IntArray) -> None:
        pass


def read(
    data: Path | str | bytes, *, name: str | None = None, rename: Mapping[str, str] | None = None
) -> tuple[pa.Table, DatasetReport]:
    """Return the clean rows of a dataset file and the report of what was found in it.

    Parameters
    ----------
    data : path or bytes
        A CSV file in UTF-8 (with or without BOM), UTF-16, Latin-1 or Windows-1252, separated by
        comma, semicolon, tab or bar, plain or gzipped; or the bytes of one.
    name : str, optional
        What messages call it; by default the file's name.
    rename : mapping of str to str, optional
        Names in the file and the columns of the dataset that they stand for.

    Returns
    -------
    pyarrow.Table
        The columns of `SCHEMA`, in the file's order of rows; CPU and memory in percent.
    DatasetReport

    Raises
    ------
    MissingDataError
        There is no such file, or no row in it.
    SchemaError
        It does not have the columns that every dataset needs.
    DataError
        It is no CSV text, or cannot be read.
    """
    sink = _Collected()
    finished = scan(Source(data, name), sink, rename or {})
    report = finished.report()
    return pa.concat_tables(sink.tables).cast(SCHEMA), report


def check(
    data: Path | str | bytes, *, name: str | None = None, rename: Mapping[str, str] | None = None
) -> DatasetReport:
    """Return the report of a dataset file; arguments and errors are those of `read`.

    Its rows are not kept, so that the memory it takes does not grow with the file.
    """
    return scan(Source(data, name), _Dropped(), rename or {}).report()
