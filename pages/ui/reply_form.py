"""The form for a reply: the ticket, what goes with it, and how the reply is to read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from core.responses.provider import LANGUAGES, TONES, Language, Tone

__all__ = ["Asked", "draw", "in_words", "take_draft"]

_TEXT_KEY, _TELEMETRY_KEY = "reply_text", "reply_telemetry"
_LANGUAGES = {"en": "English", "de": "German"}
_PROVIDERS = {"offline": "Offline", "huggingface": "Language model"}
_EXAMPLE = "e.g. checkout on web-14 answers after 20 s since the release, top shows java at 390 %"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the form holds."""

    text: str
    with_category: bool
    with_telemetry: bool
    language: Language
    tone: Tone
    provider: str
    names: tuple[str, ...]


def in_words(language: Language, tone: Tone) -> str:
    """Return how a reply reads: "English, plain"."""
    return f"{_LANGUAGES[language]}, {tone}"


def take_draft(draft: Mapping[str, Any] | None) -> None:
    """Put a draft that has not been here yet into the form; must come before the form is drawn."""
    if draft is None or st.session_state.get("reply_draft_taken") == draft:
        return
    st.session_state["reply_draft_taken"] = dict(draft)
    st.session_state[_TEXT_KEY] = draft["text"]
    st.session_state[_TELEMETRY_KEY] = True


def draw(*, has_draft: bool, providers: Sequence[str], default: str) -> Asked:
    """Draw the form and return what is in it."""
    text = st.text_area(
        "Ticket", key=_TEXT_KEY, height=200, placeholder=_EXAMPLE, persist_state="session"
    )
    with st.container(horizontal=True):
        with_category = st.toggle(
            "Predicted category", value=True, key="reply_category", persist_state="session"
        )
        with_telemetry = st.toggle(
            "Telemetry",
            value=False,
            disabled=not has_draft,
            # Without a draft it is off, and that is not to be kept for the draft that comes.
            key=_TELEMETRY_KEY if has_draft else f"{_TELEMETRY_KEY}_none",
            persist_state="session",
        )
    with st.container(horizontal=True):
        language = st.selectbox(
            "Language",
            LANGUAGES,
            format_func=_LANGUAGES.__getitem__,
            key="reply_language",
            persist_state="session",
        )
        tone = st.selectbox(
            "Tone",
            TONES,
            format_func=str.capitalize,
            key="reply_tone",
            persist_state="session",
        )
        provider = st.selectbox(
            "Written by",
            providers,
            index=list(providers).index(default),
            format_func=lambda name: _PROVIDERS.get(name, name),
            key="reply_provider",
            persist_state="session",
        )
    names = st.text_input(
        "Names to mask as well",
        key="reply_names",
        placeholder="hosts or people called by a plain word, separated by commas",
        persist_state="session",
    )
    return Asked(
        text=text,
        with_category=with_category,
        with_telemetry=with_telemetry,
        language=language,
        tone=tone,
        provider=provider,
        names=tuple(name.strip() for name in names.split(",") if name.strip()),
    )
