"""Recorded hosts as a host-telemetry CSV: read with every fault named, written whole."""

import csv
import difflib
import gzip
import io
import re
import zlib
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TextIO, cast

import numpy as np
import numpy.typing as npt

from core.errors import DataError, MissingDataError, SchemaError
from core.failure.hosts import BoolArray, HostRecord
from core.metrics import METRIC_NAMES, METRICS, FloatArray, MetricSpec
from core.named_files import refuse_stream, written

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["read_hosts", "write_hosts"]

REQUIRED = ("host", "timestamp", *METRIC_NAMES)
OPTIONAL = ("failed", "cause")
# What other programs write where they have no value; an empty cell is ours.
MISSING = ("", "NaN", "nan", "NA", "N/A", "null", "NULL", "None")

IntArray = npt.NDArray[np.int64]

_GZIP_MAGIC = b"\x1f\x8b"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


def read_hosts(path: Path) -> tuple[HostRecord, ...]:
    """Return the hosts of a file (`.csv` or `.csv.gz`), in order of first appearance.

    Times without an offset are taken as UTC. Gaps in time stay gaps. Columns that the format does
    not know are ignored. A single host, or no failure at all, is no fault of the file.

    Raises
    ------
    MissingDataError
        Where there is no file, or no row in it.
    SchemaError
        Where its encoding, its columns or a value is wrong; the sentence names line, column and
        value.
    DataError
        Where it cannot be read, or is a pipe, which can be read only once.
    """
    refuse_stream(path)
    frame = _read_frame(path)

    def refuse(bad: npt.ArrayLike, complaint: Callable[[int], str]) -> None:
        """Refuse the file for its first row that is bad."""
        rows = np.flatnonzero(np.asarray(bad))
        if rows.size:
            row = int(rows[0])
            line = _line_of(path, int(frame.index[row]))
            raise SchemaError(f"{path.name} line {line}: {complaint(row)}.")

    host = frame["host"].to_numpy(dtype=object)
    refuse(host == "", lambda _: "the host is empty")
    at_s = _seconds(frame["timestamp"], refuse)
    values = np.column_stack([_numbers(frame[spec.name], spec, refuse) for spec in METRICS])
    failed, causes = _labels(frame, refuse)
    import pandas as pd

    number, names = pd.factorize(host)
    order = np.argsort(number, kind="stable")
    _check_order(host, number, at_s, order, frame["timestamp"].to_numpy(dtype=object), refuse)
    edges = np.searchsorted(number[order], np.arange(len(names) + 1))
    return tuple(
        HostRecord(
            host=str(name),
            at_s=at_s[rows],
            values=values[rows],
            failed=failed[rows],
            causes=causes[rows],
        )
        for name, rows in zip(names, np.split(order, edges[1:-1]), strict=True)
    )


def write_hosts(records: Iterable[HostRecord], path: Path) -> None:
    """Write hosts as a host-telemetry CSV, compressed where `path` ends in `.gz`.

    Times are written to the microsecond. The same records give the same bytes. DataError where the
    file cannot be written; what stood there before is then still there.
    """
    import pandas as pd

    records = list(records)
    n_steps = [record.at_s.size for record in records]
    frame = pd.DataFrame({"host": np.repeat([record.host for record in records], n_steps)})
    moments = np.concatenate([record.at_s for record in records] or [np.empty(0)])
    micros = np.rint(moments * 1e6).astype("int64")
    unit = "us" if (micros % 1_000_000).any() else "s"
    frame["timestamp"] = np.datetime_as_string(
        micros.astype("datetime64[us]").astype(f"datetime64[{unit}]"), timezone="UTC"
    ).astype(object)
    values = np.concatenate([record.values for record in records] or [np.empty((0, len(METRICS)))])
    for column, name in enumerate(METRIC_NAMES):
        frame[name] = _shortest(pd.Series(values[:, column])).array
    failed = [record.failed for record in records] or [np.empty(0, dtype=bool)]
    frame["failed"] = np.concatenate(failed).astype(int)
    frame["cause"] = np.concatenate([r.causes for r in records] or [np.empty(0, object)])
    with written(path) as raw, _packed(raw, path) as file:
        text = io.TextIOWrapper(cast("IO[bytes]", file), encoding="utf-8", newline="")
        frame.to_csv(text, index=False, lineterminator="\n")
        text.flush()
        text.detach()


def _packed(raw: IO[bytes], path: Path) -> AbstractContextManager[Any]:
    """Return the file to write into; a gzip header holds no name and no time here."""
    if path.suffix == ".gz":
        return gzip.GzipFile(filename="", mode="wb", compresslevel=6, fileobj=raw, mtime=0)
    return raw


def _shortest(column: "pd.Series[float]") -> "pd.Series[Any]":
    """Return a column of whole numbers as such, so that 67 processes are not written as 67.0."""
    if ((column % 1 == 0) | column.isna()).all() and column.abs().max() < 2**53:
        return column.astype("Int64")
    return column


def _open_bytes(path: Path) -> IO[bytes]:
    """Open a file, unpacked where it is compressed (told by its first bytes, not by its name)."""
    with path.open("rb") as file:
        magic = file.read(2)
    return cast("IO[bytes]", gzip.open(path)) if magic == _GZIP_MAGIC else path.open("rb")


def _open_text(path: Path) -> TextIO:
    return io.TextIOWrapper(_open_bytes(path), encoding="utf-8-sig", newline="")


def _read_frame(path: Path) -> "pd.DataFrame":
    """Return the rows as text and numbers; the index counts the rows in the file, from 0."""
    import pandas as pd

    try:
        header = _checked_header(path)
        with _open_text(path) as text:
            frame = pd.read_csv(
                text,
                index_col=False,
                dtype=dict.fromkeys(("host", "timestamp", *OPTIONAL), str),
                keep_default_na=False,
                na_values={name: MISSING for name in METRIC_NAMES},
                skipinitialspace=True,
                skip_blank_lines=False,  # so that row numbers tell lines
                low_memory=False,
            )
    except FileNotFoundError as error:
        raise MissingDataError(f"There is no file {path}.") from error
    except UnicodeDecodeError as error:
        raise SchemaError(_encoding_complaint(path)) from error
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise SchemaError(
            f"{path.name} is a damaged gzip file ({error}); copy it again."
        ) from error
    except OSError as error:
        raise DataError(f"{path.name} cannot be read: {error.strerror or error}.") from error
    except (pd.errors.ParserError, csv.Error) as error:
        raise SchemaError(_parser_complaint(path, str(error))) from error
    frame = frame[[name for name in header if name in REQUIRED + OPTIONAL]]
    texts = frame.columns.intersection(["host", "timestamp", *OPTIONAL])
    frame = frame.fillna(dict.fromkeys(texts, ""))
    blank = (frame["host"] == "") & (frame["timestamp"] == "")
    blank &= frame[list(METRIC_NAMES)].isna().all(axis=1)
    frame = frame[~blank]
    if frame.empty:
        raise MissingDataError(f"{path.name} has column names and no row of data.")
    return frame


def _checked_header(path: Path) -> list[str]:
    """Return the names of the columns, all of which are there, and once each."""
    with _open_bytes(path) as file:
        start = file.read(65_536)
    if start.startswith(_UTF16_MARKS):
        raise SchemaError(f"{path.name} is encoded in UTF-16; save it as UTF-8.")
    if b"\0" in start:
        raise SchemaError(f"{path.name} is no CSV file: it holds binary data; export it as CSV.")
    with _open_text(path) as text:
        rows = csv.reader(text, skipinitialspace=True)
        header = next(rows, None)
        first = next(rows, [])
    if header is None:
        raise MissingDataError(f"{path.name} is empty.")
    missing = [name for name in REQUIRED if name not in header]
    if missing and len(header) == 1 and (mark := re.search("[;\t|]", header[0])):
        raise SchemaError(f"{path.name} separates its columns by {mark[0]!r}; a comma is needed.")
    if missing:
        raise SchemaError(f"{path.name} line 1: missing {_with_nearest(missing, header)}.")
    for name in REQUIRED + OPTIONAL:
        if header.count(name) > 1:
            raise SchemaError(f"{path.name} line 1: the column {name} is there twice.")
    if len(first) > len(header):
        raise SchemaError(
            f"{path.name} line 2 has {len(first)} values, and line 1 names {len(header)} columns."
        )
    return header


def _with_nearest(missing: list[str], header: list[str]) -> str:
    """Return the missing columns, each with the unknown column that may be meant."""
    others = [name for name in header if name not in REQUIRED + OPTIONAL]
    said = []
    for name in missing:
        near = difflib.get_close_matches(name, others, n=1)
        said.append(f"{name} (found {near[0]!r} instead)" if near else name)
    return ("column " if len(said) == 1 else "columns ") + ", ".join(said)


def _seconds(column: "pd.Series[str]", refuse: Callable[..., None]) -> FloatArray:
    """Return the timestamps in seconds since 1970 (UTC)."""
    import pandas as pd

    at = pd.to_datetime(column, format="ISO8601", utc=True, errors="coerce")
    # pandas also reads words such as "now".
    bad = at.isna() | ~column.str.match(r"\d{4}")
    refuse(
        bad,
        lambda row: (
            f"timestamp holds {column.iloc[row][:40]!r}, not an ISO-8601 time such as "
            "2026-01-31T14:05:00Z"
        ),
    )
    micros: IntArray = at.dt.tz_localize(None).to_numpy().astype("datetime64[us]").astype(np.int64)
    seconds: FloatArray = micros / 1e6
    return seconds


def _numbers(column: "pd.Series[Any]", spec: MetricSpec, refuse: Callable[..., None]) -> FloatArray:
    """Return a metric's values, NaN where a cell is empty."""
    import pandas as pd

    values: FloatArray
    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        values = column.to_numpy(dtype=float, na_value=np.nan)
    else:
        words = column.map(str, na_action="ignore")
        values = pd.to_numeric(words, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
        refuse(
            np.isnan(values) & column.notna().to_numpy(),
            lambda row: f"{spec.name} holds {words.iloc[row][:40]!r}, which is not a number",
        )
    refuse(np.isinf(values), lambda _: f"{spec.name} is infinite")
    refuse(
        values < spec.low,
        lambda row: f"{spec.name} is {values[row]:.15g}, and cannot be below {spec.low:g}",
    )
    high = np.inf if spec.high is None else spec.high
    refuse(
        values > high,
        lambda row: f"{spec.name} is {values[row]:.15g}, and cannot be above {high:g}",
    )
    return values


def _labels(
    frame: "pd.DataFrame", refuse: Callable[..., None]
) -> tuple[BoolArray, npt.NDArray[np.object_]]:
    """Return where the host is down, and the metric at fault; false and "" where not told."""
    failed = np.zeros(len(frame), dtype=bool)
    causes = np.full(len(frame), "", dtype=object)
    if "failed" in frame:
        down = frame["failed"].str.strip()
        failed = down.isin(["1", "1.0"]).to_numpy(dtype=bool)
        refuse(
            ~failed & ~down.isin(["0", "0.0"]).to_numpy(dtype=bool),
            lambda row: f"failed must be 0 or 1, and is {down.iloc[row][:40]!r}",
        )
    if "cause" in frame:
        causes = frame["cause"].str.strip().to_numpy(dtype=object)
        refuse(
            ~np.isin(causes.astype(str), ["", *METRIC_NAMES]),
            lambda row: (
                f"cause is {causes[row][:40]!r}, and must be empty or one of "
                f"{', '.join(METRIC_NAMES)}"
            ),
        )
    return failed, causes


def _check_order(
    host: npt.NDArray[np.object_],
    number: npt.NDArray[np.intp],
    at_s: FloatArray,
    order: npt.NDArray[np.intp],
    stamps: npt.NDArray[np.object_],
    refuse: Callable[..., None],
) -> None:
    """Refuse a host whose time does not go forward from row to row."""
    same_host = np.diff(number[order]) == 0
    stuck = np.zeros(at_s.size, dtype=bool)
    stuck[order[1:][same_host & (np.diff(at_s[order]) <= 0)]] = True

    def complaint(row: int) -> str:
        earlier = np.flatnonzero(number[:row] == number[row])
        if (at_s[earlier] == at_s[row]).any():
            return f"host {host[row]} has the timestamp {stamps[row]} a second time"
        return (
            f"host {host[row]} goes back in time, from {stamps[earlier[-1]]} to {stamps[row]}; "
            "sort the rows of each host by time"
        )

    refuse(stuck, complaint)


def _line_of(path: Path, row: int) -> int:
    """Return the line of the file in which a row ends; quoted text may run over several lines."""
    with _open_text(path) as text:
        rows = csv.reader(text, skipinitialspace=True)
        for _ in range(row + 2):
            next(rows)
        return rows.line_num


def _encoding_complaint(path: Path) -> str:
    """Return where the first byte stands that is not UTF-8."""
    with _open_bytes(path) as lines:
        for number, line in enumerate(lines, 1):
            try:
                line.decode()
            except UnicodeDecodeError as error:
                return (
                    f"{path.name} line {number}: the byte 0x{line[error.start]:02x} is not UTF-8; "
                    "save the file as UTF-8."
                )
    return f"{path.name} is not UTF-8; save it as UTF-8."


def _parser_complaint(path: Path, error: str) -> str:
    """Return in our words what the CSV parser found."""
    if found := re.search(r"Expected (\d+) fields in line (\d+), saw (\d+)", error):
        expected, line, saw = found.groups()
        return f"{path.name} line {line} has {saw} values, and line 1 names {expected} columns."
    if found := re.search(r"EOF inside string starting at row (\d+)", error):
        return f"{path.name} line {int(found[1]) + 1}: a quotation mark is opened and never closed."
    return f"{path.name} cannot be read as CSV ({error.strip()})."
