"""What the process of a job says: how far it is, and at the end its answer."""

import json
import re
from collections.abc import Mapping
from typing import Any

__all__ = ["answer_in", "progress_in"]

# As core.commands.output tells it: " 37 %  fitting, about 12 s left".
_PROGRESS = re.compile(r"\s*(\d{1,3}) %  (.*)")


def progress_in(line: str) -> tuple[float, str] | None:
    """Return the fraction (0-1) and the words that a line of standard error tells, if it does.

    Examples
    --------
    >>> progress_in(" 37 %  fitting")
    (0.37, 'fitting')
    """
    found = _PROGRESS.fullmatch(line)
    return None if found is None else (min(1.0, int(found[1]) / 100), found[2])


def answer_in(said: bytes) -> Mapping[str, Any] | None:
    """Return the JSON object that standard output is; None where it is anything else."""
    try:
        found = json.loads(said.decode("utf-8", errors="replace"))
    except (ValueError, RecursionError):  # the latter of ten thousand brackets
        return None
    return found if isinstance(found, dict) else None
