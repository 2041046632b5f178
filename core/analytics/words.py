"""Scores in words and digits, the same in every figure."""

from core import quantities

__all__ = ["interval", "named", "percent", "rows", "score", "size"]


def score(value: float | None) -> str:
    """Return a score (0-1) with two digits: no more is known of it."""
    return "none" if value is None else f"{value:.2f}"


def interval(value: float | None, low: float | None, high: float | None) -> str:
    """Return a score with its 95 % interval."""
    if value is None or low is None or high is None:
        return score(value)
    return f"{value:.2f} ({low:.2f}-{high:.2f})"


def percent(share: float | None) -> str:
    """Return a share (0-1) in percent; two digits after the point where it is small."""
    if share is None:
        return "none"
    return f"{100 * share:.2f} %" if 0 < share < 0.1 else f"{100 * share:.0f} %"


def rows(n: int) -> str:
    """Return a number of rows."""
    return f"{n:,} row" + ("" if n == 1 else "s")


def size(n_bytes: int | None) -> str:
    """Return a size on disk."""
    return "none" if n_bytes is None else quantities.quantity(float(n_bytes), "B")


def named(metric: str) -> str:
    """Return the name of a column or metric as words."""
    return metric.replace("_", " ")
