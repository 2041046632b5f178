"""What was found in a dataset file: the report that pages and the command line show."""

from dataclasses import dataclass
from typing import Any, Literal

from core.dataset.schema import ColumnKind

__all__ = [
    "BadCell",
    "BadRow",
    "CategoryCount",
    "ColumnReport",
    "DatasetKind",
    "DatasetReport",
    "MissingColumn",
    "SignalFinding",
    "UnusedColumn",
    "Verdict",
    "report_from_json",
]

DatasetKind = Literal["telemetry", "tickets", "telemetry and tickets"]
Verdict = Literal["signal", "no signal", "not enough data"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BadCell:
    """A cell that could not be used as it stands: the line of the file, and its first characters.

    A cell in a row that spans several lines has the line on which the row begins.
    """

    line: int
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BadRow:
    """A row with more or fewer cells than the header has names."""

    line: int
    cells: int
    expected_cells: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnReport:
    """One column of the dataset, over all rows that are as long as the header.

    `missing` counts the cells that held nothing, `uncoercible` those that held something else than
    the column's kind; they are stored as missing. `outside` counts the numbers beyond what is
    possible; they are stored as they are. `unit` is "percent" or "fraction" for shares, as it stood
    in the file; percent is stored. `minimum` and `maximum` are as stored, times in ISO-8601.
    """

    name: str
    found_as: str
    kind: ColumnKind
    missing: int
    uncoercible: int
    first_uncoercible: tuple[BadCell, ...]
    outside: int
    first_outside: tuple[BadCell, ...]
    unit: Literal["percent", "fraction"] | None
    minimum: float | str | None
    maximum: float | str | None
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingColumn:
    """A column that the file does not have; `looks_like` names one that it has instead."""

    name: str
    looks_like: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnusedColumn:
    """A column of the file that the dataset has no place for."""

    name: str
    looks_like: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryCount:
    """How many tickets belong to a category."""

    category: str
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalFinding:
    """Whether something in the data can be told from something else.

    `score` is an area under the ROC curve on rows that were not learnt from (0.5: chance, 1:
    perfect; over categories weighted by their share), or None where there is nothing to score.
    `accuracy` stands beside `majority`, the share of the most frequent answer.
    """

    about: str
    verdict: Verdict
    sentence: str
    rows: int
    score: float | None = None
    accuracy: float | None = None
    majority: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetReport:
    """What a dataset file holds and what is wrong with it.

    `encoding`, `separator` and `compression` are what was detected. `rows_read` counts the rows
    below the header that hold something; `rows_kept` leaves out broken ones and, where there is a
    VM and a time, repetitions of a row that was there before. `duplicates` counts those and, in a
    ticket file, rows whose repetition may be real and is kept. `categories` are the 50 most
    frequent of `category_count`. `notes` says in sentences, most important first, what a person
    should know.
    """

    source: str
    size_bytes: int
    encoding: str
    separator: str
    compression: str | None
    kind: DatasetKind
    rows_read: int
    rows_kept: int
    rows_broken: int
    first_broken: tuple[BadRow, ...]
    rows_empty: int
    duplicates: int
    first_duplicate_lines: tuple[int, ...]
    damaged_characters: int
    columns: tuple[ColumnReport, ...]
    missing_columns: tuple[MissingColumn, ...]
    unused_columns: tuple[UnusedColumn, ...]
    vm_count: int | None
    tickets: int
    category_count: int
    categories: tuple[CategoryCount, ...]
    derived_by_rule: tuple[str, ...]
    is_demo: bool
    signal: tuple[SignalFinding, ...]
    notes: tuple[str, ...]

    def column(self, name: str) -> ColumnReport | None:
        """Return the report of one column; None where the file does not have it."""
        return next((column for column in self.columns if column.name == name), None)


def report_from_json(data: dict[str, Any]) -> DatasetReport:
    """Return the report that `dataclasses.asdict` and JSON turned into `data`.

    Raises
    ------
    KeyError, TypeError
        Where it is of another shape.
    """
    columns = tuple(
        ColumnReport(
            **{
                **column,
                "first_uncoercible": _each(BadCell, column["first_uncoercible"]),
                "first_outside": _each(BadCell, column["first_outside"]),
                "notes": tuple(column["notes"]),
            }
        )
        for column in data["columns"]
    )
    nested = {
        "columns": columns,
        "first_broken": _each(BadRow, data["first_broken"]),
        "first_duplicate_lines": tuple(data["first_duplicate_lines"]),
        "missing_columns": _each(MissingColumn, data["missing_columns"]),
        "unused_columns": _each(UnusedColumn, data["unused_columns"]),
        "categories": _each(CategoryCount, data["categories"]),
        "derived_by_rule": tuple(data["derived_by_rule"]),
        "signal": _each(SignalFinding, data["signal"]),
        "notes": tuple(data["notes"]),
    }
    return DatasetReport(**{**data, **nested})


def _each(kind: type[Any], items: list[dict[str, Any]]) -> tuple[Any, ...]:
    return tuple(kind(**item) for item in items)
