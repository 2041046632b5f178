"""Replies without a language model, put together from the evidence by rules."""

import re
import zlib
from collections.abc import Iterator, Sequence

from core.responses.evidence import Evidence
from core.responses.phrases import PHRASES
from core.responses.provider import Pieces, Provider, Request, Usage
from core.responses.readings import Reading, readings, telling
from core.responses.registry import register
from core.responses.runbooks import content_words, list_items, ticket_words
from core.responses.structure import Hypothesis, Reply, render

__all__ = ["Offline"]

# Probability from which on a category is stated, and from which on it is called likely.
_SURE, _FAIRLY = 0.8, 0.5
# Cosine of two texts from which on they "read much the same".
_ALIKE = 0.5
_MAX_MEASURED, _MAX_CAUSES, _MAX_QUESTIONS = 3, 3, 4
_STEPS_OF_FIRST, _STEPS_OF_SECOND = 5, 2
_SINCE_WORDS = (
    "ago began last monday morning night noon since started today tonight until week yesterday "
    "abend gestern heute monat montag morgen nacht seit stunden tagen vorhin woche"
)
_SINCE = frozenset(_SINCE_WORDS.split())
# "packets" and "packet", "langsamer" and "langsam" are one word to a reader.
_STEM = 5
_ASKS_SINCE = re.compile(r"\b(?:since|seit)\b", re.IGNORECASE)
# How redaction writes the name of a machine; one in an address may be anybody's.
_HOST = re.compile(r"(?<![\w/.@])HOST_\d+\b(?![/:])")


@register
class Offline(Provider):
    """Writes from category, measurements, runbooks and past tickets; the same input, the same text.

    Of the ticket it takes words and no sentence: nothing that stands in it is repeated or done.
    """

    name = "offline"
    title = "Offline, without a language model"

    def write(self, request: Request) -> Pieces:
        """Yield the reply line by line."""
        reply = _Composition(request).reply()
        yield from render(reply, request.language).splitlines(keepends=True)
        return Usage()


class _Composition:
    """One reply in the making."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._phrases = PHRASES[request.language]
        self._ticket = self._of("ticket")[0]
        self._words = _stems(ticket_words(self._ticket.text))
        predicted = self._of("category")
        self._predicted = predicted[0] if predicted else None
        self._category = predicted[0].topic if predicted else ""
        self._measured = readings(request.evidence)
        self._telling = telling(self._measured, self._category)
        self._seed = zlib.crc32(self._ticket.text.encode("utf-8", "replace"))

    def reply(self) -> Reply:
        """Return the reply in its parts."""
        tone = self._request.tone
        steps = tuple(self._steps())
        return Reply(
            acknowledgement=" ".join(self._acknowledgement()),
            hypotheses=tuple(self._hypotheses()),
            steps=steps or self._phrases.no_runbook_steps,
            questions=tuple(self._questions())[:_MAX_QUESTIONS],
            rest=f"{self._phrases.closing[tone]}\n\n*{self._phrases.no_model}*",
        )

    def _of(self, kind: str, topic: str = "") -> list[Evidence]:
        return [
            item
            for item in self._request.evidence
            if item.kind == kind and (not topic or item.topic == topic)
        ]

    def _one_of(self, phrases: Sequence[str]) -> str:
        return phrases[self._seed % len(phrases)]

    def _acknowledgement(self) -> Iterator[str]:
        says = self._phrases
        yield self._one_of(says.openings[self._request.tone])
        yield self._kind()
        if (host := _HOST.search(self._ticket.text)) is not None:
            yield says.about.format(host=host[0])
        high = [one for one in self._telling if one.is_high or one.is_unusual]
        if high:
            yield self._one_of(says.agrees).format(facts=self._facts(high))
        elif self._telling:
            yield self._one_of(says.silent).format(facts=self._facts(self._telling))
        elif not self._measured:
            yield says.unmeasured
        for item in self._of("forecast"):
            yield says.forecast.format(n=_n(item))
        yield from self._past()
        if not self._of("runbook"):
            yield says.reserve[self._request.tone]

    def _kind(self) -> str:
        says = self._phrases
        if self._predicted is None:
            return self._one_of(says.unknown).format(n=_n(self._ticket))
        known = says.kinds.get(self._category.casefold())
        kind = known or says.other_kind.format(category=self._category)
        sure = self._predicted.value or 0.0
        phrases = says.sure if sure >= _SURE else says.fairly if sure >= _FAIRLY else says.unsure
        return self._one_of(phrases).format(kind=kind, n=_n(self._predicted))

    def _past(self) -> Iterator[str]:
        alike = [item for item in self._of("similar") if (item.value or 0.0) >= _ALIKE]
        same = [item for item in alike if self._category and item.topic == self._category]
        if same:
            one, several = self._phrases.past_same
            template = one if len(same) == 1 else several
            yield template.format(count=len(same), n="".join(map(_n, same)))
        elif alike:
            yield self._phrases.past_other.format(category=alike[0].topic, n=_n(alike[0]))

    def _hypotheses(self) -> Iterator[Hypothesis]:
        says = self._phrases
        high = [one for one in self._measured if one.is_high or one.is_unusual]
        for one in high[:_MAX_MEASURED]:
            meaning = says.high[one.group] if one.is_high else says.high["usual"]
            meaning = meaning.format(label=self._label(one))
            yield Hypothesis(status="confirmed", text=f"{_capital(meaning)}: {self._facts([one])}.")
        calm = [one for one in self._telling if one not in high]
        if calm:
            yield Hypothesis(status="cannot tell", text=says.calm.format(facts=self._facts(calm)))
        causes = list(self._causes())
        yield from causes
        if not high and not causes:
            numbers = _n(self._ticket)
            yield Hypothesis(status="cannot tell", text=says.nothing.format(n=numbers))

    def _causes(self) -> Iterator[Hypothesis]:
        """Yield causes that the runbooks name: those that fit the ticket's words, and one more."""
        found = [
            (len(self._words & _stems(content_words(cause))), cause, item)
            for item in self._of("runbook", "causes")
            for cause in list_items(item.text)
        ]
        fitting = sorted((one for one in found if one[0]), key=lambda one: -one[0])
        for _, cause, item in fitting[: _MAX_CAUSES - 1]:
            text = self._one_of(self._phrases.cause_fits)
            numbers = f"{_n(self._ticket)}{_n(item)}"
            yield Hypothesis(status="likely", text=text.format(cause=cause, n=numbers))
        open_ones = [one for one in found if not one[0]]
        for _, cause, item in open_ones[: 1 if fitting else 2]:
            yield Hypothesis(status="cannot tell", text=f"{cause} {_n(item)}")

    def _steps(self) -> Iterator[str]:
        for place, item in enumerate(self._of("runbook", "steps")[:2]):
            most = _STEPS_OF_SECOND if place else _STEPS_OF_FIRST
            for step in list_items(item.text)[:most]:
                yield f"{step} {_n(item)}"

    def _questions(self) -> Iterator[str]:
        says = self._phrases
        is_dated = bool(content_words(self._ticket.text) & _SINCE)
        if not is_dated:
            yield says.ask_since
        if not self._measured:
            yield says.ask_measured
            if _HOST.search(self._ticket.text) is None:
                yield says.ask_host
        asked = [q for item in self._of("runbook", "questions") for q in list_items(item.text)]
        # What the ticket says, or was just asked, is not asked again.
        yield from (q for q in asked if is_dated or not _ASKS_SINCE.search(q))
        if not asked:
            yield says.ask_change

    def _label(self, one: Reading) -> str:
        return self._phrases.labels.get(one.group, one.label)

    def _facts(self, measured: Sequence[Reading]) -> str:
        facts = []
        for one in measured:
            words = f"{self._label(one)} {one.words}"
            if one.evidence.usual_percent is not None and one.is_unusual:
                words = self._phrases.usual.format(words=words, percent=one.evidence.usual_percent)
            facts.append(f"{words} {_n(one.evidence)}")
        return "; ".join(facts)


def _n(item: Evidence) -> str:
    return f"[{item.number}]"


def _stems(words: frozenset[str]) -> frozenset[str]:
    return frozenset(word[:_STEM] for word in words if len(word) >= 4)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
