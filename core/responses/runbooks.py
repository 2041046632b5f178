"""Runbooks: Markdown files that say what to do about a kind of ticket, and which of them fit."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from core.errors import DataError
from core.metrics import METRICS

__all__ = [
    "Part",
    "Passage",
    "Runbook",
    "content_words",
    "list_items",
    "matching",
    "read_runbooks",
    "ticket_words",
]

Part = Literal["signs", "causes", "steps", "questions", "text"]

MAX_BYTES = 200_000
MAX_MATCHES = 2
# Below this nothing matches: a runbook for another trouble is worse than none.
FLOOR = 0.35
# Words in common that count as much as half of a sure category.
_HALF_WORDS = 3.0
_OTHER_LANGUAGE = 0.6
_PARTS: tuple[tuple[Part, str], ...] = (
    ("signs", r"sign|symptom|shows|anzeichen|woran"),
    ("causes", r"cause|reason|behind|ursache|grund|gründe"),
    ("questions", r"question|ask\b|frage"),
    ("steps", r"step|what to do|procedure|action|fix|resol|mitigat|schritt|vorgehen|was tun"),
)
_STOP_WORDS_TEXT = (
    "about after again all also and any are auf aus because been before bei but can das dem den "
    "der die does ein eine einem einen einer for from had has have how ich into ist its just mit "
    "more nicht not noch now off one only our out over seit she sich sie since some than that the "
    "them then there these they this too und very von was we were what when which while who why "
    "wie will wird with would you your zum zur"
)
_STOP_WORDS = frozenset(_STOP_WORDS_TEXT.split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """One section of a runbook; `part` is what its heading says that it holds."""

    heading: str
    part: Part
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Runbook:
    """A runbook file: for which categories it is meant ("" for any) and what it says."""

    name: str
    title: str
    categories: tuple[str, ...]
    language: str
    passages: tuple[Passage, ...]
    words: frozenset[str]


# How a drafted ticket lists what was measured: each metric by its name, calm or not.
_READING = re.compile(
    rf"^- (?:{'|'.join(re.escape(metric.label) for metric in METRICS)}): .*$", re.MULTILINE
)


def read_runbooks(folder: Path) -> tuple[Runbook, ...]:
    """Return the runbooks of every .md file in `folder`, by name; none where there is no folder.

    A file is a title (`# ...`), lines `Categories: A, B` and `Language: en` where wanted, and
    sections (`## ...`). Sections are known by their headings: signs, causes, steps, questions.

    Raises
    ------
    DataError
        A file cannot be read, is no UTF-8 text or is larger than 200 kB.
    """
    return tuple(_read(path) for path in sorted(folder.glob("*.md")))


def matching(
    runbooks: Sequence[Runbook], text: str, category: str, language: str
) -> tuple[Runbook, ...]:
    """Return up to two runbooks for a ticket, the best first; none where none reaches the floor.

    A runbook scores by its category and by the words that its title and its signs share with the
    text. One in another language than the reply's counts less.
    """
    words = ticket_words(text)

    def score(runbook: Runbook) -> float:
        shared = len(words & runbook.words)
        named = category.casefold() in (known.casefold() for known in runbook.categories)
        found = 0.5 * (bool(category) and named) + shared / (shared + _HALF_WORDS)
        return found * (1.0 if runbook.language == language else _OTHER_LANGUAGE)

    scored = sorted(((score(one), -at) for at, one in enumerate(runbooks)), reverse=True)
    best = [runbooks[-at] for found, at in scored if found >= FLOOR]
    # The same runbook in two languages is one.
    languages = {one.language for one in best[:1]}
    return tuple(one for one in best if one.language in languages)[:MAX_MATCHES]


def content_words(text: str) -> frozenset[str]:
    """Return the words of a text that say something, in small letters."""
    found = re.findall(r"[^\W\d_]{3,}", text.casefold())
    return frozenset(found) - _STOP_WORDS


def ticket_words(text: str) -> frozenset[str]:
    """Return the words that a ticket says something with, none for a drafted list of readings.

    "Network errors: 0 per s" speaks of no errors in the network.
    """
    return content_words(_READING.sub("", text))


def list_items(text: str) -> tuple[str, ...]:
    """Return the items of the lists in a Markdown text, numbered or not, without their marks."""
    items: list[str] = []
    for line in text.splitlines():
        match = re.match(r"\s*(?:[-*+]|\d{1,3}[.)])\s+(\S.*)", line)
        if match:
            items.append(match[1].strip())
        elif items and line.startswith((" ", "\t")) and line.strip():
            items[-1] += " " + line.strip()
    return tuple(items)


def _read(path: Path) -> Runbook:
    try:
        data = path.read_bytes()
        text = data.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(
            f"The runbook {path.name} cannot be read ({error}); save it as UTF-8 text or take it "
            "out of RUNBOOKS_DIR."
        ) from error
    if len(data) > MAX_BYTES:
        raise DataError(
            f"The runbook {path.name} has {len(data):,} bytes, more than {MAX_BYTES:,}; split it."
        )
    head, *sections = re.split(r"^##[ \t]+", text.replace("\r\n", "\n"), flags=re.MULTILINE)
    title = re.search(r"^#[ \t]+(.+)$", head, flags=re.MULTILINE)
    passages = tuple(_passages(head if not sections else "", sections))
    named = title[1].strip() if title else path.stem.replace("_", " ")
    telling = [named, *(one.text for one in passages if one.part == "signs")]
    if len(telling) == 1:
        telling = [named, text]
    return Runbook(
        name=path.stem,
        title=named,
        categories=tuple(
            part.strip() for part in _field(head, "categories").split(",") if part.strip()
        ),
        language=_field(head, "language").casefold() or "en",
        passages=passages,
        words=content_words(" ".join(telling)),
    )


def _field(head: str, name: str) -> str:
    found = re.search(rf"^{name}:[ \t]*(.+)$", head, flags=re.MULTILINE | re.IGNORECASE)
    return found[1].strip() if found else ""


def _passages(whole: str, sections: Iterable[str]) -> Iterable[Passage]:
    if whole.strip():
        yield Passage(heading="text", part="steps" if list_items(whole) else "text", text=whole)
    for section in sections:
        heading, _, text = section.partition("\n")
        part: Part = "text"
        for name, pattern in _PARTS:
            if re.search(pattern, heading, re.IGNORECASE):
                part = name
                break
        if text.strip():
            yield Passage(heading=heading.strip(), part=part, text=text.strip())
