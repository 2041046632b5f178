"""What the tickets of a training were like, and how far later ones are from that."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.drift import Drift, bin_edges, drift, in_bins
from core.metrics import FloatArray
from core.tickets.features import LABEL, Inputs, TextArray

__all__ = ["CountedValues", "InputDrift", "TicketProfile", "input_drifts", "profile_of"]

MomentArray = npt.NDArray[np.datetime64]

LENGTH_NAME = "words in the text"
_MOST_VALUES = 20
_OTHERS = "…"


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedValues:
    """How often each value, or each of the bins that `edges` bound, occurred in training."""

    name: str
    edges: tuple[float, ...]
    values: tuple[str, ...]
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketProfile:
    """The inputs of a training, its categories, and its newest ticket (ISO-8601, UTC; or "")."""

    inputs: tuple[CountedValues, ...]
    newest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InputDrift:
    """How far one input of later tickets lies from the training."""

    name: str
    drift: Drift


def profile_of(inputs: Inputs, labels: TextArray, moments: MomentArray | None) -> TicketProfile:
    """Return what these tickets are like, by input, with their categories last."""
    counted = [
        CountedValues(
            name=name,
            edges=tuple(edges.tolist()),
            values=(),
            counts=tuple(in_bins(values, edges).tolist()),
        )
        for name, values in _numbers(inputs)
        for edges in [bin_edges(values)]
        if np.isfinite(values).any()
    ]
    for name, words in _words(inputs, labels):
        common = Counter(words).most_common(_MOST_VALUES)
        rest = len(words) - sum(n for _, n in common)
        counted.append(
            CountedValues(
                name=name,
                edges=(),
                values=(*(word for word, _ in common), _OTHERS),
                counts=(*(n for _, n in common), rest),
            )
        )
    newest = ""
    if moments is not None and not np.isnat(moments).all():
        newest = str(np.nanmax(moments).astype("datetime64[s]")) + "+00:00"
    return TicketProfile(inputs=tuple(counted), newest=newest)


def input_drifts(
    profile: TicketProfile, inputs: Inputs, labels: TextArray
) -> tuple[InputDrift, ...]:
    """Return the drift of each input, the greatest first; what cannot be told last.

    `labels` may be the model's answers; an empty one does not count.
    """
    numbers: Mapping[str, FloatArray] = dict(_numbers(inputs))
    words = dict(_words(inputs, labels))
    found = []
    for before in profile.inputs:
        if before.name in numbers:
            after = in_bins(numbers[before.name], np.array(before.edges))
        else:
            counts = Counter(words.get(before.name, ()))
            known = [counts.pop(value, 0) for value in before.values[:-1]]
            after = np.array([*known, counts.total()])
        found.append(InputDrift(name=before.name, drift=drift(np.array(before.counts), after)))
    return tuple(
        sorted(found, key=lambda one: -(one.drift.psi if one.drift.psi is not None else -1))
    )


def _numbers(inputs: Inputs) -> Iterator[tuple[str, FloatArray]]:
    yield from zip(inputs.columns.numeric, inputs.numbers.T, strict=True)
    yield LENGTH_NAME, np.array([float(len(text.split())) for text in inputs.texts])


def _words(inputs: Inputs, labels: TextArray) -> Iterator[tuple[str, list[str]]]:
    for name, values in zip(inputs.columns.categorical, inputs.words.T, strict=True):
        yield name, [str(value) for value in values if value is not None]
    yield LABEL, [str(label) for label in labels if label]
