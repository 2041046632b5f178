"""Time the round trip to an address in a thread of its own."""

import http.client
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from core.errors import MetricUnavailableError, SettingsError

__all__ = ["ResponseProbe"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """A round trip, or why there was none, and when it ended on the probe's clock."""

    at: float
    value_ms: float | None
    reason: str = ""


class ResponseProbe:
    """Asks `url` every `interval_s` and keeps the latest answer.

    Each request is a new connection, as a new user would make it, timed until the headers are
    there. Redirects are not followed and proxies of the environment not used: what is timed is the
    address that was named. An error status is a gap: a fast refusal is no short response time.

    Parameters
    ----------
    url : str
        An http or https address.
    interval_s : float
        Pause between two requests, in seconds.
    timeout_s : float
        How long an answer may take, in seconds; after that there is none.
    clock : callable
        Monotonic seconds.

    Raises
    ------
    SettingsError
        `url` is no http or https address.
    """

    def __init__(
        self,
        url: str,
        interval_s: float,
        *,
        timeout_s: float = 5.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._place = _place(url)
        self._url = url
        self._interval_s = interval_s
        self._timeout_s = timeout_s
        self._clock = clock
        self._latest: _Answer | None = None
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to ask; nothing happens where it runs already."""
        if self._thread is not None and self._thread.is_alive():
            return
        self._stop = threading.Event()
        self._thread = threading.Thread(
            target=self._run, args=(self._stop,), name="response-probe", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Ask no more; returns at the latest when an answer under way has timed out."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(self._timeout_s + 1.0)

    def response_time_ms(self) -> float:
        """Return the latest round trip at once, in milliseconds.

        Raises
        ------
        MetricUnavailableError
            There is no answer yet, the last request failed, or the last answer is too old: two
            turns later than the slowest answer that would still count.
        """
        latest = self._latest
        if latest is None:
            raise MetricUnavailableError("the response probe has no answer yet")
        age_s = self._clock() - latest.at
        if age_s > 2 * self._interval_s + self._timeout_s:
            raise MetricUnavailableError(f"the response probe is silent for {age_s:.0f} s")
        if latest.value_ms is None:
            raise MetricUnavailableError(latest.reason)
        return latest.value_ms

    def _run(self, stop: threading.Event) -> None:
        while not stop.is_set():
            self._latest = self._ask()
            stop.wait(self._interval_s)

    def _ask(self) -> _Answer:
        import requests  # a tenth of a second that nothing but this thread has to wait for

        try:
            with requests.Session() as session:
                session.trust_env = False
                response = session.get(
                    self._url, timeout=self._timeout_s, allow_redirects=False, stream=True
                )
                response.close()
        except requests.Timeout:
            return self._failed(f"did not answer within {self._timeout_s:g} s")
        except requests.ConnectionError as error:  # of TLS, too
            return self._failed(_no_answer(error))
        except (requests.RequestException, ValueError) as error:  # ValueError: odd host names
            return self._failed(f"gave no answer ({type(error).__name__})")
        if response.status_code >= 400:
            return self._failed(f"answered with status {response.status_code}")
        # `elapsed` is from sending, connecting included, to the headers.
        return _Answer(at=self._clock(), value_ms=1000.0 * response.elapsed.total_seconds())

    def _failed(self, how: str) -> _Answer:
        return _Answer(at=self._clock(), value_ms=None, reason=f"{self._place} {how}")


def _no_answer(error: Exception) -> str:
    """Return in words why there was no answer; what went wrong lies some errors beneath."""
    chain = tuple(_chain(error))
    for cause in chain:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"has a certificate that is not trusted ({cause.verify_message.rstrip('.')})"
        if isinstance(cause, ssl.SSLEOFError | ConnectionResetError | ConnectionAbortedError):
            return "closed the connection without an answer"
        if isinstance(cause, http.client.HTTPException):
            return "gave an answer that is not HTTP"
    if any(isinstance(cause, ssl.SSLError) for cause in chain):
        return "does not speak HTTPS with this app"
    return "cannot be reached"


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _place(url: str) -> str:
    """Return host and port of `url`: what a reason may show, without a password or a query."""
    try:
        parts = urlsplit(url)
        is_web = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        is_web = False
    if not is_web:
        raise SettingsError(
            "RESPONSE_PROBE_URL must be an http or https address such as"
            f" http://127.0.0.1:8501/_stcore/health, not one that begins with {url[:8]!r}."
        )
    return parts.netloc.rpartition("@")[2]
