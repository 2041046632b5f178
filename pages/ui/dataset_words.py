"""A dataset in one line: where it came from, how much it is, and over which time."""

from collections.abc import Sequence
from datetime import datetime, tzinfo

from core.dataset import DatasetReport
from pages.ui import moments

__all__ = ["counted", "names", "size", "span"]

_SHOWN_CHARACTERS = 60


def counted(n: int, what: str) -> str:
    """Return a number with its noun: "1 row", "20,000 rows"."""
    return f"{n:,} {what}" if n == 1 else f"{n:,} {what}s"


def size(report: DatasetReport) -> str:
    """Return how much a dataset holds: "20,000 rows of 28 VMs, 1,656 tickets"."""
    parts = counted(report.rows_kept, "row")
    if report.vm_count:
        parts += f" of {counted(report.vm_count, 'VM')}"
    if report.tickets:
        parts += f", {counted(report.tickets, 'ticket')}"
    return parts


def span(first: object, last: object, zone: tzinfo | None) -> str:
    """Return the days from the first to the last row, which are in ISO-8601 or None."""
    if first is None or last is None:
        return "no times"
    one, other = (datetime.fromisoformat(str(at)) for at in (first, last))
    return moments.days(one, other, zone)


def names(shown: Sequence[str], n: int) -> str:
    """Return the first of `n` names, each cut to what fits, and how many more there are."""
    told = ", ".join(name[:_SHOWN_CHARACTERS] for name in shown)
    more = n - len(shown)
    return f"{told} and {more:,} more" if more > 0 else told
