"""Hold a reply against its evidence: citations, what counts as confirmed, and harmless Markdown."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from core.responses.evidence import Evidence
from core.responses.plain_markdown import plain
from core.responses.provider import Language
from core.responses.structure import (
    CITATIONS,
    CODE,
    STATUS_WORDS,
    Hypothesis,
    Reply,
    Status,
    cited,
    parse,
    render,
)

__all__ = ["CheckedReply", "check", "shown"]

# A ticket is a claim, a forecast a guess, a runbook guidance: only what was measured confirms.
_CONFIRMING = frozenset({"measured"})
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_QUANTITY = re.compile(rf"({_NUMBER.pattern})\s*(?:%|°C|ms\b|s\b|[kMGT]?B(?:/s)?\b|per s\b)")
_MAX_QUOTED = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedReply:
    """A reply that may be shown.

    `parts` is None where the text has not the form that was asked for; `markdown` then holds it as
    it came. `notes` say in words what was removed, downgraded or missed.
    """

    parts: Reply | None
    markdown: str
    notes: tuple[str, ...]


def shown(text: str, evidence: Sequence[Evidence]) -> str:
    """Return a text that is still being written as it may be shown."""
    return plain(text, (item.text for item in evidence)).text


def check(text: str, evidence: Sequence[Evidence], language: Language) -> CheckedReply:
    """Return the reply that `text` holds, with what the evidence does not carry taken out of it."""
    found = plain(text, (item.text for item in evidence))
    notes: list[str] = []
    if found.n_removed:
        notes.append(
            f"Taken out: {found.n_removed} links, images, pieces of HTML or commands that go to an "
            "address that nobody named."
        )
    numbers = frozenset(item.number for item in evidence)
    if unknown := [number for number in cited(found.text) if number not in numbers]:
        listed = ", ".join(f"[{number}]" for number in unknown)
        notes.append(f"Taken out: {listed}, for there is no such evidence.")
    known = _without_unknown(found.text, numbers)
    reply = parse(known)
    if reply is None:
        notes.append(
            "The reply has not the four parts that were asked for; it is shown as it came, and "
            "what it claims was not checked."
        )
        return CheckedReply(parts=None, markdown=known.strip() + "\n", notes=tuple(notes))
    by_number = {item.number: item for item in evidence}
    hypotheses = []
    for hypothesis in reply.hypotheses:
        weighed, note = _weighed(hypothesis, by_number, language)
        hypotheses.append(weighed)
        notes += [note] if note else []
    reply = Reply(
        acknowledgement=reply.acknowledgement,
        hypotheses=tuple(hypotheses),
        steps=reply.steps,
        questions=reply.questions,
        rest=reply.rest,
    )
    return CheckedReply(parts=reply, markdown=render(reply, language), notes=tuple(notes))


def _weighed(
    hypothesis: Hypothesis, evidence: Mapping[int, Evidence], language: Language
) -> tuple[Hypothesis, str]:
    """Return a hypothesis with the status that its evidence carries, and what was changed."""
    items = [evidence[number] for number in cited(hypothesis.text)]
    status: Status = hypothesis.status
    why = ""
    if status == "confirmed" and not any(item.kind in _CONFIRMING for item in items):
        status, why = "likely", "it cites nothing that was measured"
    elif status == "confirmed" and (odd := list(_unheard(hypothesis.text, items, language))):
        status, why = "likely", f"{odd[0]} stands in nothing that it cites"
    if status == "likely" and not items:
        status, why = "cannot tell", "it cites no evidence"
    if status == hypothesis.status:
        return hypothesis, ""
    words = STATUS_WORDS["en"]
    quoted = re.sub(r"\s+", " ", hypothesis.text)
    quoted = quoted if len(quoted) <= _MAX_QUOTED else quoted[: _MAX_QUOTED - 1] + "…"
    note = (
        f"“{quoted}”: {words[hypothesis.status].lower()} became {words[status].lower()}, "
        f"because {why}."
    )
    return Hypothesis(status=status, text=hypothesis.text), note


def _unheard(text: str, items: Sequence[Evidence], language: Language) -> Iterator[str]:
    """Yield the quantities of a text that none of the items holds, in whatever notation."""
    written: set[str] = set()
    meant: set[float | None] = set()
    for item in items:
        numbers = _NUMBER.findall(item.text)
        written.update(numbers)
        # What was measured is written by us; people write in their own way.
        marks = "." if item.kind in _CONFIRMING else ".,"
        meant.update(_value(number, mark) for number in numbers for mark in marks)
    own, other = (",", ".") if language == "de" else (".", ",")
    for match in _QUANTITY.finditer(CODE.sub("", text)):
        value = _value(match[1], own)
        value = _value(match[1], other) if value is None else value
        if match[1] not in written and (value is None or value not in meant):
            yield match[0]


def _value(number: str, mark: str) -> float | None:
    """Return a number with this decimal mark, "." or ","; None where it is not written so."""
    group = "," if mark == "." else "."
    written = rf"(?:[1-9]\d{{0,2}}(?:\{group}\d{{3}})+|\d+)(?:\{mark}\d+)?"
    if re.fullmatch(written, number) is None:
        return None
    return float(number.replace(group, "").replace(mark, "."))


def _without_unknown(text: str, numbers: frozenset[int]) -> str:
    """Return `text` without citations of evidence that there is not; code stays as it is."""

    def kept(match: re.Match[str]) -> str:
        known = [n for n in re.split(r"\D+", match[1]) if int(n) in numbers]
        return f"[{', '.join(known)}]" if known else ""

    pieces, at = [], 0
    for code in CODE.finditer(text):
        pieces += [CITATIONS.sub(kept, text[at : code.start()]), code[0]]
        at = code.end()
    joined = "".join([*pieces, CITATIONS.sub(kept, text[at:])])
    return re.sub(r"[ \t]+(?=[.,;:!?](?:\s|$))|[ \t]+$", "", joined, flags=re.MULTILINE)
