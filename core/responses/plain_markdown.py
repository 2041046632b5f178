"""Markdown that shows words and nothing else: no HTML, no images, no links."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from core.responses.commands import hosts_in, is_named

__all__ = ["LINK", "COMMAND", "Plain", "plain"]

# What stands in the place of what was taken out.
LINK = "(link removed)"
COMMAND = "`(command with an unknown address removed)`"

# A block from its fence to the next one, or a span on one line.
_CODE = re.compile(
    r"^[ ]{0,3}(?P<mark>`{3,}|~{3,}).*(?:\n.*)*?(?:\n[ ]{0,3}(?P=mark)[`~]*[ \t]*$|\Z)"
    r"|(?<!`)(?P<tick>`+)(?!`)[^\n]+?(?<!`)(?P=tick)(?!`)",
    re.MULTILINE,
)
_THOUGHTS = re.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.DOTALL | re.IGNORECASE)
_LOUD = re.compile(
    r"<(script|style|iframe|object|svg|template)\b.*?(?:</\1\s*>|\Z)", re.DOTALL | re.IGNORECASE
)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_TAG = re.compile(r"</?[A-Za-z][^<>]*>|<[!?][^<>]*>")
_DEFINITION = re.compile(r"^[ ]{0,3}\[[^\]\n]+\]:[ \t]*\S+.*$", re.MULTILINE)
_INSIDE = r"((?:[^\[\]\\]|\\.|\\$|\[[^\[\]]*\])*+)"
_LINK = re.compile(rf"!?\[{_INSIDE}\]\((?:[^()\n]|\([^()\n]*\)|\n(?!\n))*\)?")
_REFERENCE = re.compile(rf"!\[{_INSIDE}\](?:\[[^\]\n]*\])?|\[{_INSIDE}\]\[(?!\d)[^\]\n]*\]")
_ADDRESS = re.compile(
    r"(?:\b(?:https?|ftps?|wss?|file|data|javascript|vbscript|blob)\s*:(?=[^\s])|\bwww\.|(?<![:\w/])//(?=\w))[^\s<>\"'`)\]]*",
    re.IGNORECASE,
)
_OWN = frozenset({"127.0.0.1", "localhost", "::1", "0.0.0.0"})  # noqa: S104 - read, not bound
_MAX_ROUNDS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Plain:
    """A text that shows words only, and how many things were taken out of it."""

    text: str
    n_removed: int


def plain(text: str, said: Iterable[str] = ()) -> Plain:
    """Return `text` without HTML, images, links and a model's thoughts; code stays as it is.

    A command that goes to an address on the network stays only where its host is this machine or
    is named in one of the texts `said`.
    """
    said = tuple(said)
    text = _THOUGHTS.sub("", text)
    n_removed = 0
    # What was taken out before a fence can make it one.
    for _ in range(_MAX_ROUNDS):
        before = text
        text, n = _once(text, said)
        n_removed += n
        if text == before:
            break
    return Plain(text=text, n_removed=n_removed)


def _once(text: str, said: tuple[str, ...]) -> tuple[str, int]:
    pieces: list[str] = []
    n_removed = at = 0
    for code in _CODE.finditer(text):
        words, n = _words(text[at : code.start()])
        unknown = (host for host in hosts_in(code[0]) - _OWN if not is_named(host, said))
        # A renderer may see a link where this sees code, as in the cells of a table.
        is_known = "](" not in code[0] and next(unknown, None) is None
        pieces += [words, code[0] if is_known else COMMAND]
        n_removed += n + (not is_known)
        at = code.end()
    words, n = _words(text[at:])
    return "".join([*pieces, words]), n_removed + n


def _words(text: str) -> tuple[str, int]:
    """Return a text without code as words only, and how many things were taken out."""
    n_removed = 0
    for _ in range(_MAX_ROUNDS):
        before = text
        for pattern, put in (
            (_COMMENT, ""),
            (_LOUD, ""),
            (_TAG, ""),
            (_LINK, _label),
            (_REFERENCE, _label),
            (_DEFINITION, ""),
            (_ADDRESS, LINK),
        ):
            text, n = pattern.subn(put, text)
            n_removed += n
        if text == before:
            break
    # What is left of a tag that never closed, formulas, and Streamlit's own colours and icons. The
    # icons are looked for before any backslash counts.
    text = re.sub(r"<(?=[A-Za-z/!?])", "&lt;", text)
    text = re.sub(r"(?<!\\)\$", r"\\$", text)
    text = re.sub(r"(?<!\\):(?=[a-z-]+\[|material/|streamlit:)", r"\\:", text)
    text = text.replace(":material/", r":material\/")
    return text, n_removed


def _label(match: re.Match[str]) -> str:
    label = next((group for group in match.groups() if group is not None), "")
    return f"[{label}]" if label.isdigit() else label
