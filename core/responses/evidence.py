"""What is known of a ticket, as numbered items that a reply can cite."""

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from core import quantities
from core.responses.runbooks import Runbook, matching

__all__ = [
    "MAX_TICKET",
    "Evidence",
    "EvidenceKind",
    "Measurement",
    "PastTicket",
    "Predicted",
    "TicketFacts",
    "evidence_of",
]

EvidenceKind = Literal["ticket", "category", "measured", "forecast", "runbook", "similar"]

# A reply is written about the beginning of a text that is longer.
MAX_TICKET, MAX_FORECAST, MAX_SIMILAR, MAX_PASSAGE = 6_000, 1_000, 300, 1_500
_UNSURE = "; the model itself hands it to a person"


@dataclass(frozen=True, slots=True, kw_only=True)
class Predicted:
    """The category that a ticket model named, and its calibrated probability (0-1)."""

    category: str
    confidence: float
    is_unsure: bool = False
    model: str = "ticket model"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """One measured value; `words` says it with its unit, as people read it.

    `usual_percent` is the share (0-100) of the same host's recent past below it, where known.
    """

    name: str
    label: str
    value: float | None
    words: str
    usual_percent: float | None = None
    source: str = "measured with the ticket"


@dataclass(frozen=True, slots=True, kw_only=True)
class PastTicket:
    """A ticket of the past: its beginning, how it was filed, how much alike the texts are (0-1)."""

    text: str
    category: str
    similarity: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketFacts:
    """A ticket, and whatever else is known about it.

    `forecast` is what a live failure prediction says in words. `names` are hosts and people whose
    names are to be masked wherever they stand, beside those that are found.
    """

    text: str
    predicted: Predicted | None = None
    measurements: tuple[Measurement, ...] = ()
    forecast: str = ""
    similar: tuple[PastTicket, ...] = ()
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One item that a reply may cite as [number].

    `topic` and `value` say the same for code: the category and its probability, the metric and its
    value, the category of a past ticket and its likeness, the part of a runbook.
    """

    number: int
    kind: EvidenceKind
    text: str
    source: str
    topic: str = ""
    value: float | None = None
    usual_percent: float | None = None

    @property
    def key(self) -> str:
        """What names the item as long as it says the same, whatever its number."""
        told = f"{self.source}\n{self.text}".encode(errors="replace")
        return f"{self.kind}-{self.topic}-{zlib.crc32(told):08x}"


def evidence_of(
    facts: TicketFacts, runbooks: Sequence[Runbook], language: str
) -> tuple[Evidence, ...]:
    """Return the evidence, numbered from 1: ticket, category, measured, forecast, runbook, similar.

    Of the runbooks it takes the passages of those that match the category and the text; where none
    does, there is none.
    """
    items = (
        *_said(facts),
        *_measured(facts.measurements),
        *_passages(facts, runbooks, language),
        *_similar(facts.similar),
    )
    return tuple(replace(item, number=number) for number, item in enumerate(items, start=1))


def _said(facts: TicketFacts) -> Iterable[Evidence]:
    yield Evidence(
        number=0, kind="ticket", text=facts.text.strip()[:MAX_TICKET], source="the ticket"
    )
    if facts.predicted is not None:
        found = facts.predicted
        yield Evidence(
            number=0,
            kind="category",
            text=f"Predicted category: {found.category}, probability "
            f"{quantities.percent(found.confidence)}{_UNSURE if found.is_unsure else ''}",
            source=found.model,
            topic=found.category,
            value=0.0 if found.is_unsure else found.confidence,
        )
    if facts.forecast.strip():
        yield Evidence(
            number=0,
            kind="forecast",
            text=facts.forecast.strip()[:MAX_FORECAST],
            source="live failure prediction",
        )


def _measured(measurements: Iterable[Measurement]) -> Iterable[Evidence]:
    for one in measurements:
        usual = ""
        if one.usual_percent is not None:
            usual = f"; higher than {one.usual_percent:.0f} % of this host's last day"
        yield Evidence(
            number=0,
            kind="measured",
            text=f"{one.label}: {one.words}{usual}",
            source=one.source,
            topic=one.name,
            value=one.value,
            usual_percent=one.usual_percent,
        )


def _passages(facts: TicketFacts, runbooks: Sequence[Runbook], language: str) -> Iterable[Evidence]:
    category = facts.predicted.category if facts.predicted is not None else ""
    for runbook in matching(runbooks, facts.text, category, language):
        for passage in (one for one in runbook.passages if one.part != "signs"):
            yield Evidence(
                number=0,
                kind="runbook",
                text=passage.text[:MAX_PASSAGE],
                source=f"runbook {runbook.title}, {passage.heading}",
                topic=passage.part,
            )


def _similar(similar: Iterable[PastTicket]) -> Iterable[Evidence]:
    for ticket in similar:
        yield Evidence(
            number=0,
            kind="similar",
            text=ticket.text.strip()[:MAX_SIMILAR],
            source=f"past ticket, filed under {ticket.category}, "
            f"{quantities.percent(ticket.similarity)} alike",
            topic=ticket.category,
            value=ticket.similarity,
        )
