"""How a dataset file is laid out: its separator, its header, and which column is which."""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from core.dataset.report import DatasetKind, MissingColumn, UnusedColumn
from core.dataset.schema import COLUMN_NAMES, DEMO_COLUMN, NUMBER_NAMES, nearest, normalised
from core.dataset.source import Source
from core.errors import DataError, MissingDataError, SchemaError

__all__ = ["Layout", "header_of", "lay_out"]

_SEPARATORS = (",", ";", "\t", "|")
_HEADER_LINES = 40  # blank lines before a header, and a header over several lines
_SHOWN_NAMES = 8
_SHOWN_HINTS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Where the rows begin and what each of their cells is.

    `header` holds the names as they stand in the file, `names` for each of them the column of the
    dataset that it is, or None. The rows begin on line `first_line` (1 is the first line of the
    file) and after `header_bytes` of its UTF-8 text. `has_long_rows` says that some are megabytes
    long, which is known once one was met.
    """

    separator: str
    header: tuple[str, ...]
    names: tuple[str | None, ...]
    first_line: int
    header_bytes: int
    has_long_rows: bool = False

    @property
    def kind(self) -> DatasetKind:
        """What the rows can tell."""
        found = set(self.names)
        has_telemetry = {"vm_id", "timestamp"} <= found and not found.isdisjoint(NUMBER_NAMES)
        if not has_telemetry:
            return "tickets"
        return "telemetry and tickets" if "ticket_text" in found else "telemetry"

    @property
    def missing(self) -> tuple[MissingColumn, ...]:
        """The columns that the file does not have, as far as its kind has them."""
        expected = ("ticket_text", "ticket_category") if self.kind == "tickets" else COLUMN_NAMES
        unused = [column.name for column in self.unused]
        return tuple(
            MissingColumn(name=name, looks_like=nearest(name, unused))
            for name in expected
            if name not in self.names and name != DEMO_COLUMN
        )

    @property
    def unused(self) -> tuple[UnusedColumn, ...]:
        """The columns of the file that the dataset has no place for."""
        free = [name for name in COLUMN_NAMES if name not in self.names and name != DEMO_COLUMN]
        return tuple(
            UnusedColumn(name=name, looks_like=nearest(name, free))
            for name, known in zip(self.header, self.names, strict=True)
            if known is None
        )


def lay_out(source: Source, rename: Mapping[str, str]) -> Layout:
    """Return the layout of a file; `rename` maps names in it to columns of the dataset.

    Raises
    ------
    MissingDataError
        There is a header and no row.
    SchemaError
        The columns that every dataset needs are not there.
    DataError
        It is no text.
    """
    layout, lines = _found(source, rename)
    _refuse_what_cannot_be_used(source, layout, lines)
    return layout


def header_of(source: Source, rename: Mapping[str, str]) -> Layout:
    """Return the layout of a file also where it lacks columns that a dataset needs.

    Raises
    ------
    MissingDataError
        There is nothing in it.
    """
    return _found(source, rename)[0]


def _found(source: Source, rename: Mapping[str, str]) -> tuple[Layout, list[str]]:
    """Return the likeliest layout, and the lines that it was told from."""
    lines = list(islice(io.StringIO(source.beginning(), newline=""), _HEADER_LINES))
    n_before = next((n for n, line in enumerate(lines) if line.strip("\ufeff \t\r\n")), None)
    if n_before is None:
        raise MissingDataError(f"{source.name} is empty; bring a CSV file with a header and rows.")
    separators: Sequence[str] = _SEPARATORS
    # What Excel writes and reads where the separator is not the comma.
    if told := re.fullmatch(r"\ufeff?sep=(.)[\r\n]*", lines[n_before], re.IGNORECASE):
        separators, n_before = (told[1],), n_before + 1
    names_of = {normalised(found): name for found, name in rename.items()}
    layout = max(
        (_laid_out(lines, n_before, separator, names_of) for separator in separators),
        key=lambda found: (sum(name is not None for name in found.names), len(found.names)),
    )
    return layout, lines


def _laid_out(
    lines: Sequence[str], n_before: int, separator: str, names_of: Mapping[str, str]
) -> Layout:
    reader = csv.reader(lines[n_before:], delimiter=separator)
    try:
        header = tuple(cell.strip("\ufeff \t\r\n") for cell in next(reader, []))
    except csv.Error:  # a quote that does not end, a cell beyond all bounds
        header = ()
    names = [names_of.get(normalised(found), normalised(found)) for found in header]
    n_lines = n_before + max(reader.line_num, 1)
    return Layout(
        separator=separator,
        header=header,
        names=tuple(name if name in COLUMN_NAMES else None for name in names),
        first_line=n_lines + 1,
        header_bytes=len("".join(lines[:n_lines]).encode("utf-8", "replace")),
    )


def _refuse_what_cannot_be_used(source: Source, layout: Layout, lines: Sequence[str]) -> None:
    found = [name for name in layout.names if name is not None]
    start = "".join(lines)[:4096]
    control = sum(character < " " and character not in "\t\r\n" for character in start)
    if not found and control > len(start) // 50:
        raise DataError(f"{source.name} is not a text file; export the data as CSV (UTF-8).")
    if twice := sorted({name for name in found if found.count(name) > 1}):
        raise SchemaError(
            f"{source.name} has two columns {twice[0]!r}; remove one of them or rename it."
        )
    if layout.kind == "tickets" and "ticket_text" not in found:
        raise SchemaError(_needed(source.name, layout))
    below = lines[layout.first_line - 1 :]
    if len(lines) < _HEADER_LINES and not "".join(below).strip("\r\n"):
        raise MissingDataError(f"{source.name} has a header and no rows below it.")


def _needed(name: str, layout: Layout) -> str:
    header = ", ".join(repr(found[:40]) for found in layout.header[:_SHOWN_NAMES])
    if len(layout.header) > _SHOWN_NAMES:
        header += f" and {len(layout.header) - _SHOWN_NAMES} more"
    hints = [
        f"{column.name[:40]!r} looks like {column.looks_like!r}"
        for column in layout.unused
        if column.looks_like is not None
    ][:_SHOWN_HINTS]
    hint = f" {'; '.join(hints)}: rename it in the file." if hints else ""
    return (
        f"{name} is no fleet dataset and no ticket file: needed are vm_id, timestamp and at least "
        f"one measurement such as cpu_usage, or ticket_text; found are {header or 'none'}.{hint}"
    )
