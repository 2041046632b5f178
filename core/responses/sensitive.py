"""Where a text holds what should not leave this machine, by kind."""

import ipaddress
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from core.responses.plain_words import TECHNICAL, WORDS_AFTER_USER
from core.responses.secret_rules import SECRETS

__all__ = ["KINDS", "Kind", "Span", "spans"]

Kind = Literal["SECRET", "EMAIL", "IP", "CARD", "PHONE", "USER", "HOST"]
KINDS: tuple[Kind, ...] = ("SECRET", "EMAIL", "IP", "CARD", "PHONE", "USER", "HOST")


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Characters `start` up to `end` of a text, and what they are."""

    kind: Kind
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rule:
    """A pattern whose group `s` (else all of it) is sensitive where `is_meant` agrees."""

    kind: Kind
    pattern: re.Pattern[str]
    is_meant: Callable[[str], bool] = lambda _: True


def spans(text: str) -> list[Span]:
    """Return what is sensitive in `text`, in order and without overlap.

    Found are: e-mail and IP addresses, MAC addresses, host names with a domain or a digit, ids of
    machines, user names where a word or a path says that they are, names below a greeting, keys,
    tokens and passwords of the common forms, passwords in addresses, phone numbers and numbers
    of cards with a right check digit. A host or a person called by a plain word alone ("gandalf
    is slow") cannot be told from other words: such names have to be given (`redaction.mask`).
    """
    found: list[Span] = []
    for rule in _RULES:
        for start, end in _places(rule.pattern, text):
            if rule.is_meant(text[start:end]):
                found.append(Span(kind=rule.kind, start=start, end=end))
    return _apart(found)


def _places(pattern: re.Pattern[str], text: str) -> Iterator[tuple[int, int]]:
    """Yield where the pattern's group `s`, else all of it, stands in `text`.

    What a group matched may itself be the word before the next one: in "login user bob" the word
    behind "login" is no name, and the word behind that one is.
    """
    group = "s" if "s" in pattern.groupindex else 0
    at = 0
    while (match := pattern.search(text, at)) is not None:
        start, end = match.span(group)
        if start < end:
            yield start, end
        at = max(match.start() + 1, start if group else end)


def _apart(found: list[Span]) -> list[Span]:
    """Return spans in order; those that overlap become one, of the kind whose rule comes first."""
    rank = {id(span): position for position, span in enumerate(found)}
    merged: list[tuple[Span, int]] = []
    for span in sorted(found, key=lambda span: (span.start, -span.end)):
        if merged and span.start < merged[-1][0].end:
            last, place = merged[-1]
            first = min(place, rank[id(span)])
            kind = last.kind if first == place else span.kind
            end = max(last.end, span.end)
            merged[-1] = (Span(kind=kind, start=last.start, end=end), first)
        else:
            merged.append((span, rank[id(span)]))
    return [span for span, _ in merged]


def _is_ip(text: str) -> bool:
    try:
        ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    return text != "::"


def _is_card(text: str) -> bool:
    """Whether the check digit is right (Luhn, US patent 2,950,048)."""
    digits = [int(sign) for sign in text if sign.isascii() and sign.isdigit()][::-1]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]
    return 13 <= len(digits) <= 19 and (sum(digits[::2]) + sum(doubled)) % 10 == 0


def _is_phone(text: str) -> bool:
    return 7 <= sum(sign.isdigit() for sign in text) <= 15


def _is_user(text: str) -> bool:
    return text.lower().strip(".") not in WORDS_AFTER_USER


def _is_signature(text: str) -> bool:
    first = text.split()[0].lower().strip(".,")
    return first not in WORDS_AFTER_USER and first not in _NO_NAMES


def _is_host(text: str) -> bool:
    """Whether a word with a digit in it is a machine, and not a measure, a version or a device."""
    word = text.lower()
    if not any(sign.isdigit() for sign in word) or _PLACEHOLDER.fullmatch(text):
        return False
    stem = re.match(r"[^\W\d_]+", word)
    if stem is None or len(stem[0]) < 2:
        return False
    is_simple = re.fullmatch(r"[^\W\d_]+[-_]?\d+[^\W\d_]{0,3}(?:[-_]\d+)?", word) is not None
    return not (is_simple and stem[0] in TECHNICAL)


def _is_domain(text: str) -> bool:
    """Whether a name with dots is a machine's, and not a file, a package or a version."""
    labels = text.rstrip(".").split(".")
    if len(labels) == 2 and labels[-1].lower() in _FILE_ENDINGS:
        return False
    is_package = any(re.fullmatch(r"[A-Z]\w*[a-z]\w*", label) for label in labels[2:])
    return not (is_package and labels[0] in _PACKAGES)


# Day, month and year. Behind 01.02.03 a French number goes on with .04.
_DATE = (
    r"(?:0?[1-9]|[12]\d|3[01])(?P<sep>[./-]) ?(?:0?[1-9]|[12]\d|3[01])(?P=sep) ?"
    r"(?:(?:19|20)\d\d(?!\d)|\d\d(?!\d|[./-]\d))"
)
_NO_DATE = rf"(?!\(?{_DATE})"
_PLACEHOLDER = re.compile(rf"(?:{'|'.join(KINDS)})_\d+")
_ENDINGS = (
    "bak c cfg conf core cpp cs csv db dll dmp doc docx env err exe gz h html ini jar java jpg js "
    "json key log md mount out pdf pem php pl png py rb rs sh service slice so sock socket sql "
    "sqlite target tar tmp timer toml ts txt war xls xlsx xml yaml yml zip"
)
_FILE_ENDINGS = frozenset(_ENDINGS.split())
_NO_NAMES = frozenset(
    {"best", "für", "im", "practice", "regards", "team", "thanks", "vielen", "wishes"}
)
_PACKAGES = frozenset({"com", "io", "java", "javax", "kotlin", "net", "org", "scala", "sun"})


def _signatures() -> Iterator[str]:
    """Yield the patterns for a name below a greeting, or beside one at the end of its line.

    "Danke, Outlook geht wieder" names nobody.
    """
    greeting = (
        r"\b(?i:regards|thanks|thank you|thx|cheers|best|sincerely|yours|grüße|grüßen|gruß|gruss|"
        r"mfg|danke|lg|vg)[ \t]*"
    )
    title = r"(?:(?:(?:Dr|Prof|Mr|Mrs|Ms|Dipl)\b\.?(?:-Ing\.)?|Herr|Frau)[ \t]+)*"
    large = "[A-ZÀ-Þ]"
    name = (
        rf"{title}(?P<s>(?:{large}\.[ \t]?)*{large}[\w'’-]+"
        rf"(?:[ \t]+(?:v[ao]n |de[rn]? )*{large}(?:\.|[\w'’-]*)){{0,3}})"
    )
    line_ends = r"(?=[ \t]*[.!]?[ \t]*(?:\r?\n|\Z))"
    dash = r"(?:[-–—]+\s*)?"
    yield rf"{greeting}[,.!]?[ \t]*\r?\n\s*{dash}{name}(?=[ \t]*(?:[.,;|/(<–—]|-[ \t]|\r?\n|\Z))"
    yield rf"{greeting}(?:,|[-–—]+)[ \t]*{dash}{name}{line_ends}"
    yield rf"(?:(?m:^)|(?<=[.!?])[ \t]+){greeting}(?<=[ \t]){name}{line_ends}"


def _rules() -> Iterator[_Rule]:
    def rule(
        kind: Kind,
        pattern: str | re.Pattern[str],
        is_meant: Callable[[str], bool] = lambda _: True,
        flags: int = 0,
    ) -> _Rule:
        return _Rule(kind=kind, pattern=re.compile(pattern, flags), is_meant=is_meant)

    ignore = re.IGNORECASE
    for secret, is_secret in SECRETS:
        yield _Rule(kind="SECRET", pattern=secret, is_meant=is_secret)
    # Addresses.
    yield rule("EMAIL", r"[\w.+%'-]*[\w+%-]@[\w-]+(?:\.[\w-]+)*")
    yield rule("IP", r"(?<![\w:-])(?:[0-9a-fA-F]{2}[:-]){5}[0-9a-fA-F]{2}(?![\w:-])")
    yield rule(
        "IP", r"(?<![\w:])[0-9a-fA-F]*:[0-9a-fA-F:]*:[0-9a-fA-F:.]*(?:%\w+)?(?<![.:])", _is_ip
    )
    yield rule("IP", r"(?<![\w:])[0-9a-fA-F:]*::(?![\w:])", _is_ip)
    yield rule("IP", r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w]|\.\d)", _is_ip)
    # Ids first: parts of them look like numbers that people dial or pay with.
    yield rule("HOST", r"\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b")
    yield rule("HOST", r"\b(?:i|vol|eni|subnet|vpc|ami|snap)-[0-9a-f]{8,17}\b")
    # Numbers.
    yield rule("CARD", r"(?<![\w.-])\d(?:[ -]?\d){12,18}(?![\w-])", _is_card)
    yield rule("PHONE", r"(?<![\w.-])(?:\+|00)[1-9][\d ()/.-]{5,}\d(?!\w)", _is_phone)
    yield rule(
        "PHONE", rf"(?<![\w.,:-])(?<!\d/){_NO_DATE}\(?0[1-9][\d ()/.-]{{5,}}\d(?!\w)", _is_phone
    )
    yield rule("PHONE", r"(?<![\w.-])(?:\(\d{3}\) ?|\d{3}[-. ])\d{3}[-. ]\d{4}(?![\w-])")
    yield rule(
        "PHONE",
        r"\b(?:tel(?:efon)?|phone|mobile?|handy|cell|fax|call|ring|extension|ext|durchwahl)\b\.?"
        r"[ :]*(?:me |us |him |her )?(?:on |at |under |unter )?"
        rf"(?P<s>{_NO_DATE}\d[\d ()/.-]{{2,}}\d)",
        lambda text: sum(sign.isdigit() for sign in text) >= 4,
        ignore,
    )
    # People.
    yield rule("USER", r"(?:[\\/](?:home|[Uu]sers)[\\/])(?P<s>[^/\\\s:\"'`,;]+)")
    yield rule("USER", r"\b[A-Z][A-Z0-9-]{1,14}\\(?P<s>[\w.-]*\w)")
    yield rule(
        "USER",
        r"\b(?:user(?: ?name)?|user[ _-]?id|login|account|owner|benutzer(?:name)?|uid|gid)\b"
        r"[\"'`]?\s*[=:]\s*[\"'`]?(?P<s>[\w.-]*\w)",
        _is_user,
        ignore,
    )
    yield rule("USER", r"\b(?:uid|gid|groups)=\d+\((?P<s>[\w.-]+)\)")
    yield rule(
        "USER",
        r"\b(?:user|username|login|account|logged in as|sudo -u|su -|su|benutzer)\s+"
        r"[\"'`“‘]?(?P<s>[^\W\d][\w.-]*\w)",
        _is_user,
        ignore,
    )
    for signature in _signatures():
        yield rule("USER", signature, _is_signature)
    # Machines.
    yield rule("HOST", r"(?<![\w@./-])(?:[\w-]+\.)+[^\W\d_][\w-]*[^\W_](?!\w)", _is_domain)
    yield rule("HOST", r"(?<=://)[^\s/:\"'<>@]+")
    yield rule("HOST", r"(?<![\w.])[^\W\d_][^\W_]*(?:[-_][^\W_]+)*(?!\w)", _is_host)
    yield rule(
        "HOST",
        r"\b(?:host(?:name)?|server|vm|node|machine|instance|pod|vm[ _-]?id|rechner|maschine)\b"
        r"[\"']?\s*(?:[=:]\s*[\"'`]?|[\"'`])(?P<s>[^\W_][\w.-]*[^\W_])",
        _is_user,
        ignore,
    )
    yield rule(
        "HOST",
        r"\b(?:host(?:name)?|server|vm|node|machine|instance|pod|rechner|maschine|knoten)\s+"
        r"(?P<s>[^\W_]+(?:[-_.][^\W_]+)+)",
        _is_user,
        ignore,
    )


_RULES = tuple(_rules())
