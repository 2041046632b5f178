"""Which times belong together, and which few lie so far off that they must be mistakes."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Bulk", "bulk_of"]

_DAY_S = 86_400.0
_YEAR_S = 365.25 * _DAY_S
# A machine that was off for a season did measure what it measured before.
_LEAST_APART_S = 90 * _DAY_S
# Two months of measurements two years after ten others are a later part of the same history.
_LEAST_SPANS_APART = 3.0
# More than a tenth is no slip of a clock or a pen.
_MOST_OUTSIDE_SHARE = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Bulk:
    """The times that belong together are those at `inside` of all.

    `n_outside` rows are not among them; between them and the bulk there are at least `apart_s`.
    """

    inside: slice
    n_outside: int = 0
    apart_s: float = 0.0

    def told(self, n_rows: int) -> str:
        """Return that `n_rows` rows lie outside, and how far at least."""
        years = int(self.apart_s / _YEAR_S)
        apart = f"{years:,} years" if years >= 2 else f"{int(self.apart_s / _DAY_S)} days"
        rows = "1 row lies" if n_rows == 1 else f"{n_rows:,} rows lie"
        return f"{rows} more than {apart} from all others"

    def left_out(self, n_rows: int) -> str:
        """Return the sentence on `n_rows` rows outside that were not used."""
        return f"{self.told(n_rows)} and {'is' if n_rows == 1 else 'are'} left out."


def bulk_of(
    first_s: npt.NDArray[np.floating],
    last_s: npt.NDArray[np.floating] | None = None,
    counts: npt.NDArray[np.integer] | None = None,
) -> Bulk:
    """Return which of the times, in ascending order, belong together.

    The bulk is the part with the most rows, and what lies no more than 90 days, or three times as
    long as the bulk spans, before or after it. Where more than a tenth of the rows would lie
    outside, nothing does.

    Parameters
    ----------
    first_s, last_s : ndarray of shape (n,)
        Times in seconds; with `last_s`, from when to when each group of rows lies.
    counts : ndarray of shape (n,), optional
        How many rows each group has; 1 by default.
    """
    last_s = first_s if last_s is None else last_s
    counts = np.ones(first_s.size, np.int64) if counts is None else counts
    everything = Bulk(inside=slice(0, first_s.size))
    begins = np.flatnonzero(first_s[1:] - last_s[:-1] > _LEAST_APART_S) + 1
    if not begins.size:
        return everything
    begins = np.concatenate([[0], begins])
    ends = np.append(begins[1:], first_s.size)
    part_first_s, part_last_s = first_s[begins], last_s[ends - 1]
    low, high = _grown(part_first_s, part_last_s, int(np.add.reduceat(counts, begins).argmax()))
    inside = slice(int(begins[low]), int(ends[high]))
    n_outside = int(counts.sum() - counts[inside].sum())
    if not 0 < n_outside <= _MOST_OUTSIDE_SHARE * counts.sum():
        return everything
    before_s = part_first_s[low] - part_last_s[low - 1] if low else np.inf
    after_s = part_first_s[high + 1] - part_last_s[high] if high + 1 < begins.size else np.inf
    return Bulk(inside=inside, n_outside=n_outside, apart_s=float(min(before_s, after_s)))


def _grown(
    first_s: npt.NDArray[np.floating], last_s: npt.NDArray[np.floating], core: int
) -> tuple[int, int]:
    """Return the first and the last of the parts around `core` that are near for their span."""
    low = high = core
    while True:
        reach_s = max(_LEAST_APART_S, _LEAST_SPANS_APART * (last_s[high] - first_s[low]))
        if low > 0 and first_s[low] - last_s[low - 1] <= reach_s:
            low -= 1
        elif high + 1 < first_s.size and first_s[high + 1] - last_s[high] <= reach_s:
            high += 1
        else:
            return low, high
