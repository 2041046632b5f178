"""What made a row an anomaly: the measurements whose usual value would make it less of one."""

from collections.abc import Callable

import numpy as np

from core.dataset.anomalies.features import Features
from core.dataset.anomalies.results import Cause
from core.dataset.anomalies.rows import MEASURED, Rows
from core.dataset.anomalies.words import range_in_words, unit_of
from core.dataset.derive import RATIOS
from core.dataset.overview.results import IntArray
from core.dataset.schema import NUMBER_NAMES
from core.metrics import FloatArray

__all__ = ["causes_of", "sentence_of"]

_MOST_CAUSES = 3
_N_NUMBERS = len(NUMBER_NAMES)


def causes_of(
    rows: Rows, features: Features, score: Callable[[Rows], FloatArray], *, is_demo: bool
) -> list[tuple[Cause, ...]]:
    """Return for each row the measurements outside of their usual range that raise its score.

    Those first whose replacement by the usual value lowers the score most. Where no measurement
    lies outside, ratios do; where none does, there is no cause, and only the whole is unusual.
    """
    groups = features.usual.groups(rows)
    raised = _raised_by(rows, groups, features, score)
    found = []
    for n, group in enumerate(groups):
        low, high = features.usual.low[group], features.usual.high[group]
        values = rows.measured[n]
        outside = np.flatnonzero((values < low) | (values > high))
        numbers = [i for i in outside if i < _N_NUMBERS and raised[n, i] > 0]
        numbers.sort(key=lambda i: -raised[n, i])
        ratios = [i for i in outside if i >= _N_NUMBERS]
        found.append(
            tuple(
                Cause(
                    column=MEASURED[i],
                    value=float(values[i]),
                    low=float(low[i]),
                    high=float(high[i]),
                    compared_with=features.usual.compared_with(int(group)),
                    text=range_in_words(
                        MEASURED[i],
                        float(values[i]),
                        float(low[i]),
                        float(high[i]),
                        unit_of(MEASURED[i], is_demo=is_demo),
                    ),
                )
                for i in (numbers or ratios)[:_MOST_CAUSES]
            )
        )
    return found


def sentence_of(causes: tuple[Cause, ...]) -> str:
    """Return the causes of one row in a sentence.

    Examples
    --------
    >>> sentence_of(())
    'No single value is unusual; together they are.'
    """
    if not causes:
        return "No single value is unusual; together they are."
    first, *others = (cause.text for cause in causes)
    text = "; ".join([f"{first} for {causes[0].compared_with}", *others])
    # The name of a measurement begins it; acronyms are in capitals already.
    return f"{text[0].upper()}{text[1:]}."


def _raised_by(
    rows: Rows, groups: IntArray, features: Features, score: Callable[[Rows], FloatArray]
) -> FloatArray:
    """Return by how much each measurement raises the score of each row, shape (n, 7)."""
    before = score(rows)
    found = np.zeros((len(rows), _N_NUMBERS))
    for column in range(_N_NUMBERS):
        changed = rows.measured.copy()
        changed[:, column] = features.usual.middle[groups, column]
        for ratio, (above, below) in RATIOS.items():
            if MEASURED[column] in (above, below):
                with np.errstate(divide="ignore", invalid="ignore"):
                    quotient = changed[:, MEASURED.index(above)] / changed[:, MEASURED.index(below)]
                changed[:, MEASURED.index(ratio)] = np.where(
                    np.isfinite(quotient), quotient, np.nan
                )
        found[:, column] = before - score(rows.with_measured(changed))
    return found
