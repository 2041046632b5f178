"""What a reply cites: numbers that lead to their evidence, and that evidence below it."""

import re
from collections.abc import Sequence

import streamlit as st

from core.responses.evidence import Evidence
from core.responses.structure import CITATIONS, CODE, cited
from pages.ui.errors import NOTHING, as_text

__all__ = ["draw", "linked"]

_SHOWN_CHARACTERS = 600
# Streamlit makes a link of the one and a picture of the other, whatever stands before them.
_MADE_LATER = re.compile(r"(?<=\w)(?=@\w)|(?<=:)(?=streamlit:)")


def linked(markdown: str) -> str:
    """Return a checked reply with its citations as small numbers that lead to what `draw` lists."""
    pieces, at = [], 0
    for code in CODE.finditer(markdown):
        pieces += [_words(markdown[at : code.start()]), code[0]]
        at = code.end()
    return "".join([*pieces, _words(markdown[at:])])


def draw(markdown: str, evidence: Sequence[Evidence]) -> None:
    """List what a reply cites, as text; each item has the place that its number leads to."""
    numbers = cited(markdown)
    items = [item for item in evidence if item.number in numbers]
    if not items:
        return
    st.markdown("**What it rests on**")
    for item in items:
        with st.container(gap="xxsmall"):
            # Streamlit gives a heading the address "evidence-3".
            st.markdown(f"###### Evidence {item.number}")
            st.caption(as_text(item.source))
            st.text(item.text[:_SHOWN_CHARACTERS], wrap=True)


def _words(text: str) -> str:
    return CITATIONS.sub(_links, _MADE_LATER.sub(NOTHING, text))


def _links(match: re.Match[str]) -> str:
    numbers = re.split(r"\D+", match[1])
    return "".join(rf":small[[\[{number}\]](#evidence-{number})]" for number in numbers)
