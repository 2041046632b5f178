"""Which words and numbers decided, read from the model itself."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.tickets.candidate import Candidate, FloatArray
from core.tickets.features import WORD, Inputs
from core.tickets.preprocess import Encoder
from core.tickets.report import Driver

__all__ = ["DecidingInput", "DecidingWord", "deciding", "drivers"]

MAX_WORDS = 12
MAX_SPANS = 100
MAX_DRIVERS = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidingWord:
    """A word or word pair of the text and its weight for the category (negative: against it).

    `spans` are its places in the text as (start, end) of characters, the first hundred.
    """

    term: str
    weight: float
    spans: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidingInput:
    """A telemetry value that was given and its weight for the category."""

    name: str
    value: float | str
    weight: float


def deciding(
    candidate: Candidate,
    estimator: Any,
    encoder: Encoder,
    ticket: Inputs,
    row: Any,
    usual: Any,
    k: int,
) -> tuple[tuple[DecidingWord, ...], tuple[DecidingInput, ...]]:
    """Return the words and the inputs that decided for class `k`, the heaviest first.

    `row` is the matrix of the one `ticket`, `usual` that of a ticket of which nothing is known.
    Weights of a linear model are in units of its score,
    of trees in log-odds or shares; they compare within a ticket, not between models. Words that are
    not in the text and telemetry that is missing are left out, whatever their absence adds.
    """
    weights = candidate.contributions(estimator, row, usual, k)
    start = encoder.n_before_text
    present = row.indices[row.indices >= start]
    heaviest = present[np.argsort(-np.abs(weights[present]), kind="stable")][:MAX_WORDS]
    heavy = {encoder.terms[i - start]: float(weights[i]) for i in heaviest if weights[i] != 0.0}
    spans = _spans(ticket.texts[0], set(heavy))
    words = tuple(
        DecidingWord(term=term, weight=weight, spans=tuple(spans[term]))
        for term, weight in heavy.items()
    )
    return words, _inputs(encoder, ticket, weights[:start])


def drivers(
    candidate: Candidate, estimator: Any, encoder: Encoder, matrix: Any
) -> tuple[Driver, ...]:
    """Return the inputs that matter most over all tickets of a matrix, the heaviest first."""
    mean = np.asarray(matrix.mean(axis=0), dtype=np.float64).ravel()
    square = np.asarray(matrix.multiply(matrix).mean(axis=0), dtype=np.float64).ravel()
    spread = np.sqrt(np.maximum(square - mean**2, 0.0))
    weights = candidate.importances(estimator, spread)
    total = float(weights.sum()) or 1.0
    telemetry: defaultdict[str, float] = defaultdict(float)
    for name, weight in zip(encoder.owners, weights, strict=False):
        telemetry[name] += float(weight) / total
    of_terms = weights[encoder.n_before_text :] / total
    top = np.argsort(-of_terms, kind="stable")[:MAX_DRIVERS]
    found = [Driver(name=name, kind="telemetry", share=s) for name, s in telemetry.items()]
    found += [
        Driver(name=encoder.terms[i], kind="word", share=float(of_terms[i]))
        for i in top
        if of_terms[i] > 0
    ]
    return tuple(sorted(found, key=lambda driver: -driver.share)[:MAX_DRIVERS])


def _inputs(encoder: Encoder, ticket: Inputs, weights: FloatArray) -> tuple[DecidingInput, ...]:
    """Return the telemetry that was given; the columns of one category count together."""
    summed: defaultdict[str, float] = defaultdict(float)
    for name, weight in zip(encoder.owners, weights, strict=True):
        summed[name] += float(weight)
    found = [
        DecidingInput(name=name, value=value, weight=summed[name])
        for name, value in given(ticket).items()
        if summed[name] != 0.0
    ]
    return tuple(sorted(found, key=lambda item: -abs(item.weight)))


def given(ticket: Inputs) -> dict[str, float | str]:
    """Return the telemetry of one ticket that is there, by its name."""
    numbers = zip(ticket.columns.numeric, ticket.numbers[0].tolist(), strict=True)
    words = zip(ticket.columns.categorical, ticket.words[0].tolist(), strict=True)
    found: dict[str, float | str] = {name: n for name, n in numbers if not np.isnan(n)}
    return found | {name: word for name, word in words if word is not None}


def _spans(text: str, wanted: set[str]) -> defaultdict[str, list[tuple[int, int]]]:
    """Return where each wanted word or pair stands in the text."""
    found: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    last, last_start = "", 0
    for match in WORD.finditer(text):
        word = match.group().lower()
        for term, start in ((word, match.start()), (f"{last} {word}", last_start)):
            if term in wanted and len(found[term]) < MAX_SPANS:
                found[term].append((start, match.end()))
        last, last_start = word, match.start()
    return found
