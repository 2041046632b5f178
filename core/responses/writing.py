"""A reply in the making: written in a thread, read while it grows, stopped at any moment."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from core import log
from core.errors import LLMError
from core.responses.check import CheckedReply, check, shown
from core.responses.provider import Provider, Usage
from core.responses.responder import Prepared

__all__ = ["Writing", "Written"]

_log = logging.getLogger(__name__)
_MAX_LOGGED = 300
# So many signs in a row that stand in the evidence, too, were taken from it.
_REPEATED = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """How the writing of a reply ended.

    `reply` is as people read it; `masked` is the same with placeholders in place of names, for
    files that leave this machine. `problem` says in a sentence what kept the provider from ending,
    "" where nothing did; what had arrived by then is kept. Times are in seconds; `first_word_s` is
    None where no word came.
    """

    provider: str
    usage: Usage
    reply: CheckedReply
    masked: CheckedReply
    problem: str
    is_stopped: bool
    first_word_s: float | None
    total_s: float


class Writing:
    """One reply, written by `provider` in a thread of its own; threads may share it."""

    def __init__(
        self,
        provider: Provider,
        prepared: Prepared,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.prepared = prepared
        self.provider = provider
        self._clock = clock
        self._pieces: list[str] = []
        self._usage = Usage()
        self._problem = ""
        self._is_whole = False
        self._stopped = threading.Event()
        self._began_s = clock()
        self._first_s: float | None = None
        self._ended_s: float | None = None
        self._thread = threading.Thread(target=self._run, name="reply", daemon=True)

    def start(self) -> "Writing":
        """Begin to write and return at once."""
        self._began_s = self._clock()
        self._thread.start()
        return self

    @property
    def is_running(self) -> bool:
        """Whether more may come."""
        return self._thread.is_alive()

    @property
    def elapsed_s(self) -> float:
        """How long it has been written at, in seconds."""
        return (self._clock() if self._ended_s is None else self._ended_s) - self._began_s

    def text(self) -> str:
        """Return what has arrived, names in their places, as harmless Markdown."""
        restored = self.prepared.masks.restore("".join(self._pieces))
        return shown(restored, self.prepared.evidence)

    def stop(self) -> None:
        """End the writing; what has arrived is kept."""
        self._stopped.set()
        self.provider.stop()

    def wait(self, seconds: float) -> None:
        """Wait for the end, at most so many seconds."""
        self._thread.join(seconds)

    def result(self, timeout_s: float | None = None) -> Written:
        """Wait for the end and return how it came.

        Raises
        ------
        TimeoutError
            It is still written at after `timeout_s`.
        RuntimeError
            The provider broke its contract; the traceback is on standard error.
        """
        self._thread.join(timeout_s)
        if self._thread.is_alive():
            raise TimeoutError(f"the reply is still written at after {timeout_s:g} s")
        if not self._is_whole:
            raise RuntimeError(f"the provider {self.provider.name} raised what is no LLMError")
        text = "".join(self._pieces)
        prepared, language = self.prepared, self.prepared.request.language
        return Written(
            provider=self.provider.name,
            usage=self._usage,
            reply=check(prepared.masks.restore(text), prepared.evidence, language),
            masked=check(text, prepared.request.evidence, language),
            problem=self._problem,
            is_stopped=self._stopped.is_set(),
            first_word_s=None if self._first_s is None else self._first_s - self._began_s,
            total_s=self.elapsed_s,
        )

    def _run(self) -> None:
        pieces = self.provider.write(self.prepared.request)
        try:
            while not self._stopped.is_set():
                piece = next(pieces)
                if piece and self._first_s is None:
                    self._first_s = self._clock()
                self._pieces.append(piece)
            pieces.close()
            self._is_whole = True
        except StopIteration as ended:
            self._usage = ended.value
            self._is_whole = True
        except LLMError as error:
            self._is_whole = True
            if not self._stopped.is_set():
                self._problem = str(error)
                self._note(error)
        finally:
            self._ended_s = self._clock()

    def _note(self, error: LLMError) -> None:
        """Log a failure with the server's own words, where those do not repeat the ticket."""
        said = error.server_said[:_MAX_LOGGED]
        texts = [item.text for item in self.prepared.request.evidence]
        together = "\n".join(texts)
        windows = range(max(1, len(said) - _REPEATED + 1))
        is_long = len(said) >= _REPEATED
        if (is_long and any(said[at : at + _REPEATED] in together for at in windows)) or any(
            text and text in said for text in texts
        ):
            said = "(not kept: they repeat the ticket)"
        name = type(error).__name__
        _log.warning("%s: %s The server said: %s", name, error, log.redacted(said) or "nothing")
