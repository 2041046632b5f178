"""A server on loopback that answers as it is told to, and remembers every byte that it was sent.

Its answers are made by hand after what providers are known to send; the real server of the tests
stands in `real_server.py`.
"""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from core.responses.provider import Access

TOKEN = "hf_scripted_token_0123456789"
GOOD = (
    "## Acknowledgement\n\nCPU is at 97 % [3].\n\n## Hypotheses\n\n- **Likely:** A loop [1].\n\n"
    "## Next steps\n\n1. Run `top` [6]\n\n## Questions\n\n- Since when?\n"
)

Answer = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """One request; `server.answers` says what comes, the last one again and again."""

    protocol_version = "HTTP/1.1"
    server: "Server"

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", "0"))
        body = self.rfile.read(length)
        self.server.received.append((self.path, dict(self.headers), body))
        answers = self.server.answers
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        self.close_connection = True
        try:
            answer(self)
        except OSError:
            self.server.hung_up.set()

    def do_GET(self) -> None:
        self.server.received.append((self.path, dict(self.headers), b""))
        self.close_connection = True
        plain(200, json.dumps({"data": [{"id": name} for name in self.server.models]}))(self)

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def begin(self, status: int = 200, kind: str = "text/event-stream", **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Connection", "close")
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def send(self, data: str | bytes) -> None:
        self.wfile.write(data.encode() if isinstance(data, str) else data)
        self.wfile.flush()

    def wait(self, seconds: float) -> None:
        """Wait, and stop waiting when the test is over or the client has gone."""
        self.connection.settimeout(0.01)
        for _ in range(int(seconds / 0.02) or 1):
            if self.server.is_over.wait(0.01):
                raise ConnectionAbortedError
            try:
                if self.connection.recv(1) == b"":
                    raise ConnectionResetError
            except TimeoutError:
                continue
        self.connection.settimeout(None)


class Server(ThreadingHTTPServer):
    """The server; `hung_up` is set when a client has gone while it was answered."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: list[Answer] = []
        self.models: list[str] = []
        self.received: list[tuple[str, dict[str, str], bytes]] = []
        self.hung_up = threading.Event()
        self.is_over = threading.Event()

    def handle_error(self, *_: object) -> None:
        """A client that goes in the middle is part of the play."""

    def access(self, **changes: Any) -> Access:
        address = f"http://127.0.0.1:{self.server_address[1]}/v1"
        return Access(
            **{"base_url": address, "model": "m", "token": TOKEN, "timeout_s": 10.0} | changes
        )

    @property
    def posts(self) -> int:
        return sum(bool(body) for _, _, body in self.received)


@contextmanager
def scripted_server() -> Iterator[Server]:
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.is_over.set()
            server.shutdown()
            thread.join()


def chunk(text: str | None, reason: str | None = None, **more: Any) -> str:
    """Return one event of a streamed chat."""
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": reason}
    return f"data: {json.dumps({'choices': [choice], **more}, ensure_ascii=False)}\n\n"


def streamed(
    text: str = GOOD, *, end: str = "data: [DONE]\n\n", reason: str | None = "stop"
) -> Answer:
    """Return an answer that streams `text` word by word."""

    def answer(handler: Handler) -> None:
        handler.begin()
        handler.send(chunk(None))
        for word in text.split(" "):
            handler.send(chunk(word + " "))
        handler.send(chunk("", reason) if reason else "")
        handler.send(
            'data: {"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 9}}\n\n'
        )
        handler.send(end)

    return answer


def plain(status: int, body: str | bytes, **headers: str) -> Answer:
    """Return an answer with this status and body."""

    def answer(handler: Handler) -> None:
        data = body.encode() if isinstance(body, str) else body
        kind = headers.pop("Content_Type", "application/json")
        handler.begin(status, kind, Content_Length=str(len(data)), **headers)
        handler.send(data)

    return answer


def reset(handler: Handler) -> None:
    """Break the connection off without a word."""
    handler.connection.setsockopt(
        socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00"
    )
    handler.connection.close()
