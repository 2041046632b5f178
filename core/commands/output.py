"""How the command line talks: answers on standard output, people's words on standard error."""

import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

from core.plain import plain
from core.visible import json_line, visible

__all__ = ["Progress", "print_json", "say", "show"]


def say(text: str) -> None:
    """Write one line for people."""
    sys.stderr.write(f"{visible(text)}\n")
    sys.stderr.flush()


def show(line: str) -> None:
    """Write one line of an answer; names from outside begin no second one."""
    text = visible(line).replace("\n", "\\n")
    sys.stdout.write(f"{text}\n")


def print_json(document: Mapping[str, Any]) -> None:
    """Write one JSON document; what is not a finite number becomes null."""
    sys.stdout.write(f"{json_line(plain(document), indent=2)}\n")


class Progress:
    """Tells how far a long command is, and how long it may still take.

    `also` is told the same; `clock` returns seconds that only go on.
    """

    def __init__(
        self,
        also: Callable[[float, str], None] | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._also = also
        self._clock = clock
        self._began_s = clock()

    def __call__(self, fraction: float, text: str) -> None:
        """Write `fraction` (0-1) of the work as percent, with the time left where it shows."""
        spent_s = self._clock() - self._began_s
        left = ""
        if fraction >= 0.1 and spent_s > 5:
            left_s = spent_s / fraction * (1 - fraction)
            left = f", about {_rounded(left_s)} left" if left_s >= 1 else ""
        say(f"{100 * fraction:3.0f} %  {text}{left}")
        if self._also is not None:
            self._also(fraction, f"{text}{left}")


def _rounded(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds >= 90 else f"{seconds:.0f} s"
