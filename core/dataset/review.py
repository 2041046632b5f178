"""A file looked at before it becomes the dataset: what it holds, what is wrong, what would change.

`review` is a function for `core.background`.
"""

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from core import quantities
from core.background import Progress
from core.dataset.archive import Prepared, current, prepare, versions
from core.dataset.comparison import Comparison, compare
from core.dataset.layout import header_of
from core.dataset.report import UnusedColumn
from core.dataset.source import Source
from core.dataset.unpacked import unpacked_bytes
from core.errors import DataError, MissingDataError, SchemaError

__all__ = ["Preview", "Review", "review"]

_PREVIEW_ROWS = 10
_PREVIEW_CHARACTERS = 200
_READ_SHARE = 0.8  # of the time; the rest is comparing


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """The first rows: `lines` as they stand in the file, `rows` as they were understood."""

    lines: tuple[str, ...]
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """What would become of a file as the dataset; nothing has changed yet.

    Attributes
    ----------
    prepared : Prepared or None
        What `adopt` makes the dataset; None where the file cannot be used, and `refusal` says why.
    looks_like : tuple of UnusedColumn
        Columns of the file under other names than ours, with the nearest of ours that is free.
    comparison : Comparison or None
        With the active dataset; None where there is none.
    same_as : str
        The stored version that holds the same data, "" for none.
    """

    prepared: Prepared | None
    refusal: str
    preview: Preview
    looks_like: tuple[UnusedColumn, ...]
    comparison: Comparison | None = None
    same_as: str = ""


def review(
    path: Path,
    name: str,
    rename: Mapping[str, str],
    data_dir: Path,
    folder: Path,
    unpacked_limit_bytes: int,
    progress: Progress,
) -> Review:
    """Read a file, write it into `folder` as a version to be, and compare it with the dataset.

    Parameters
    ----------
    path : Path
        The file.
    name : str
        What messages call it.
    rename : mapping of str to str
        Names in the file and the columns of the dataset that they stand for.
    data_dir, folder : Path
        Where the dataset is, and a folder on the same filesystem; what was in it is removed.
    unpacked_limit_bytes : int
        How large the content of a gzipped file may be.

    Raises
    ------
    DataError
        The file cannot be used, whatever its columns are called; or the disk is full.
    """
    progress(0.0, "Looking into the file")
    n_bytes = unpacked_bytes(path, name, unpacked_limit_bytes, "ten times what may be uploaded")
    source = Source(path, name)
    preview = Preview(lines=_first_lines(source))
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    try:
        prepared = prepare(
            path, folder, name=name, rename=rename, on_rows=_reader(source, n_bytes, progress)
        )
    except SchemaError as error:
        shutil.rmtree(folder, ignore_errors=True)
        header = header_of(source, rename)
        return Review(
            prepared=None, refusal=str(error), preview=preview, looks_like=_alike(header.unused)
        )
    except BaseException:  # Ctrl-C and a cancelled work included
        shutil.rmtree(folder, ignore_errors=True)
        raise
    progress(_READ_SHARE, "Comparing it with the present dataset")
    return Review(
        prepared=prepared,
        refusal="",
        preview=_first_rows(prepared, preview),
        looks_like=_alike(prepared.report.unused_columns),
        comparison=_compared(prepared, data_dir),
        same_as=_same_as(prepared, data_dir),
    )


def _reader(source: Source, n_bytes: int, progress: Progress) -> Callable[[int], None]:
    """Return what turns rows read into progress, by how long the first rows are."""
    beginning = source.beginning()
    per_row = len(beginning.encode("utf-8", "replace")) / max(beginning.count("\n"), 1)
    n_rows = max(n_bytes / max(per_row, 1.0), 1.0)

    def on_rows(n_read: int) -> None:
        progress(_READ_SHARE * min(n_read / n_rows, 1.0), f"{n_read:,} rows read")

    return on_rows


def _first_lines(source: Source) -> tuple[str, ...]:
    lines = islice(source.beginning().lstrip("\ufeff").splitlines(), _PREVIEW_ROWS + 1)
    return tuple(line[:_PREVIEW_CHARACTERS] for line in lines)


def _first_rows(prepared: Prepared, preview: Preview) -> Preview:
    columns = [column.name for column in prepared.report.columns]
    try:
        with pq.ParquetFile(prepared.parquet) as file:
            batch = next(file.iter_batches(batch_size=_PREVIEW_ROWS, columns=columns), None)
    except (OSError, pa.ArrowException) as error:
        raise DataError(f"The rows that were read cannot be read again ({error}).") from error
    rows = [] if batch is None else batch.slice(0, _PREVIEW_ROWS).to_pylist()
    return Preview(
        lines=preview.lines,
        columns=tuple(columns),
        rows=tuple(tuple(_cell(row[name]) for name in columns) for row in rows),
    )


def _cell(value: object) -> str:
    if isinstance(value, datetime):
        return quantities.utc(value)
    return "" if value is None else str(value)[:_PREVIEW_CHARACTERS]


def _alike(unused: tuple[UnusedColumn, ...]) -> tuple[UnusedColumn, ...]:
    """Return the first column for each of ours that is alike."""
    first: dict[str, UnusedColumn] = {}
    for column in unused:
        if column.looks_like is not None:
            first.setdefault(column.looks_like, column)
    return tuple(first.values())


def _compared(prepared: Prepared, data_dir: Path) -> Comparison | None:
    try:
        active = current(data_dir)
    except MissingDataError:
        return None
    return compare(active, prepared.report, prepared.parquet)


def _same_as(prepared: Prepared, data_dir: Path) -> str:
    same = [one.version for one in versions(data_dir) if one.data_hash == prepared.data_hash]
    return same[-1] if same else ""
