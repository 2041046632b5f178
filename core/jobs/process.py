"""The process of a job: a Python module with arguments, its words, its answer and its end."""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from core.background import PRIORITY
from core.jobs.lock import TOKEN
from core.jobs.words import answer_in, progress_in
from core.log import redacted

__all__ = ["JobProcess"]

_ROOT = Path(__file__).resolve().parents[2]
_KEPT_LINES = 200
_LONGEST_LINE = 500
_GRACE_S = 5.0
_POLL_S = 0.1


class JobProcess:
    """`python -m MODULE ARGUMENTS`, begun at once at low priority in a process group of its own.

    `fraction` (0-1) and `message` are the last progress that it has told on standard error.
    """

    def __init__(self, module: str, arguments: Sequence[str], token: str) -> None:
        self.fraction = 0.0
        self.message = "Starting"
        self._lines: deque[str] = deque(maxlen=_KEPT_LINES)
        self._ends_by_s: float | None = None
        self._answer = tempfile.TemporaryFile()  # noqa: SIM115 - as long as the process
        self._process = subprocess.Popen(
            [sys.executable, "-m", "core.jobs.worker", module, *arguments],
            cwd=_ROOT,
            env={**os.environ, **_bounded_threads(), TOKEN: token},
            stdin=subprocess.PIPE,
            stdout=self._answer,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
            creationflags=PRIORITY,
        )
        self._listener = threading.Thread(target=self._listen, name="job's words", daemon=True)
        self._listener.start()

    @property
    def log(self) -> str:
        """The last 200 lines that it has printed for people, without secrets."""
        return "\n".join(tuple(self._lines))

    def ask_to_end(self) -> None:
        """Ask it to end; by force after 5 s, as soon as somebody waits for it."""
        if self._ends_by_s is None:
            self._ends_by_s = time.monotonic() + _GRACE_S
            self._signal(signal.SIGTERM)

    def ended(self) -> bool:
        """Wait a moment; return whether it has ended, with all that it had started."""
        try:
            self._process.wait(_POLL_S)
        except subprocess.TimeoutExpired:
            if self._ends_by_s is not None and time.monotonic() > self._ends_by_s:
                self._kill()
            return False
        self._kill()  # what it leaves behind would hold its words open, and go on working
        self._listener.join(_GRACE_S)
        for pipe in (self._process.stdin, self._process.stderr):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        return True

    def result(self) -> Mapping[str, Any] | None:
        """Return the JSON object that it printed on standard output, if it did."""
        self._answer.seek(0)
        said = self._answer.read()
        self._answer.close()
        return answer_in(said)

    def why_it_failed(self) -> str:
        """Return a sentence on how it ended; "" where all went well."""
        code = self._process.returncode
        if code == 0:
            return ""
        last = next((line for line in reversed(self._lines) if line.strip()), "")
        if code == 2 and last:
            return last
        for_memory = "MemoryError" in last or "std::bad_alloc" in last
        if for_memory or code in (-9, 137):
            return (
                "The training was ended for want of memory"
                f"{'' if for_memory else ', as far as can be told: the system killed it'}. "
                "Close other programs, or train on less data."
            )
        return (
            f"The training ended unexpectedly (exit code {code}){f': {last}' if last else ''}. "
            "Its log says more."
        )

    def _listen(self) -> None:
        words = self._process.stderr
        if words is None:  # it is a pipe
            raise TypeError("a process without pipes")
        for line in words:
            text = redacted(line.rstrip()[:_LONGEST_LINE])
            if told := progress_in(text):
                self.fraction, self.message = told
            if text:
                self._lines.append(text)

    def _signal(self, number: int) -> None:
        """Send a signal to it and all that it has started."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if os.name == "posix":
                os.killpg(self._process.pid, number)
            else:
                self._process.terminate()

    def _kill(self) -> None:
        self._signal(signal.SIGKILL if os.name == "posix" else signal.SIGTERM)


def _bounded_threads() -> dict[str, str]:
    """Return the variables that leave the app half of the processors.

    Read by OpenMP, OpenBLAS, MKL, TensorFlow and joblib; and TensorFlow is to tell errors only.
    """
    n = str(max(1, (os.cpu_count() or 1) // 2))
    names = (
        "OMP_NUM_THREADS",
        "OMP_THREAD_LIMIT",
        "OPENBLAS_NUM_THREADS",
        "MKL_NUM_THREADS",
        "TF_NUM_INTRAOP_THREADS",
        "TF_NUM_INTEROP_THREADS",
        "LOKY_MAX_CPU_COUNT",
    )
    return {**dict.fromkeys(names, n), "TF_CPP_MIN_LOG_LEVEL": "2", "PYTHONUNBUFFERED": "1"}
