"""How an error looks on a page: what failed and what to do, never a traceback."""

import logging
import re

import streamlit as st

from core.errors import CoreError

__all__ = ["NOTHING", "as_text", "is_news", "show"]

_log = logging.getLogger(__name__)

NOTHING = ":small[]"
"""What draws nothing in Markdown, and keeps apart what would be read as one: an empty directive of
Streamlit's. A character of no width would be copied with a command."""

# Where, in escaped text, something would begin: http://, www., the end of an e-mail address, a word
# between colons, an arrow or a dash.
_MADE_LATER = re.compile(
    r"(?<=http)(?=s?\\:)|(?<=www)(?=\\\.)|(?=\\@)|(?<=\\:)(?=[\w+\\-]+\\:)"
    r"|(?<=\\[-<>~])(?=\\[-=>])",
    re.IGNORECASE,
)


def show(error: Exception) -> bool:
    """Show `error` on the page and log it; return True, which keeps Streamlit from showing it too.

    Called with what `pages/main.py` catches, and by Streamlit with what a callback or a fragment
    raises (`st.App(on_script_error=...)`).
    """
    if isinstance(error, CoreError):
        _log.warning("%s: %s", type(error).__name__, error)
        st.error(as_text(str(error)), icon=":material/error:")
    else:
        _log.error("A page failed", exc_info=error)
        st.error(
            "This is a fault of the app. What happened is in its log; the other pages still work.",
            icon=":material/error:",
        )
    return True


def is_news(record: logging.LogRecord) -> bool:
    """Return whether what Streamlit logs of a failure is news: a CoreError was told on its page.

    As a filter of the loggers that would print its traceback on the terminal.
    """
    error = record.exc_info[1] if record.exc_info else None
    return not any(isinstance(one, CoreError) for one in (error, getattr(error, "__cause__", None)))


def as_text(text: str) -> str:
    """Return `text` escaped so that Markdown shows it as it is: it may come from a file or a user.

    Every ASCII punctuation mark may be escaped by a backslash (CommonMark 0.31, 2.4). What of the
    escaped text Streamlit 1.67 would still make a link, a picture or an arrow of is kept apart by
    something that draws nothing and is not copied. Lines lose the spaces at their beginning, which
    would make code of them.
    """
    lines = re.sub(r"^[ \t]+", "", text, flags=re.MULTILINE)
    return _MADE_LATER.sub(NOTHING, re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", lines))
