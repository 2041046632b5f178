"""A column while it is read: its cells become values, and what is wrong is counted."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc

from core.dataset.cells import NO_VALUE, CommaUse, DateOrder
from core.dataset.report import BadCell, ColumnReport
from core.dataset.schema import ColumnSpec

__all__ = ["SHOWN_CELLS", "Column", "LineNumbers", "Unit", "Writing", "says_nothing"]

Unit = Literal["percent", "fraction"]
LineNumbers = Callable[[int], int]
"""The line of the file on which the row of this index in the present batch begins."""

SHOWN_CELLS = 5
_SHOWN_CHARACTERS = 80
_NO_VALUE_WORDS = pa.array(sorted(NO_VALUE))


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """How the cells of a column are written; None where that is told by looking at them."""

    unit: Unit | None = None
    comma: CommaUse | None = None
    date_order: DateOrder | None = None


class Column:
    """One column: turns its cells, batch by batch, into values and keeps count.

    A cell is null where there is nothing in it. `changed` says that a value is no longer what a
    plain reader of the file would have seen.
    """

    def __init__(self, spec: ColumnSpec, found_as: str) -> None:
        self.spec = spec
        self.found_as = found_as
        self.missing = 0
        self.uncoercible = 0
        self.first_uncoercible: list[BadCell] = []
        self.outside = 0
        self.first_outside: list[BadCell] = []
        self.unit: Unit | None = None
        self.minimum: float | str | None = None
        self.maximum: float | str | None = None
        self.changed = False
        self.notes: list[str] = []

    def take(self, cells: pa.Array, line_of: LineNumbers) -> pa.Array:
        """Return the values of a batch of cells, null where there is none."""
        values = self.values(cells)
        self.count(cells, values, line_of)
        return values

    @property
    def misread(self) -> Writing | None:
        """How the cells turned out to be written; None where they were all read so."""
        return None

    def report(self) -> ColumnReport:
        """Return what was found so far."""
        return ColumnReport(
            name=self.spec.name,
            found_as=self.found_as,
            kind=self.spec.kind,
            missing=self.missing,
            uncoercible=self.uncoercible,
            first_uncoercible=tuple(self.first_uncoercible),
            outside=self.outside,
            first_outside=tuple(self.first_outside),
            unit=self.unit,
            minimum=self.minimum,
            maximum=self.maximum,
            notes=tuple(self.notes),
        )

    def values(self, cells: pa.Array) -> pa.Array:
        """Return the values of the cells, null where there is none."""
        raise NotImplementedError

    def count(self, cells: pa.Array, values: pa.Array, line_of: LineNumbers) -> None:
        """Count the cells that gave no value, and what else is to be known of the values."""
        self.missing += cells.null_count
        if values.null_count == cells.null_count:
            return
        self.changed = True
        lost = pc.and_(pc.is_valid(cells), pc.is_null(values))
        rows = pc.indices_nonzero(lost)
        # Only a cell that says something is uncoercible: "n/a" is missing, written out.
        said = pc.invert(says_nothing(cells.take(rows)))
        uncoercible = rows.filter(said)
        self.missing += len(rows) - len(uncoercible)
        self.uncoercible += len(uncoercible)
        for row in uncoercible[:SHOWN_CELLS].to_pylist():
            self.show(self.first_uncoercible, cells[row].as_py(), line_of(row))

    def note(self, note: str) -> None:
        """Say something about the column once."""
        if note not in self.notes:
            self.notes.append(note)

    @staticmethod
    def show(shown: list[BadCell], text: str, line: int) -> None:
        """Keep one of the first cells of a kind."""
        if len(shown) < SHOWN_CELLS:
            shown.append(BadCell(line=line, value=text[:_SHOWN_CHARACTERS]))


def says_nothing(cells: pa.Array) -> pa.Array:
    """Return which cells are blank or say that there is no value; null where a cell is null."""
    words = pc.utf8_lower(pc.utf8_trim_whitespace(cells))
    return pc.is_in(words, value_set=_NO_VALUE_WORDS)
