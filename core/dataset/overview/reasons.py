"""Why there is nothing to draw, in one sentence."""

from core.dataset.overview.filters import Filters
from core.dataset.report import DatasetReport

__all__ = ["empty_reason"]


def empty_reason(
    report: DatasetReport, filters: Filters, rows: int, columns: tuple[str, ...]
) -> str:
    """Return why none of `rows` rows has a value in all of `columns`."""
    if not rows:
        if filters.in_words:
            return f"No row matches the filters ({filters.in_words}); clear one of them."
        return "The dataset has no rows."
    absent = [name for name in columns if report.column(name) is None]
    if absent:
        return f"The file has no column {' and no column '.join(absent)}."
    counted = f"None of the {rows:,} rows has" if rows > 1 else "The only row does not have"
    return f"{counted} a value in {' and in '.join(columns)}."
