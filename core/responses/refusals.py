"""What a server's refusal means, and what to do about it: one table for every status."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.errors import (
    LLMAuthError,
    LLMCreditsError,
    LLMError,
    LLMModelError,
    LLMRateLimitedError,
    LLMResponseError,
    LLMUnavailableError,
)

__all__ = ["RETRIED", "TOO_LONG", "WORDS_OF", "refusal"]

_OFFLINE = "The offline reply works meanwhile."


@dataclass(frozen=True, slots=True, kw_only=True)
class _Meaning:
    """The error that a status stands for, and the sentence with the remedy."""

    error: type[LLMError]
    sentence: str


TOO_LONG = _Meaning(
    error=LLMModelError,
    sentence="The ticket with its evidence is too long for this model. Shorten the ticket, leave "
    "evidence out, or set HF_MODEL to a model with a longer context.",
)
_NOT_SERVED = _Meaning(
    error=LLMModelError,
    sentence="The model {model} is not served there. Set HF_MODEL to one that is.",
)
WORDS_OF: Mapping[int, _Meaning] = {
    400: _Meaning(
        error=LLMModelError,
        sentence="The server does not accept the request for {model} (400). Check HF_MODEL and "
        "HF_BASE_URL, or shorten the ticket.",
    ),
    401: _Meaning(
        error=LLMAuthError,
        sentence="HF_TOKEN is missing or wrong (401). Set it to a valid token and start again.",
    ),
    402: _Meaning(
        error=LLMCreditsError,
        sentence=f"The credits of this token are used up (402). Buy more or wait for the next "
        f"month. {_OFFLINE}",
    ),
    403: _Meaning(
        error=LLMAuthError,
        sentence="HF_TOKEN may not do this (403). Give the token the right “Make calls to "
        "Inference Providers”; for a gated model, accept its terms first.",
    ),
    404: _Meaning(
        error=LLMModelError,
        sentence="There is nothing at this address, or no model {model} (404). Check HF_BASE_URL "
        "and HF_MODEL.",
    ),
    413: TOO_LONG,
    422: _Meaning(
        error=LLMResponseError,
        sentence="The server calls the request malformed (422); its words are in the log. Check "
        "that HF_BASE_URL names an OpenAI-compatible chat or completions route.",
    ),
    429: _Meaning(
        error=LLMRateLimitedError,
        sentence=f"The language model is busy or the rate limit is reached (429). Try again in a "
        f"minute. {_OFFLINE}",
    ),
    500: _Meaning(
        error=LLMUnavailableError,
        sentence=f"The language model's server failed (500). Try again later. {_OFFLINE}",
    ),
    502: _Meaning(
        error=LLMUnavailableError,
        sentence=f"The language model's server is not reached by its gateway (502). Try again "
        f"later. {_OFFLINE}",
    ),
    503: _Meaning(
        error=LLMUnavailableError,
        sentence=f"The language model is not ready or has no capacity (503). Try again in a "
        f"minute, or set HF_MODEL to another one. {_OFFLINE}",
    ),
    504: _Meaning(
        error=LLMUnavailableError,
        sentence=f"The language model did not finish in its server's time (504). Try again, or "
        f"set HF_MODEL to a smaller one. {_OFFLINE}",
    ),
}
RETRIED = frozenset({429, 500, 502, 503, 504})
_REDIRECT = _Meaning(
    error=LLMModelError,
    sentence="The server passes on to another address ({status}), to which the token is not sent. "
    "Set HF_BASE_URL to the right address itself.",
)
_OTHER = _Meaning(
    error=LLMResponseError,
    sentence=f"The server answers with status {{status}}. Check HF_BASE_URL. {_OFFLINE}",
)
_CONTEXT = re.compile(
    r"context.{0,40}(?:length|size|window|exceed)|exceed.{0,40}context|too (?:long|many tokens)"
    r"|maximum.{0,20}tokens",
    re.IGNORECASE | re.DOTALL,
)
_UNSERVED = re.compile(
    r"model_not_(?:supported|found)|not supported by (?:any )?provider"
    r"|model.{0,60}not (?:found|exist)|does not exist|unknown model",
    re.IGNORECASE | re.DOTALL,
)


def refusal(status: int, body: bytes, model: str) -> LLMError:
    """Return the error for an answer with this status; the server's words go with it for the log.

    `status` 0 is an error that came in the middle of a stream.
    """
    said = _said(body)
    raw = body[:4_000].decode("utf-8", "replace")
    meaning = WORDS_OF.get(status, _OTHER)
    if 300 <= status < 400:
        meaning = _REDIRECT
    elif status in (0, 400, 404, 422) and _CONTEXT.search(raw):
        meaning = TOO_LONG
    elif status in (0, 400, 404) and _UNSERVED.search(raw):
        meaning = _NOT_SERVED
    elif status == 0:
        meaning = _Meaning(
            error=LLMUnavailableError,
            sentence=f"The language model broke off with an error. Try again. {_OFFLINE}",
        )
    words = meaning.sentence.format(model=model[:100], status=status)
    return meaning.error(words, server_said=said)


def _said(body: bytes) -> str:
    """Return the server's own words: the first string found in the shapes that are in use."""
    text = body.decode("utf-8", "replace").strip()
    try:
        document: Any = json.loads(text)
    except ValueError:
        # A page for people; its tags would only fill the log.
        return " ".join(re.sub(r"<[^>]*>", " ", text).split())[:300]
    return " ".join((_first_string(document) or text).split())[:300]


def _first_string(document: Any) -> str:
    if isinstance(document, str):
        return document
    if isinstance(document, list):
        return next((found for item in document if (found := _first_string(item))), "")
    if isinstance(document, dict):
        for name in ("message", "msg", "error", "detail", "errors"):
            if found := _first_string(document.get(name)):
                return found
    return ""
