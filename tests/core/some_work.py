"""Pieces of work for a process of their own."""

import os
import sys
import time
from pathlib import Path

from core.background import Progress, Work
from core.errors import DataError


def double(number: int, progress: Progress) -> int:
    progress(0.5, "doubling")
    return 2 * number


def talkative(progress: Progress) -> int:
    print("a library says something")  # noqa: T201 - what is tested
    os.write(1, b"and so does its C part")
    return 1


def forever(file: str, progress: Progress) -> None:
    """Write down the process, and never end."""
    Path(file).write_text(str(os.getpid()))
    while True:
        progress(0.25, "going on")
        time.sleep(0.05)


def bad_input(progress: Progress) -> None:
    raise DataError("The file is empty; bring one with rows.")


def broken(progress: Progress) -> None:
    raise KeyError("a fault")


def dies(progress: Progress) -> None:
    os._exit(9)


def app() -> None:
    """Start work that never ends, and wait to be killed."""
    Work(forever, sys.argv[1])
    time.sleep(600)
