"""Replies by a language model: the Hugging Face router, or any OpenAI-compatible server."""

import difflib
import ipaddress
import json
import random
import threading
from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from core.errors import (
    LLMAuthError,
    LLMError,
    LLMModelError,
    LLMResponseError,
    LLMUnavailableError,
)
from core.responses.event_stream import UNREADABLE, events, one_document
from core.responses.prompt import as_one_text, messages
from core.responses.provider import Access, Pieces, Provider, Request, Usage
from core.responses.refusals import RETRIED, refusal
from core.responses.registry import register
from core.responses.structure import HEADINGS

if TYPE_CHECKING:
    from core.responses.connection import Connection

__all__ = ["HuggingFace"]

MAX_TOKENS = 900
# More than a reply of that many tokens ever has: what goes on beyond is no reply.
MAX_CHARACTERS, MAX_BODY_BYTES, MAX_REFUSAL_BYTES = 20_000, 4_000_000, 64_000
# Not zero: some servers take that for "not given".
TEMPERATURE = 0.2
MAX_TRIES = 3
FIRST_PAUSE_S, MAX_PAUSE_S = 0.5, 30.0
LIST_WITHIN_S = 5.0
N_NEAREST = 3


@register
class HuggingFace(Provider):
    """Asks by HTTP and streams the answer; whatever goes wrong is an LLMError with its remedy.

    One deadline (`Access.timeout_s`) holds for everything, retries and their pauses included. Only
    what certainly cost nothing is tried again: a refusal of the moment (429, 5xx) or a connection
    that failed before an answer began.
    """

    name = "huggingface"
    title = "Language model"

    def __init__(self, access: Access) -> None:
        super().__init__(access)
        self._stopped = threading.Event()
        self._connection: Connection | None = None

    @property
    def model(self) -> str:
        """The model as this address wants it: a route of one provider takes no suffix."""
        parts = urlsplit(self.access.base_url)
        if self.access.is_router and not parts.path.startswith("/v1"):
            return self.access.model.partition(":")[0]
        return self.access.model

    def payload(self, request: Request) -> str:
        """Return the body of the HTTP request, to the byte."""
        asked: dict[str, Any] = {"model": self.model}
        if self._is_chat:
            asked["messages"] = messages(request)
        else:
            asked["prompt"] = as_one_text(request)
        asked |= {
            "max_tokens": MAX_TOKENS,
            "temperature": TEMPERATURE,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        return json.dumps(asked, ensure_ascii=False, indent=1)

    def write(self, request: Request) -> Pieces:
        """Yield the reply as it arrives."""
        from core.responses.connection import Connection

        self._check_token()
        body = self.payload(request).encode("utf-8")
        if not self._is_chat:
            # The prompt ends with this heading, and the model goes on behind it.
            yield f"## {HEADINGS[request.language]['acknowledgement']}\n\n"
        with closing(Connection(self.access)) as connection:
            self._connection = connection
            if self._stopped.is_set():
                return Usage(model=self.model, is_cut=True)
            try:
                self._answered(connection, body)
                return (yield from self._read(connection))
            except LLMError:
                if self._stopped.is_set():
                    return Usage(model=self.model, is_cut=True)
                raise

    def stop(self) -> None:
        """Break the connection off."""
        self._stopped.set()
        if self._connection is not None:
            self._connection.abort()

    @property
    def _is_chat(self) -> bool:
        path = urlsplit(self.access.base_url).path
        return not path.endswith("/completions") or path.endswith("/chat/completions")

    @property
    def _url(self) -> str:
        base = self.access.base_url.rstrip("/")
        return base if base.endswith("/completions") else f"{base}/chat/completions"

    def _check_token(self) -> None:
        """Refuse before anything is sent where the token is missing or would go astray."""
        token, parts = self.access.token, urlsplit(self.access.base_url)
        if self.access.is_router and not token.startswith("hf_"):
            raise LLMAuthError(
                "The Hugging Face router asks for a token, which begins with hf_. Set HF_TOKEN to "
                "one, or HF_BASE_URL to a server of your own."
            )
        if token.startswith("hf_") and parts.scheme != "https" and not _is_here(parts.hostname):
            raise LLMAuthError(
                "HF_TOKEN would go through the network in clear. Set HF_BASE_URL to an https "
                "address, or take HF_TOKEN away where that server needs none."
            )

    def _answered(self, connection: "Connection", body: bytes) -> None:
        """Ask until there is an answer to read, or an error that stays."""
        pause_s = FIRST_PAUSE_S
        for left in reversed(range(MAX_TRIES)):
            try:
                status = connection.post(self._url, body)
                if status == 200:
                    return
                problem = self._refused(connection, status)
                wait_s = connection.retry_after_s or pause_s * random.uniform(1.0, 1.5)
                is_lasting = status not in RETRIED
            except LLMUnavailableError as error:
                problem, wait_s, is_lasting = error, pause_s * random.uniform(1.0, 1.5), False
            wait_s = min(wait_s, MAX_PAUSE_S)
            if is_lasting or not left or wait_s >= connection.left_s:
                raise problem
            if self._stopped.wait(wait_s):
                raise problem
            pause_s *= 2

    def _refused(self, connection: "Connection", status: int) -> LLMError:
        """Return the error for a refusal; where the model is unknown, with the nearest served."""
        body = b""
        for chunk in connection.chunks():
            body += chunk
            if len(body) > MAX_REFUSAL_BYTES:
                break
        problem = refusal(status, body, self.model)
        problem.server_said += connection.request_id
        if isinstance(problem, LLMModelError) and status in (400, 404) and HF_MODEL in str(problem):
            served = self._served(connection)
            nearest = difflib.get_close_matches(self.access.model, served, N_NEAREST, cutoff=0.3)
            if nearest and self.access.model not in served:
                return LLMModelError(
                    f"{problem} Served there and nearest: {', '.join(nearest)}.",
                    server_said=problem.server_said,
                )
        return problem

    def _served(self, connection: "Connection") -> list[str]:
        """Return the models that the server lists; none where it lists none or takes too long."""
        base = self.access.base_url
        root = base.removesuffix("/completions").removesuffix("/chat")
        try:
            if connection.get(f"{root}/models", LIST_WITHIN_S) != 200:
                return []
            listed = one_document(connection.chunks(), MAX_BODY_BYTES).get("data")
        except LLMError:
            # A list that does not come must not hide what went wrong.
            return []
        entries = listed if isinstance(listed, list) else []
        names = [entry.get("id") for entry in entries if isinstance(entry, dict)]
        return [name[:100] for name in names if isinstance(name, str)]

    def _read(self, connection: "Connection") -> Pieces:
        """Yield the text of the answer, and return what is said at its end."""
        usage: dict[str, Any] = {}
        ended_by, n_characters, is_done = "", 0, False
        for event in self._events(connection):
            if event is None:
                is_done = True
                break
            if event.get("error"):
                said = json.dumps(event, ensure_ascii=False).encode()
                raise refusal(0, said, self.model)
            usage = event["usage"] if isinstance(event.get("usage"), dict) else usage
            text, reason = _text_of(event)
            ended_by = reason or ended_by
            n_characters += len(text)
            if text:
                yield text
            if n_characters > MAX_CHARACTERS:
                ended_by = "length"
                break
        if not n_characters:
            raise LLMResponseError(UNREADABLE)
        return Usage(
            model=self.model,
            # An answer that ends without saying so may have been cut on its way.
            is_cut=ended_by == "length" or not (ended_by or is_done),
            prompt_tokens=_count(usage.get("prompt_tokens")),
            reply_tokens=_count(usage.get("completion_tokens")),
        )

    def _events(self, connection: "Connection") -> Iterator[dict[str, Any] | None]:
        if connection.is_stream:
            yield from events(connection.chunks(MAX_BODY_BYTES))
        else:
            yield one_document(connection.chunks(), MAX_BODY_BYTES)


HF_MODEL = "HF_MODEL"


def _text_of(event: dict[str, Any]) -> tuple[str, str]:
    """Return (text, why it ended) of one event: of a chat or a completion, streamed or whole."""
    choices = event.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    if not isinstance(choice, dict):
        return "", ""
    text: Any = choice.get("text")
    for name in ("delta", "message"):
        part = choice.get(name)
        if isinstance(part, dict):
            text = part.get("content")
    reason = choice.get("finish_reason")
    return text if isinstance(text, str) else "", reason if isinstance(reason, str) else ""


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and value >= 0 else None


def _is_here(host: str | None) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False
