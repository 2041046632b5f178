"""Server-sent events as language models send them, from bytes as they arrive."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from core.errors import LLMResponseError

__all__ = ["UNREADABLE", "events", "one_document"]

UNREADABLE = (
    "The answer of the language model cannot be read. Try again, or check that HF_BASE_URL names "
    "an OpenAI-compatible server."
)
_DONE = "[DONE]"
# A line that goes on for longer is no event.
_MAX_LINE = 1_000_000


def events(chunks: Iterable[bytes]) -> Iterator[dict[str, Any] | None]:
    """Yield the JSON object of each event, and None for the mark that ends the stream.

    Bytes that are no UTF-8 become U+FFFD; comments and fields other than `data` are skipped.

    Raises
    ------
    LLMResponseError
        A line of data is no JSON object, or never ends.
    """
    rest = b""
    for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            yield from _event(line)
        if len(rest) > _MAX_LINE:
            raise LLMResponseError(UNREADABLE, server_said=_beginning(rest))
    yield from _event(rest)


def one_document(chunks: Iterable[bytes], most_bytes: int) -> dict[str, Any]:
    """Return the one JSON object that an answer holds, of a server that does not stream.

    LLMResponseError where it holds none, or more than `most_bytes`.
    """
    data = b""
    for chunk in chunks:
        data += chunk
        if len(data) > most_bytes:
            raise LLMResponseError(UNREADABLE, server_said=_beginning(data))
    return _json_object(data.decode("utf-8", "replace"))


def _event(line: bytes) -> Iterator[dict[str, Any] | None]:
    text = line.decode("utf-8", "replace").strip("\r")
    name, colon, value = text.partition(":")
    if name != "data" or not colon:
        return
    value = value.strip()
    if value == _DONE:
        yield None
    elif value:
        yield _json_object(value)


def _json_object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise LLMResponseError(UNREADABLE, server_said=text[:300]) from error
    if not isinstance(found, dict):
        raise LLMResponseError(UNREADABLE, server_said=text[:300])
    return found


def _beginning(data: bytes) -> str:
    return data[:300].decode("utf-8", "replace")
