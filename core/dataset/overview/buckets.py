"""Time buckets of a length that people know, few enough to draw."""

import math
from dataclasses import dataclass

import numpy as np

from core.dataset.overview.results import IntArray, MomentArray

__all__ = ["MOST_BUCKETS", "Buckets", "buckets_for"]

# Three statuses with a low, a mean and a high each stay below 10,000 points, and no screen has the
# pixels for more.
MOST_BUCKETS = 500

_SECOND_US = 1_000_000
_DAY_US = 86_400 * _SECOND_US
_YEAR_US = 365 * _DAY_US
_WIDTHS_S = (
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400,
    2 * 86_400, 7 * 86_400, 14 * 86_400, 28 * 86_400, 91 * 86_400,
)  # fmt: skip
_MONDAY_US = 4 * _DAY_US  # 1970 began on a Thursday


@dataclass(frozen=True, slots=True, kw_only=True)
class Buckets:
    """Buckets of `width_us` microseconds, the first of which begins at `start_us` (since 1970)."""

    start_us: int
    width_us: int

    @property
    def width_s(self) -> float:
        """The width in seconds."""
        return self.width_us / _SECOND_US

    def middles(self, numbers: IntArray) -> MomentArray:
        """Return the middle of the buckets with these numbers (0: the first), in UTC."""
        micros = self.start_us + numbers.astype(np.int64) * self.width_us + self.width_us // 2
        return micros.astype("datetime64[us]")


def buckets_for(first_us: int, last_us: int) -> Buckets:
    """Return at most `MOST_BUCKETS` buckets from the first to the last moment.

    They begin at full minutes, hours, days (UTC) or on Mondays, as their width allows.

    Examples
    --------
    >>> buckets_for(0, 3_600_000_000).width_s
    10.0
    """
    span = last_us - first_us
    # One bucket less: where the first begins before the span, the last ends after it.
    least = span / (MOST_BUCKETS - 1)
    widths = (width_s * _SECOND_US for width_s in _WIDTHS_S)
    years = max(1, math.ceil(least / _YEAR_US))
    width = next((width for width in widths if width >= least), years * _YEAR_US)
    start = (first_us - _MONDAY_US) // width * width + _MONDAY_US
    return Buckets(start_us=start, width_us=width)
