"""The four parts of a reply, read from Markdown and written as Markdown."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from core.responses.provider import Language

__all__ = [
    "CITATIONS",
    "CODE",
    "HEADINGS",
    "STATUS_WORDS",
    "Hypothesis",
    "Reply",
    "Status",
    "cited",
    "parse",
    "render",
]

Status = Literal["confirmed", "likely", "cannot tell"]
_PartName = Literal["acknowledgement", "hypotheses", "steps", "questions"]

HEADINGS: Mapping[Language, Mapping[_PartName, str]] = {
    "en": {
        "acknowledgement": "Acknowledgement",
        "hypotheses": "Hypotheses",
        "steps": "Next steps",
        "questions": "Questions",
    },
    "de": {
        "acknowledgement": "Rückmeldung",
        "hypotheses": "Vermutungen",
        "steps": "Nächste Schritte",
        "questions": "Rückfragen",
    },
}
STATUS_WORDS: Mapping[Language, Mapping[Status, str]] = {
    "en": {"confirmed": "Confirmed", "likely": "Likely", "cannot tell": "Cannot tell"},
    "de": {"confirmed": "Bestätigt", "likely": "Wahrscheinlich", "cannot tell": "Offen"},
}
# A model may name a part in its own way.
_HEADING = re.compile(
    r"[ \t]{0,3}(?:#{1,6}[ \t]*|\*\*[ \t]*)(?:\d[.)][ \t]*)?([^\n#*:]{3,60}?)[:*# \t]*"
)
_PART_PATTERNS: tuple[tuple[_PartName, str], ...] = (
    ("acknowledgement", r"acknowledg|rückmeldung|bestätigung|verstanden"),
    ("hypotheses", r"hypothes|cause|diagnos|vermutung|ursache"),
    ("steps", r"step|action|schritt|vorgehen"),
    ("questions", r"question|frage"),
)
_STATUSES: tuple[tuple[Status, str], ...] = (
    ("cannot tell", r"cannot tell|can't tell|unknown|unclear|inconclusive|offen|unklar"),
    ("confirmed", r"confirmed|bestätigt"),
    ("likely", r"likely|probable|possible|wahrscheinlich|möglich"),
)
_STATUS = re.compile(
    r"^[*_\[(\s]*("
    + "|".join(words for _, words in _STATUSES)
    + r")[*_\])\s]*(?:[:–—-]+[*_\s]*|(?<=[\])*]))\s*",
    re.IGNORECASE,
)
_ITEM = re.compile(r"\s{0,3}(?:[-*+•]|\d{1,3}[.)])\s+(\S.*)")
# A number in brackets, after a blank or not, and not the text of a link. The places in the lists of
# programs look the same, and stand in code.
CITATIONS = re.compile(r"\[(\d{1,4}(?:\s*[,;]\s*\d{1,4})*)\](?!\()")
CODE = re.compile(r"(`+)(?:.|\n)*?\1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hypothesis:
    """What may be behind it, and how far the evidence carries it."""

    status: Status
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A reply in its parts; texts are Markdown of one paragraph that cite evidence as [number].

    `rest` is what stood outside of the four parts.
    """

    acknowledgement: str
    hypotheses: tuple[Hypothesis, ...]
    steps: tuple[str, ...]
    questions: tuple[str, ...]
    rest: str = ""


def parse(text: str) -> Reply | None:
    """Return the reply that `text` holds; None where it has not the form that was asked for.

    That form is an acknowledgement, and steps or hypotheses, each below a heading.
    """
    parts: dict[str, list[str]] = {"rest": []}
    current = "rest"
    for line in text.replace("\r\n", "\n").split("\n"):
        part = _part(line)
        if part is not None:
            current = part
            parts.setdefault(part, [])
        elif line.strip() in ("---", "***"):
            current = "rest"
        else:
            parts[current].append(line)
    hypotheses = [_hypothesis(item) for item in _items(parts.get("hypotheses", []))]
    steps = _items(parts.get("steps", []))
    acknowledgement = _paragraph(parts.get("acknowledgement", []))
    if not acknowledgement or not (steps or hypotheses):
        return None
    return Reply(
        acknowledgement=acknowledgement,
        hypotheses=tuple(hypotheses),
        steps=tuple(steps),
        questions=tuple(_items(parts.get("questions", []))),
        rest="\n".join(parts["rest"]).strip(),
    )


def render(reply: Reply, language: Language) -> str:
    """Return the reply as Markdown; `parse` reads it again."""
    heading, words = HEADINGS[language], STATUS_WORDS[language]
    sections = [f"## {heading['acknowledgement']}\n\n{reply.acknowledgement}"]
    if reply.hypotheses:
        lines = [f"- **{words[one.status]}:** {one.text}" for one in reply.hypotheses]
        sections.append(f"## {heading['hypotheses']}\n\n" + "\n".join(lines))
    if reply.steps:
        lines = [f"{number}. {step}" for number, step in enumerate(reply.steps, start=1)]
        sections.append(f"## {heading['steps']}\n\n" + "\n".join(lines))
    if reply.questions:
        lines = [f"- {question}" for question in reply.questions]
        sections.append(f"## {heading['questions']}\n\n" + "\n".join(lines))
    if reply.rest:
        sections.append(f"---\n\n{reply.rest}")
    return "\n\n".join(sections) + "\n"


def cited(text: str) -> tuple[int, ...]:
    """Return the numbers that `text` cites, each once, in their order; code is no citation."""
    plain = CODE.sub("", text)
    numbers = [
        int(number) for group in CITATIONS.findall(plain) for number in re.split(r"\D+", group)
    ]
    return tuple(dict.fromkeys(numbers))


def _part(line: str) -> _PartName | None:
    match = _HEADING.fullmatch(line.rstrip())
    if match is None:
        return None
    for name, pattern in _PART_PATTERNS:
        if re.search(pattern, match[1], re.IGNORECASE):
            return name
    return None


def _items(lines: Sequence[str]) -> list[str]:
    """Return the items of a list; where there is no list, each paragraph is one."""
    items: list[str] = []
    is_open = False
    for line in lines:
        match = _ITEM.fullmatch(line)
        if match:
            items.append(match[1].strip())
            is_open = True
        elif not line.strip():
            is_open = False
        elif is_open:
            items[-1] += " " + line.strip()
        else:
            items.append(line.strip())
            is_open = True
    return items


def _paragraph(lines: Sequence[str]) -> str:
    return "\n\n".join(
        " ".join(line.strip() for line in block.split("\n"))
        for block in re.split(r"\n\s*\n", "\n".join(lines).strip())
    )


def _hypothesis(item: str) -> Hypothesis:
    match = _STATUS.match(item)
    if match is None:
        # Without a word on how sure it is, nothing makes it more than a guess.
        return Hypothesis(status="cannot tell", text=item)
    said = match[1].casefold()
    status = next(name for name, words in _STATUSES if re.fullmatch(words, said))
    return Hypothesis(status=status, text=item[match.end() :].strip() or item)
