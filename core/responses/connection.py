"""One HTTP exchange with a language model: a deadline for all of it, and an end at any moment."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase

from core.errors import LLMResponseError, LLMTimeoutError, LLMUnavailableError
from core.responses.event_stream import UNREADABLE
from core.responses.provider import Access

__all__ = ["Connection"]

CONNECT_WITHIN_S, READ_WITHIN_S = 5.0, 30.0
_CHUNK_BYTES = 65_536
_MAX_RETRY_AFTER_S = 3600.0


class Connection:
    """Asks the server of `access` and hands its answer out in bytes as they arrive.

    Redirects are not followed, and neither ~/.netrc nor proxies of the environment are used: the
    token goes to the address that was set, and nowhere else. `abort` works from another thread,
    also while this one waits for the first byte.
    """

    def __init__(self, access: Access) -> None:
        self._access = access
        self._place = urlsplit(access.base_url).netloc
        self._ends_s = time.monotonic() + access.timeout_s
        self._sockets: list[socket.socket] = []
        self._is_late = False
        self._response: Any = None
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.auth = _Bearer(access.token)
        if access.proxy:
            self._session.proxies = {"http": access.proxy, "https": access.proxy}
        adapter = _Adapter(self._sockets)
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, adapter)
        self._alarm = threading.Timer(access.timeout_s, self._expire)
        self._alarm.daemon = True
        self._alarm.start()

    def close(self) -> None:
        """Close whatever is open."""
        self._alarm.cancel()
        if self._response is not None:
            self._response.close()
        self._session.close()

    def abort(self) -> None:
        """Break off: whoever waits for bytes gets none."""
        for opened in list(self._sockets):
            with suppress(OSError):  # it was closed already
                opened.shutdown(socket.SHUT_RDWR)

    @property
    def left_s(self) -> float:
        """Seconds until the deadline."""
        return self._ends_s - time.monotonic()

    @property
    def is_stream(self) -> bool:
        """Whether the answer comes as events."""
        return "event-stream" in self._response.headers.get("Content-Type", "")

    @property
    def retry_after_s(self) -> float | None:
        """How long the server asks to wait, in seconds; None where it does not say."""
        try:
            wait_s = float(self._response.headers.get("Retry-After", ""))
        except ValueError:  # nothing, or a date
            return None
        return wait_s if 0 <= wait_s <= _MAX_RETRY_AFTER_S else None

    @property
    def request_id(self) -> str:
        """The id under which the server knows the exchange, for the log; "" for none."""
        found = self._response.headers.get("x-request-id", "")
        return f" (request {found[:80]})" if found else ""

    def post(self, url: str, body: bytes) -> int:
        """Send `body` as JSON and return the status of the answer.

        Raises
        ------
        LLMUnavailableError
            There is no connection, or it broke before an answer began.
        LLMTimeoutError
            There was no answer in time.
        """
        headers = {
            "Content-Type": "application/json",
            "Accept": "text/event-stream, application/json",
        }
        return self._ask("POST", url, READ_WITHIN_S, data=body, headers=headers)

    def get(self, url: str, within_s: float) -> int:
        """Ask for `url` and return the status of the answer; raises as `post`."""
        return self._ask("GET", url, within_s)

    def chunks(self, most_bytes: int | None = None) -> Iterator[bytes]:
        """Yield the bytes of the answer as they arrive.

        Raises
        ------
        LLMTimeoutError
            They take too long.
        LLMUnavailableError
            The connection broke before the answer was whole.
        LLMResponseError
            There are more than `most_bytes`.
        """
        n_bytes = 0
        with self._faults():
            # read1 hands out what is there; iter_content would wait for a full chunk.
            while chunk := self._response.raw.read1(_CHUNK_BYTES, decode_content=True):
                n_bytes += len(chunk)
                if most_bytes is not None and n_bytes > most_bytes:
                    raise LLMResponseError(UNREADABLE)
                yield chunk
        if self._is_late:
            raise self._too_late()

    def _ask(self, method: str, url: str, read_s: float, **sent: Any) -> int:
        if self._response is not None:
            self._response.close()
        timeout = (min(CONNECT_WITHIN_S, self.left_s), min(read_s, self.left_s))
        if min(timeout) <= 0:
            raise self._too_late()
        with self._faults():
            self._response = self._session.request(
                method, url, timeout=timeout, stream=True, allow_redirects=False, **sent
            )
        return int(self._response.status_code)

    @contextmanager
    def _faults(self) -> Iterator[None]:
        """Turn what the network does into our errors, without the request in their chain."""
        try:
            yield
        # `from None`: the original carries the request, and with it token and ticket.
        except (requests.ReadTimeout, urllib3.exceptions.ReadTimeoutError, TimeoutError):
            raise self._too_late() from None
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            if self._is_late or (isinstance(error, requests.ConnectTimeout) and self.left_s <= 0):
                raise self._too_late() from None
            if "timed out" in str(error) and not isinstance(error, requests.ConnectTimeout):
                raise self._too_late() from None
            raise LLMUnavailableError(
                f"There is no connection to {self._place}, or it broke off. Check the network, "
                "HF_BASE_URL and HF_PROXY. The offline reply works meanwhile.",
                server_said=type(error).__name__,
            ) from None

    def _too_late(self) -> LLMTimeoutError:
        return LLMTimeoutError(
            f"The language model took too long: HF_TIMEOUT_S allows {self._access.timeout_s:g} s "
            f"for a reply, of which {READ_WITHIN_S:g} s may pass without a word. Nothing is sent "
            "again, for each try is billed. The offline reply works meanwhile."
        )

    def _expire(self) -> None:
        self._is_late = True
        self.abort()


class _Bearer(AuthBase):
    """The token, in a form that an entry in ~/.netrc cannot replace."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: Any) -> Any:
        if self._token:
            request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class _Adapter(HTTPAdapter):
    """Notes the socket of each connection, so that another thread can shut it down."""

    def __init__(self, sockets: list[socket.socket]) -> None:
        self._sockets = sockets
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self._pools()

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = self._pools()
        return manager

    def _pools(self) -> dict[str, type]:
        sockets = self._sockets

        class Http(urllib3.connection.HTTPConnection):
            def connect(self) -> None:
                super().connect()
                sockets.append(self.sock)

        class Https(urllib3.connection.HTTPSConnection):
            def connect(self) -> None:
                super().connect()
                sockets.append(self.sock)

        class HttpPool(urllib3.HTTPConnectionPool):
            ConnectionCls = Http

        class HttpsPool(urllib3.HTTPSConnectionPool):
            ConnectionCls = Https

        return {"http": HttpPool, "https": HttpsPool}
