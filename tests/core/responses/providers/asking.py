"""The one request of the provider's tests, asked, refused, and its answers scripted."""

import pytest

from core.errors import LLMError
from core.responses.registry import create_provider
from core.responses.responder import Responder
from core.responses.writing import Writing
from tests.core.responses.facts import RUNBOOKS, facts, responder
from tests.core.responses.scripted_server import chunk

REQUEST = responder().prepare(facts()).request


def ask(access):
    """Return (text, usage) of the reply to the one request of these tests."""
    pieces = create_provider("huggingface", access).write(REQUEST)
    text = ""
    while True:
        try:
            text += next(pieces)
        except StopIteration as ended:
            return text, ended.value


def refused(access) -> LLMError:
    with pytest.raises(LLMError) as caught:
        ask(access)
    return caught.value


def raw(*parts, kind="text/event-stream", pause_s=0.0):
    def answer(handler):
        handler.begin(200, kind)
        for part in parts:
            handler.send(part)
            if pause_s:
                handler.wait(pause_s)

    return answer


def write(server, **changes):
    opened = Responder(RUNBOOKS, server.access(**changes))
    writing = Writing(opened.provider("huggingface"), opened.prepare(facts()))
    return writing.start().result(30)


def cut(handler):
    handler.send_response(200)
    handler.send_header("Content-Type", "text/event-stream")
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    data = chunk("first words ").encode()
    handler.send(b"%x\r\n" % len(data) + data + b"\r\n" + b"ff\r\nda")
    handler.connection.shutdown(1)
