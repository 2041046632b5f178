"""A service on loopback that a test lets answer later and later: a fault that harms nothing."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HEALTHY_S = 0.01
# From the first slow answer on each takes so many times as long as the one before it, ...
GROWTH = 1.35
# ... up to this, which the app's probe still waits for.
LONGEST_S = 2.0


class _Handler(BaseHTTPRequestHandler):
    server: "SlowService"

    def do_GET(self) -> None:
        self.server.take_its_time()
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class SlowService(ThreadingHTTPServer):
    """Answers at once until `fail` is called."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self._takes_s, self._growth = HEALTHY_S, 1.0
        self._is_over = threading.Event()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/"

    def fail(self) -> None:
        """Begin to take longer with each answer."""
        self._growth = GROWTH

    def take_its_time(self) -> None:
        self._takes_s = min(LONGEST_S, self._takes_s * self._growth)
        self._is_over.wait(self._takes_s)

    def handle_error(self, *_: object) -> None:
        """An asker that goes before it is answered is nobody's fault."""

    def close(self) -> None:
        self._is_over.set()
        self.shutdown()


@contextmanager
def slow_service() -> Iterator[SlowService]:
    """Serve until the end of the context."""
    with SlowService() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.close()
            thread.join()
