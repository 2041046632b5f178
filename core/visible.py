"""Text from outside on a terminal or in a file of lines: what would steer it is spelt out."""

import json
import re
from collections.abc import Mapping
from typing import Any

__all__ = ["json_line", "visible"]

# What moves a terminal's cursor or renames its window (ECMA-48: ESC, CSI and the other controls),
# ends a line for some programs and not for others, or turns the direction of writing, so that a
# text reads as another (Boucher and Anderson: Trojan Source. USENIX Security 2023).
_STEERS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def visible(text: str) -> str:
    r"""Return `text` with every character that steers as an escape; tabs and line ends stay.

    Examples
    --------
    >>> print(visible("vm\x1b[2J-1"))
    vm\x1b[2J-1
    """
    return _STEERS.sub(lambda match: ascii(match[0])[1:-1], text)


def json_line(document: Mapping[str, Any], *, indent: int | None = None) -> str:
    r"""Return a document as JSON, readable in every language, that steers nobody who prints it.

    Examples
    --------
    >>> print(json_line({"vm": "ü\x9b2J"}))
    {"vm": "ü\u009b2J"}
    """
    written = json.dumps(document, ensure_ascii=False, indent=indent)
    return _STEERS.sub(lambda match: f"\\u{ord(match[0]):04x}", written)
