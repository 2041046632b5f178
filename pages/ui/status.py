"""The words, symbols and colours of a state: the same everywhere, and never colour alone."""

from dataclasses import dataclass

__all__ = ["STATUSES", "Status", "as_markdown", "status"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """A state as a person sees it.

    `colour` is for charts: at least 3:1 against the page in both themes. `streamlit_colour` is the
    same colour by Streamlit's name, which follows the theme.
    """

    word: str
    symbol: str
    colour: str
    streamlit_colour: str


STATUSES: tuple[Status, ...] = (
    Status(word="healthy", symbol="●", colour="#1a9a6c", streamlit_colour="green"),
    Status(word="watch", symbol="▲", colour="#c77d0a", streamlit_colour="orange"),
    Status(word="failing", symbol="■", colour="#e0483e", streamlit_colour="red"),
    Status(word="not enough data", symbol="○", colour="#7c8798", streamlit_colour="gray"),
    Status(word="no model", symbol="○", colour="#7c8798", streamlit_colour="gray"),
)


def status(word: str) -> Status:
    """Return the state called `word`; KeyError for any other word."""
    for known in STATUSES:
        if known.word == word:
            return known
    raise KeyError(word)


def as_markdown(word: str) -> str:
    """Return symbol and word in the state's colour, for Markdown."""
    known = status(word)
    return f":{known.streamlit_colour}[{known.symbol} {known.word}]"
