"""A ticket's text as it is, with the words that decided underlined by their weight."""

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from core.tickets.explain import DecidingWord

__all__ = ["draw", "pieces"]

MAX_CHARACTERS = 20_000
_MAX_HEIGHT_PX = 300
_LEVELS = 3

# Text, side, level, meaning: side is "" where nothing is underlined.
Piece = tuple[str, str, int, str]

_component = st.components.v2.component(
    "marked_text",
    js=Path(__file__).with_name("marked_text.js").read_text(encoding="utf-8"),
    isolate_styles=False,
)


def draw(text: str, words: Sequence[DecidingWord], category: str, *, key: str) -> None:
    """Draw the text; what speaks for the category has a solid line, what is against it dots.

    Markdown would make links and signs of parts of it, so it is drawn by a component of its own.
    """
    with st.container(key=f"card_{key}"):
        _component(
            key=key,
            data={
                "pieces": pieces(text[:MAX_CHARACTERS], words, category),
                "label": "The ticket's text; words that decided are underlined",
                "maxHeight": _MAX_HEIGHT_PX,
            },
        )
    if len(text) > MAX_CHARACTERS:
        st.caption(f"The first {MAX_CHARACTERS:,} of {len(text):,} characters.")
    if words:
        st.caption(
            "Underlined: what decided, the thicker the more. Solid speaks for the category, dotted "
            "against it."
        )


def pieces(text: str, words: Sequence[DecidingWord], category: str) -> list[Piece]:
    """Return the text in pieces that, put together, are the text again.

    Where a word counts on its own and as part of a pair, the heavier of both underlines it.
    """
    heaviest = max((abs(word.weight) for word in words), default=0.0)
    marks: list[DecidingWord | None] = [None] * len(text)
    for word in sorted(words, key=lambda word: abs(word.weight)):
        for start, end in word.spans:
            marks[start:end] = [word] * len(marks[start:end])
    cut: list[Piece] = []
    start = 0
    for at in range(1, len(text) + 1):
        if at < len(text) and marks[at] is marks[start]:
            continue
        cut.append(_piece(text[start:at], marks[start], heaviest, category))
        start = at
    return cut


def _piece(text: str, word: DecidingWord | None, heaviest: float, category: str) -> Piece:
    if word is None:
        return (text, "", 0, "")
    level = min(_LEVELS, 1 + int(_LEVELS * abs(word.weight) / heaviest))
    side = "for" if word.weight > 0 else "against"
    return (text, side, level, f"“{word.term}” counts {side} {category}")
