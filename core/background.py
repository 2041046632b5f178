"""Long work in a process of its own: it can be cancelled, and the app stays responsive."""

import contextlib
import logging
import os
import pickle
import signal
import subprocess
import sys
import tempfile
import threading
import time
from _thread import interrupt_main
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType
from typing import IO, Any, Generic, Literal, TypeVar

from core.errors import CoreError

__all__ = [
    "PRIORITY",
    "Progress",
    "Work",
    "WorkStatus",
    "end_with_the_app",
    "give_way",
    "leave",
]

_log = logging.getLogger(__name__)

Result = TypeVar("Result")
Progress = Callable[[float, str], None]
"""Told how much is done (0-1), and in words what is being done."""

_ROOT = Path(__file__).resolve().parent.parent
_TELLS_EVERY_S = 0.1
_ENDS_WITHIN_S = 3.0
_NICENESS = 10
PRIORITY: int = getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0)
"""How a process of low priority is created on Windows; elsewhere it steps back by `give_way`."""

_LOGGED_CHARACTERS = 4_000


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkStatus(Generic[Result]):
    """How far work is: `fraction` (0-1) and `message` say it while it runs.

    `message` also says why it was cancelled. `result` is None until it is done; `error` is a
    sentence where it failed.
    """

    state: Literal["running", "done", "failed", "cancelled"]
    fraction: float = 0.0
    message: str = ""
    result: Result | None = None
    error: str | None = None


class Work(Generic[Result]):
    """One call of a function in a fresh process at low priority, begun at once.

    The process ends with its call, with `cancel`, and when this process ends, however it does.

    Parameters
    ----------
    function : callable
        A function of a module, called with `arguments` and a `Progress`. A `CoreError` that it
        raises fails the work with the error's message.
    *arguments
        As the result, anything that pickle takes.
    """

    def __init__(self, function: Callable[..., Result], *arguments: Any) -> None:
        self._status: WorkStatus[Result] = WorkStatus(state="running", message="Starting")
        self._lock = threading.Lock()
        # A process of its own and not multiprocessing's: that would load the app's main module
        # again in each, and leave a tracker running.
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115 - as long as the process
        self._process = subprocess.Popen(
            [sys.executable, "-m", "core.background"],
            cwd=_ROOT,
            env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._complaints,
            creationflags=PRIORITY,
        )
        self._thread = threading.Thread(
            target=self._follow, args=(function, arguments), name="background work", daemon=True
        )
        self._thread.start()

    def status(self) -> WorkStatus[Result]:
        """Return how far it is."""
        with self._lock:
            return self._status

    def cancel(self, message: str = "This was cancelled.") -> None:
        """End the work where it still runs, for the reason in words; returns when it is gone."""
        self._finish(WorkStatus(state="cancelled", message=message))
        self._process.terminate()
        self._thread.join(2 * _ENDS_WITHIN_S)

    def wait(self, timeout_s: float) -> WorkStatus[Result]:
        """Return the status once the work has ended, or after `timeout_s` seconds."""
        self._thread.join(timeout_s)
        return self.status()

    def _finish(self, status: WorkStatus[Result]) -> None:
        """Let `status` be the last one, where there was none."""
        with self._lock:
            if self._status.state == "running":
                self._status = status

    def _follow(self, function: Callable[..., Result], arguments: tuple[Any, ...]) -> None:
        asked, answers = self._process.stdin, self._process.stdout
        if asked is None or answers is None:  # they are pipes
            raise TypeError("a process without pipes")
        try:
            pickle.dump((function, arguments), asked)
            asked.flush()
            while self.status().state == "running":
                self._take(answers)
        except (EOFError, OSError, pickle.UnpicklingError):
            pass  # it ended, and what it has left behind says why
        finally:
            self._end(asked, answers)

    def _take(self, answers: IO[bytes]) -> None:
        """Wait for the next answer and take it in."""
        kind, *content = pickle.load(answers)  # noqa: S301 - from our own process
        if kind == "progress":
            with self._lock:
                if self._status.state == "running":
                    self._status = replace(
                        self._status, fraction=float(content[0]), message=str(content[1])
                    )
        elif kind == "done":
            self._finish(WorkStatus(state="done", fraction=1.0, result=content[0]))
        else:
            self._finish(WorkStatus(state="failed", error=str(content[0])))

    def _end(self, asked: IO[bytes], answers: IO[bytes]) -> None:
        """Wait for the process, by force where it does not end, and say what it died of."""
        with contextlib.suppress(OSError):  # it was gone before it had read everything
            asked.close()
        try:
            self._process.wait(_ENDS_WITHIN_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        answers.close()
        if self.status().state == "running":
            self._complaints.seek(0)
            said = self._complaints.read().decode(errors="replace")[-_LOGGED_CHARACTERS:]
            code = self._process.returncode
            _log.error("Background work ended with exit code %s: %s", code, said)
            self._finish(
                WorkStatus(
                    state="failed",
                    error=f"The work ended unexpectedly (exit code {code}), for want of memory or "
                    "by a fault of the app; the log says more. Start it again.",
                )
            )
        self._complaints.close()


def _main() -> None:
    """Do the work that is asked for on standard input; answers go to standard output."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is meant for the app, which ends this
    signal.signal(signal.SIGTERM, leave)
    give_way()
    # What a library prints must not be taken for an answer.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    function, arguments = pickle.load(sys.stdin.buffer)  # noqa: S301 - from the app itself
    threading.Thread(target=end_with_the_app, daemon=True).start()

    def send(*answer: Any) -> None:
        pickle.dump(answer, answers, pickle.HIGHEST_PROTOCOL)
        answers.flush()

    told_at = -_TELLS_EVERY_S

    def progress(fraction: float, message: str) -> None:
        nonlocal told_at
        if time.monotonic() - told_at >= _TELLS_EVERY_S:
            told_at = time.monotonic()
            send("progress", fraction, message)

    try:
        result = function(*arguments, progress)
    except CoreError as error:
        send("failed", str(error))
    else:
        send("done", result)


def give_way() -> None:
    """Let other processes be served before this one."""
    if hasattr(os, "nice"):
        os.nice(_NICENESS)


def leave(number: int, _: FrameType | None) -> None:
    """End as by an exception, so that temporary files are cleared away."""
    sys.exit(128 + number)


def end_with_the_app() -> None:
    """Wait until nobody holds the other end of standard input any more, and end this process."""
    while os.read(0, 1):  # not by sys.stdin, whose lock would be held when Python ends
        pass
    interrupt_main(signal.SIGTERM)
    time.sleep(_ENDS_WITHIN_S)
    # It was in the middle of a long calculation that hears no signals.
    if os.name == "posix" and os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)  # and with it what it has started
    os._exit(1)


if __name__ == "__main__":
    _main()
