"""Numbers among the arguments of a command, refused in words where they cannot be."""

import argparse
import sys
from typing import TypeVar

__all__ = ["between", "count", "finite", "seconds", "seed", "share"]

Number = TypeVar("Number", int, float)
# Keras and numpy take seeds of 32 bits.
MAX_SEED = 2**32 - 1


def between(kind: type[Number], text: str, low: float, high: float, bounds: str) -> Number:
    """Return the number that `text` holds; argparse says the error as it is raised here."""
    try:
        number = kind(text)
    except ValueError:
        number = None
    if number is None or not low <= number <= high:  # NaN is not between them either
        what = "a number" if kind is float else "a whole number"
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is not {what} {bounds}")
    return number


def seconds(text: str) -> float:
    """Return a time between two samples."""
    return between(float, text, 0.1, 3600, "between 0.1 and 3600 seconds")


def count(text: str) -> int:
    """Return how many there should be of something."""
    return between(int, text, 1, 1_000_000, "between 1 and 1,000,000")


def seed(text: str) -> int:
    """Return a seed."""
    return between(int, text, 0, MAX_SEED, f"between 0 and {MAX_SEED}")


def share(text: str) -> float:
    """Return a share of 1."""
    return between(float, text, 0.0, 1.0, "between 0 and 1")


def finite(text: str, low: float | None = None, high: float | None = None) -> float:
    """Return a measurement; None is no bound."""
    least, most = -sys.float_info.max, sys.float_info.max
    if low is None and high is None:
        bounds = "that can be used"
    elif high is None:
        bounds = f"of at least {low:g}"
    else:
        bounds = f"between {low:g} and {high:g}"
    return between(
        float, text, least if low is None else low, most if high is None else high, bounds
    )
