"""A text given as an argument, or on standard input."""

import sys

from core.errors import DataError

__all__ = ["text_of"]


def text_of(source: str) -> str:
    """Return `source`, or where that is "-" what stands on standard input.

    DataError where that is no UTF-8 text.
    """
    if source != "-":
        return source
    data = sys.stdin.buffer.read()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(
            f"Standard input is not UTF-8 text (byte {error.start} is 0x{data[error.start]:02x}); "
            "convert it, or check that it is a text at all."
        ) from error
