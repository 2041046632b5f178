"""A file of one series: `timestamp,value`."""

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import numpy as np

from core.errors import DataError, MissingDataError, SchemaError
from core.metrics import FloatArray
from core.named_files import refuse_stream

__all__ = ["MeasuredValues", "holds_one_series", "read_values"]

_COLUMNS = ("timestamp", "value")
_GZIP = b"\x1f\x8b"
_DAY_DIGITS = 8


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MeasuredValues:
    """Times (seconds since 1970, UTC) and values of shape (n,), NaN where a cell was empty.

    `n_unusable` lines were left out, `first_unusable` is the number of the first of them.
    """

    at_s: FloatArray
    values: FloatArray
    n_unusable: int
    first_unusable: int | None


def holds_one_series(path: Path) -> bool:
    """Whether the file's header names the columns timestamp and value, and no machine.

    Raises
    ------
    MissingDataError
        There is no such file.
    DataError
        It cannot be read.
    """
    with _opened(path) as text:
        names = _names(text.readline())
    return set(_COLUMNS) <= set(names) and "vm_id" not in names


def read_values(path: Path) -> MeasuredValues:
    """Return the series of a CSV file, plain or gzipped.

    Times are ISO 8601 (UTC where they name no zone) or seconds since 1970.

    Raises
    ------
    MissingDataError
        There is no such file, or no row in it.
    SchemaError
        Its columns are others, or no row can be read.
    DataError
        It cannot be read at all.
    """
    at_s, values, unusable = [], [], []
    first_row = ""
    with _opened(path) as text:
        names = _names(text.readline())
        if not set(_COLUMNS) <= set(names):
            found = ", ".join(repr(name[:40]) for name in names[:12]) or "none"
            raise SchemaError(f"{path.name} needs the columns timestamp and value; found: {found}.")
        at_column, value_column = (names.index(name) for name in _COLUMNS)
        # A cell with a line break is none of ours; plain lines keep their numbers.
        for number, line in enumerate(text, start=2):
            cells = line.strip().split(",")
            if not any(cells):
                continue
            first_row = first_row or line.strip()
            try:
                at, value = _seconds(_cell(cells[at_column])), _number(_cell(cells[value_column]))
            except (ValueError, IndexError, OverflowError, OSError):
                unusable.append(number)
                continue
            at_s.append(at)
            values.append(value)
    if not values and not unusable:
        raise MissingDataError(f"{path.name} has a header and no rows below it.")
    if not values:
        raise SchemaError(
            f"No row of {path.name} can be read, the first one is {first_row[:60]!r}; needed are "
            "an ISO 8601 time and a number."
        )
    return MeasuredValues(
        at_s=np.array(at_s),
        values=np.array(values),
        n_unusable=len(unusable),
        first_unusable=unusable[0] if unusable else None,
    )


@contextmanager
def _opened(path: Path) -> Iterator[IO[str]]:
    refuse_stream(path)
    if not path.is_file():
        raise MissingDataError(f"{path.name} is not there; name a CSV file.")
    try:
        with path.open("rb") as raw:
            is_packed = raw.read(2) == _GZIP
        opened = gzip.open if is_packed else open
        with opened(path, "rt", encoding="utf-8-sig", errors="replace", newline="") as text:
            yield text
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(
            f"{path.name} cannot be read ({error}); is the whole file there?"
        ) from error


def _names(header: str) -> list[str]:
    return [_cell(name).lower() for name in header.split(",")]


def _cell(text: str) -> str:
    return text.strip().strip('"').strip()


def _seconds(text: str) -> float:
    whole = text.partition(".")[0]
    # Eight digits are a day (20260131), any other number of them are seconds.
    if not whole.isdigit() or len(whole) == _DAY_DIGITS:
        at = datetime.fromisoformat(text)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
    # Refuses what is no moment.
    return datetime.fromtimestamp(float(text), UTC).timestamp()


def _number(text: str) -> float:
    return float(text) if text else float("nan")
