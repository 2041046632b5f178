"""A dataset file as UTF-8 text, whatever encoding and compression it came in."""

import codecs
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from core.errors import DataError, MissingDataError
from core.named_files import refuse_stream

__all__ = ["Encoding", "NotUtf8Error", "Source", "Utf8", "file_errors"]

_GZIP = b"\x1f\x8b"
# Files that are brought by mistake, by their first bytes.
_FOREIGN = (
    (b"PK\x03\x04", "an Excel or zip file"),
    (b"\xd0\xcf\x11\xe0", "an old Excel file"),
    (b"PAR1", "a Parquet file"),
    (b"%PDF", "a PDF"),
    (b"SQLite format 3", "a SQLite database"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
)
_MARKS: tuple[tuple[bytes, str, str], ...] = (  # byte order marks; UTF-32 begins like UTF-16
    (codecs.BOM_UTF32_LE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF32_BE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)
_UTF8_LABELS = ("UTF-8", "UTF-8 with BOM")
_CHUNK_BYTES = 1 << 20
_BEGINNING_BYTES = 256 << 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoding:
    """How a file's bytes are text. `codec` is None where they are UTF-8 already."""

    codec: str | None
    label: str


class NotUtf8Error(DataError):
    """The text is not UTF-8 throughout, although its beginning is."""


class Utf8(io.RawIOBase):
    """A stream of bytes read as UTF-8.

    Bytes that are UTF-8 already (`codec` is None) are looked at and handed on, and NotUtf8Error is
    raised where they are not. Of others, what their encoding does not know becomes U+FFFD and is
    counted in `damaged`.
    """

    def __init__(self, stream: Any, codec: str | None) -> None:
        self._stream = stream
        self._is_utf8 = codec is None
        errors = "strict" if codec is None else "replace"
        self._decoder = codecs.getincrementaldecoder(codec or "utf-8")(errors)
        self._ready = b""
        self.damaged = 0

    def readable(self) -> bool:
        """Return true."""
        return True

    def read(self, size: int | None = -1) -> bytes:
        """Return some bytes, at most `size`; none at the end."""
        if size is None or size < 0:
            return self.readall()
        if self._is_utf8:
            return self._checked(size)
        chunk = None
        while not self._ready and chunk != b"":
            chunk = self._stream.read(_CHUNK_BYTES)
            text = self._decoder.decode(chunk, final=not chunk)
            self.damaged += text.count("\ufffd")
            # A lone surrogate is no character and has no bytes in UTF-8.
            self._ready = text.encode("utf-8", errors="replace")
        found, self._ready = self._ready[:size], self._ready[size:]
        return found

    def _checked(self, size: int) -> bytes:
        chunk = bytes(self._stream.read(size))
        # What is ASCII throughout is UTF-8, unless a character was begun before it.
        if chunk.isascii() and not self._decoder.getstate()[0]:
            return chunk
        try:
            self._decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            raise NotUtf8Error("The text is not UTF-8 throughout.") from error
        return chunk

    def close(self) -> None:
        """Close the stream below as well."""
        self._stream.close()
        super().close()


class Source:
    """A file, or the bytes of one, that can be read several times from the beginning.

    Attributes
    ----------
    name : str
        What messages call it: the file's name.
    size_bytes : int
        As it lies there, before decompression.
    compression : str or None
        "gzip", which is undone on reading.
    encoding : Encoding
        Detected from the beginning of the file; `look_closer` reads all of it.

    Raises
    ------
    MissingDataError
        There is no such file, or nothing in it.
    DataError
        It is no text, cannot be read, or is a pipe, which can be read only once.
    """

    def __init__(self, data: Path | str | bytes, name: str | None = None) -> None:
        self._data = data if isinstance(data, bytes) else Path(data)
        self.name = name or (self._data.name if isinstance(self._data, Path) else "the file")
        if isinstance(self._data, Path) and self._data.is_dir():
            raise DataError(f"{self.name} is a folder; name a CSV file.")
        if isinstance(self._data, Path):
            refuse_stream(self._data)
        with file_errors(self.name):
            self.size_bytes = (
                len(self._data) if isinstance(self._data, bytes) else self._data.stat().st_size
            )
            with self._stored() as stream:
                self.compression = "gzip" if stream.read(2) == _GZIP else None
            with self._bytes() as stream:
                self._beginning = _read_up_to(stream, _BEGINNING_BYTES)
        self._refuse_what_is_no_text()
        self.encoding = self._detected()

    def open(self) -> Utf8:
        """Return a stream of the content in UTF-8; whoever opens it closes it."""
        return Utf8(self._bytes(), self.encoding.codec)

    def open_again(self) -> Any:
        """Return the stream of a content that was read to its end: UTF-8 is not looked at twice."""
        return self._bytes() if self.encoding.codec is None else self.open()

    def beginning(self) -> str:
        """Return the first characters of the content, a byte order mark included."""
        # The last character may be cut in two.
        decoder = codecs.getincrementaldecoder(self.encoding.codec or "utf-8")(errors="replace")
        return decoder.decode(self._beginning)

    def look_closer(self) -> None:
        """Detect the encoding anew from the whole content, which is not all UTF-8."""
        self.encoding = self._not_all_utf8()

    def _stored(self) -> Any:
        if isinstance(self._data, bytes):
            return pa.BufferReader(self._data)
        return pa.OSFile(str(self._data))

    def _bytes(self) -> Any:
        stream = self._stored()
        return pa.CompressedInputStream(stream, "gzip") if self.compression else stream

    def _refuse_what_is_no_text(self) -> None:
        if not self._beginning.strip(codecs.BOM_UTF8 + b" \t\r\n"):
            raise MissingDataError(
                f"{self.name} is empty; bring a CSV file with a header and rows."
            )
        for first_bytes, what in _FOREIGN:
            if self._beginning.startswith(first_bytes):
                raise DataError(f"{self.name} is {what}, not a CSV file; export it as CSV (UTF-8).")

    def _detected(self) -> Encoding:
        start = self._beginning
        for mark, codec, label in _MARKS:
            if start.startswith(mark):
                return Encoding(codec=codec, label=label)
        # Our column names are ASCII, so in UTF-16 every other byte of the header is 0.
        header = start[:40]
        if len(header) >= 8 and not any(header[1::2]):
            return Encoding(codec="utf-16-le", label="UTF-16 without BOM")
        if len(header) >= 8 and not any(header[0::2]):
            return Encoding(codec="utf-16-be", label="UTF-16 without BOM")
        try:
            # The last character of a beginning may be cut in two, that of a whole file may not.
            is_all = len(start) < _BEGINNING_BYTES
            codecs.getincrementaldecoder("utf-8")().decode(start, final=is_all)
        except UnicodeDecodeError:
            return self._not_all_utf8()
        return Encoding(codec=None, label=_UTF8_LABELS[start.startswith(codecs.BOM_UTF8)])

    def _not_all_utf8(self) -> Encoding:
        """Return which encoding of single bytes it is, or UTF-8 where only a few bytes are wrong.

        Two bytes of Latin-1 rarely happen to be one character of UTF-8, so a text that is not
        UTF-8 has hardly any of its characters, and a damaged one has mostly those.
        """
        decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        right, wrong, windows, undefined = 0, 0, False, False
        with file_errors(self.name), self._bytes() as stream:
            while chunk := stream.read(_CHUNK_BYTES):
                text = decoder.decode(chunk)
                wrong += text.count("\ufffd")
                right += len(text) - len(text.encode("ascii", "ignore"))
                windows = windows or re.search(rb"[\x80-\x9f]", chunk) is not None
                undefined = undefined or re.search(rb"[\x81\x8d\x8f\x90\x9d]", chunk) is not None
        if right - wrong > wrong:
            return Encoding(codec="utf-8", label="UTF-8, damaged")
        if windows and not undefined:
            return Encoding(codec="cp1252", label="Windows-1252")
        return Encoding(codec="latin-1", label="Latin-1")


@contextmanager
def file_errors(name: str) -> Iterator[None]:
    """Turn what reading the file `name` may raise into one plain sentence.

    Raises
    ------
    MissingDataError
        There is no such file.
    DataError
        It cannot be opened, read or decompressed.
    """
    try:
        yield
    except FileNotFoundError as error:
        raise MissingDataError(f"{name} is not there; check the path.") from error
    except (OSError, EOFError, pa.ArrowException) as error:
        reason = getattr(error, "strerror", None) or str(error).partition("\n")[0]
        raise DataError(f"{name} cannot be read ({reason}); is the whole file there?") from error


def _read_up_to(stream: Any, n_bytes: int) -> bytes:
    """Return the first `n_bytes` of a stream; a decompressing one hands out less at a time."""
    parts: list[bytes] = []
    while n_bytes > 0 and (chunk := stream.read(n_bytes)):
        parts.append(chunk)
        n_bytes -= len(chunk)
    return b"".join(parts)
