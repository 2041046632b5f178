"""Whether telemetry differs from random numbers: values that move together, or follow something."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.metrics import FloatArray

__all__ = ["Structure", "structure"]

IntArray = npt.NDArray[np.int64]

# Beyond chance means both: more standard deviations than dozens of looks at random data reach, and
# more than a difference that nobody could use.
_DEVIATIONS = 6.0
_LEAST_CORRELATION = 0.05
_LEAST_SHARE = 0.01
# Kolmogorov-Smirnov distance, times the square root of n, that chance exceeds once in a thousand.
_KOLMOGOROV = 1.95
_FEWEST_VALUES = 100
_FEWEST_PER_GROUP = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Structure:
    """What was found: `relations` in words, strongest first; which columns are spread evenly."""

    relations: tuple[str, ...]
    even_columns: tuple[str, ...]
    columns: tuple[str, ...]


def structure(numbers: Mapping[str, FloatArray], groups: Mapping[str, IntArray]) -> Structure:
    """Return which measurements move together, or depend on a group such as the VM or the hour.

    Parameters
    ----------
    numbers : mapping of str to ndarray of shape (n,)
        Measurements by name, NaN where missing.
    groups : mapping of str to ndarray of shape (n,)
        Which group each row belongs to, as a number from 0 on, by the words for it ("its VM"); -1
        where not known.
    """
    ranked = {name: _ranks(values) for name, values in numbers.items()}
    ranked = {
        name: ranks
        for name, ranks in ranked.items()
        if np.isfinite(ranks).sum() >= _FEWEST_VALUES and np.nanmax(ranks) > np.nanmin(ranks)
    }
    found: list[tuple[float, str]] = []
    names = list(ranked)
    for n, name in enumerate(names):
        for other in names[n + 1 :]:
            correlation = _correlation(ranked[name], ranked[other])
            if correlation is not None:
                text = f"{name} and {other} move together (rank correlation {correlation:.2f})"
                found.append((abs(correlation), text))
        for what, codes in groups.items():
            share = _explained(ranked[name], codes)
            if share is not None:
                found.append((share**0.5, f"{name} depends on {what} ({share:.0%} of its spread)"))
    return Structure(
        relations=tuple(text for _, text in sorted(found, reverse=True)),
        even_columns=tuple(name for name in names if _is_even(numbers[name])),
        columns=tuple(names),
    )


def _ranks(values: FloatArray) -> FloatArray:
    """Return the ranks of values (equal ones share theirs), NaN where missing."""
    ranks = np.full(values.shape, np.nan)
    known = np.isfinite(values)
    _, codes, counts = np.unique(values[known], return_inverse=True, return_counts=True)
    ranks[known] = (np.cumsum(counts) - (counts - 1) / 2)[codes]
    return ranks


def _correlation(first: FloatArray, second: FloatArray) -> float | None:
    """Return the rank correlation; None where chance explains it."""
    both = np.isfinite(first) & np.isfinite(second)
    n = int(both.sum())
    if n < _FEWEST_VALUES or not first[both].std() or not second[both].std():
        return None
    correlation = float(np.corrcoef(first[both], second[both])[0, 1])
    if abs(correlation) < max(_LEAST_CORRELATION, _DEVIATIONS / n**0.5):
        return None
    return correlation


def _explained(ranks: FloatArray, codes: IntArray) -> float | None:
    """Return the share of the ranks' variance between groups; None where chance explains it.

    One-way analysis of variance on ranks; the share is epsilon squared, which is 0 on average where
    the group says nothing.
    """
    known = np.isfinite(ranks) & (codes >= 0)
    codes = codes[known]
    large = (np.bincount(codes) >= _FEWEST_PER_GROUP)[codes]
    _, codes = np.unique(codes[large], return_inverse=True)
    values = ranks[known][large]
    n, k = values.size, int(codes.max(initial=-1)) + 1
    if k < 2 or n - k < _FEWEST_VALUES or not values.std():
        return None
    sizes = np.bincount(codes)
    means = np.bincount(codes, weights=values) / sizes
    between = float(sizes @ (means - values.mean()) ** 2)
    within = float(((values - means[codes]) ** 2).sum())
    f = (between / (k - 1)) / (within / (n - k)) if within else np.inf
    # By chance F is about 1, with a variance of about 2/(k-1) + 2/(n-k).
    deviations = (f - 1) / (2 / (k - 1) + 2 / (n - k)) ** 0.5
    share = 1 - (within / (n - k)) / ((between + within) / (n - 1))
    return share if deviations > _DEVIATIONS and share > _LEAST_SHARE else None


def _is_even(values: FloatArray) -> bool:
    """Whether values are spread evenly between the smallest and the largest of them."""
    known = np.sort(values[np.isfinite(values)])
    expected = (np.arange(known.size) + 0.5) / known.size
    with np.errstate(over="ignore", invalid="ignore"):  # nothing is even from -1e308 to 1e308
        distance = np.abs((known - known[0]) / (known[-1] - known[0]) - expected).max()
    return bool(distance * known.size**0.5 < _KOLMOGOROV)
