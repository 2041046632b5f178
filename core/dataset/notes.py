"""What a dataset report says in sentences, most important first."""

from collections.abc import Iterator

from core.dataset.report import ColumnReport, DatasetReport
from core.dataset.schema import PERCENT_NAMES

__all__ = ["notes"]

_MANY_CATEGORIES = 50


def notes(report: DatasetReport) -> tuple[str, ...]:
    """Return what a person should know about a dataset before using it."""
    nothing_there = [found for found in report.signal if found.verdict == "no signal"]
    others = [found for found in report.signal if found.verdict != "no signal"]
    return tuple(
        [
            *_origin(report),
            *(finding.sentence for finding in nothing_there),
            *_names(report),
            *_rows(report),
            *(note for column in report.columns for note in _column(column)),
            *_tickets(report),
            *(finding.sentence for finding in others),
        ]
    )


def _origin(report: DatasetReport) -> Iterator[str]:
    if report.is_demo:
        yield "These are demo data: machines, incidents and tickets are made up."


def _names(report: DatasetReport) -> Iterator[str]:
    for column in report.missing_columns:
        if column.looks_like is not None:
            yield (
                f"{column.looks_like[:40]!r} looks like {column.name!r}, which is missing: "
                "rename it to use it."
            )
    absent = [column.name for column in report.missing_columns if column.looks_like is None]
    if absent:
        yield f"Not in the file: {', '.join(absent)}."
    taken = {column.looks_like for column in report.missing_columns}
    unused = [column.name for column in report.unused_columns if column.name not in taken]
    if unused:
        shown = ", ".join(repr(name[:40]) for name in unused[:10])
        more = f" and {len(unused) - 10} more" if len(unused) > 10 else ""
        yield f"Not used: {shown}{more}."


def _rows(report: DatasetReport) -> Iterator[str]:
    if report.rows_broken:
        first = report.first_broken[0]
        yield (
            f"{_counted(report.rows_broken, 'row')} left out for having another number of cells "
            f"than the header, first on line {first.line} ({first.cells} instead of "
            f"{first.expected_cells})."
        )
    if report.duplicates:
        what = "counted and kept" if report.kind == "tickets" else "left out"
        yield (
            f"{_counted(report.duplicates, 'row')} there before, {what}; first on line "
            f"{report.first_duplicate_lines[0]}."
        )
    if report.damaged_characters:
        yield f"{report.damaged_characters:,} characters were damaged and are shown as \ufffd."


def _column(column: ColumnReport) -> Iterator[str]:
    if column.unit == "fraction":
        yield (
            f"{column.name} came as 0-1 and is stored as percent "
            f"({column.minimum:.3g} to {column.maximum:.3g} %)."
        )
    if column.uncoercible:
        first = column.first_uncoercible[0]
        yield (
            f"{column.name}: {_counted(column.uncoercible, 'cell')} no {_NOUNS[column.kind]} and "
            f"stored as missing, first on line {first.line}: {first.value!r}."
        )
    if column.outside:
        first = column.first_outside[0]
        bounds = "0-100 %" if column.name in PERCENT_NAMES else "0 and more"
        yield (
            f"{column.name}: {_counted(column.outside, 'value')} outside {bounds}, "
            f"first on line {first.line}: {first.value!r}."
        )
    for note in column.notes:
        yield f"{column.name}: {note}."


def _tickets(report: DatasetReport) -> Iterator[str]:
    if report.derived_by_rule:
        yield (
            f"{' and '.join(report.derived_by_rule)} derived by rule: a score on them says how "
            "well the rule was relearnt."
        )
    if report.category_count == 1:
        yield f"All tickets are {report.categories[0].category!r}: nothing can be told apart."
    if report.category_count > _MANY_CATEGORIES:
        yield (
            f"{report.category_count:,} different categories: most will have too few tickets to "
            "be learnt."
        )
    if report.kind == "tickets" and report.column("ticket_category") is None:
        yield "The tickets have no category: they can be classified, not learnt from."


_NOUNS = {"number": "number", "time": "time", "flag": "yes or no", "category": "word"}


def _counted(n: int, what: str) -> str:
    return f"1 {what} was" if n == 1 else f"{n:,} {what}s were"
