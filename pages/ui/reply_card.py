"""A written reply: its text, what was done about it, and what a person can do with it."""

from collections.abc import Callable

import streamlit as st

from core import quantities
from core.responses.evidence import MAX_TICKET
from core.responses.responder import Prepared
from core.responses.writing import Written
from pages.ui import reply_citations
from pages.ui.errors import as_text
from pages.ui.reply_form import Asked, in_words

__all__ = ["Keep", "badge", "draw", "what_happened", "whose"]

# Takes the text as it is to be kept, whether it was edited, thumb and comment.
Keep = Callable[[str, bool, int, str], None]
_THUMBS = {None: 0, 0: -1, 1: 1}
_BEGINNING = 60


def whose(prepared: Prepared, asked: Asked) -> None:
    """Say so where the reply on screen is not the one to what the form now holds.

    It stays until another is written, and must not be sent to whoever filed another ticket.
    """
    ticket, request = prepared.evidence[0].text, prepared.request
    if ticket != asked.text.strip()[:MAX_TICKET]:
        line = " ".join(ticket.split())
        start = line if len(line) <= _BEGINNING else f"{line[:_BEGINNING].rstrip()}…"
        st.markdown(
            f":orange[▲ To another ticket]: this is the reply to “{as_text(start)}”, not to what "
            "the form holds now. Generate writes one to that."
        )
    elif (request.language, request.tone) != (asked.language, asked.tone):
        st.caption(
            f"Written in {in_words(request.language, request.tone)}. Generate writes it in "
            f"{in_words(asked.language, asked.tone)}."
        )


def badge(written: Written) -> str:
    """Return who wrote it, how fast and with how many tokens."""
    parts = [written.usage.model or "offline, no language model"]
    if written.first_word_s is not None:
        parts.append(f"first word after {quantities.quantity(1000 * written.first_word_s, 'ms')}")
    parts.append(f"{quantities.quantity(1000 * written.total_s, 'ms')} in all")
    if written.usage.reply_tokens is not None:
        parts.append(f"{written.usage.prompt_tokens} + {written.usage.reply_tokens} tokens")
    return " · ".join(parts)


def what_happened(written: Written) -> None:
    """Say what kept the reply from its end, and what was taken out of it or downgraded."""
    if written.problem:
        st.warning(as_text(written.problem), icon=":material/warning:")
    if written.is_stopped:
        st.info("Stopped. What had arrived is kept.", icon=":material/stop_circle:")
    elif written.usage.is_cut:
        st.info("The reply was cut off before its end.", icon=":material/content_cut:")
    for note in written.reply.notes:
        st.markdown(f":orange[▲] {as_text(note)}")


def _without_words(written: Written) -> None:
    """Say why not a word has come; there is nothing to copy, check or save."""
    if written.problem:
        st.warning(as_text(written.problem), icon=":material/warning:")
    else:
        st.info("Not a word had arrived.", icon=":material/stop_circle:")


def draw(written: Written, exported: str, keep: Keep, lock: str | None, *, key: str) -> None:
    """Draw the card of a reply.

    `exported` is the masked file, `keep` saves the reply with its ticket, and `lock` says why the
    person who looks may not do that.
    """
    if not written.reply.markdown.strip():
        _without_words(written)
        return
    with st.container(key=f"card_reply_{key}"):
        # Cleaned by core.responses.check: no HTML, no images, no links.
        st.markdown(reply_citations.linked(written.reply.markdown))
    st.caption(as_text(badge(written)))
    what_happened(written)
    with st.expander("Copy or edit"):
        text = st.text_area(
            "Reply", value=written.reply.markdown, height=300, key=f"reply_edit_{key}"
        )
        st.code(text, language="markdown", wrap_lines=True, height=200)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            "Download, names masked",
            data=exported,
            file_name="reply.md",
            mime="text/markdown",
            icon=":material/download:",
            on_click="ignore",
            key="reply_download",
        )
        thumb = st.feedback("thumbs", key=f"reply_thumb_{key}")
        comment = st.text_input(
            "Comment",
            key=f"reply_comment_{key}",
            placeholder="what was good or wrong",
            label_visibility="collapsed",
        )
        if st.button(
            "Save with the ticket",
            key="reply_save",
            icon=":material/save:",
            disabled=lock is not None,
            help=lock,
        ):
            keep(text, text != written.reply.markdown, _THUMBS[thumb], comment)
            st.toast("Saved with its ticket.")
