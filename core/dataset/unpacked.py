"""How large a gzipped file is once it is unpacked: a small one may hold gigabytes."""

import gzip
import io
import zlib
from pathlib import Path

from core.errors import DataError

__all__ = ["unpacked_bytes"]

_CHUNK_BYTES = 1 << 20
_GZIP = b"\x1f\x8b"


def unpacked_bytes(data: Path | bytes, name: str, limit_bytes: int, limit: str) -> int:
    """Return the size of the content; a gzipped one is unpacked up to the limit and thrown away.

    Parameters
    ----------
    data : Path or bytes
        A file, or the bytes of one.
    name : str
        What messages call it.
    limit_bytes : int
        How large the content of a gzipped file may be.
    limit : str
        What that is, in words: "ten times what may be uploaded".

    Raises
    ------
    DataError
        It unpacks to more than the limit, or cannot be unpacked.
    """
    with data.open("rb") if isinstance(data, Path) else io.BytesIO(data) as file:
        is_packed = file.read(2) == _GZIP
        packed = file.seek(0, io.SEEK_END)
        if not is_packed:
            return packed
        file.seek(0)
        n_bytes = 0
        try:
            with gzip.GzipFile(fileobj=file) as stream:
                while chunk := stream.read(_CHUNK_BYTES):
                    n_bytes += len(chunk)
                    if n_bytes > limit_bytes:
                        raise DataError(
                            f"{name} ({packed / 1e6:,.1f} MB) unpacks to more than "
                            f"{limit_bytes / 1e6:,.0f} MB, {limit}. Split it or raise "
                            "UPLOAD_LIMIT_MB."
                        )
        except (OSError, EOFError, zlib.error) as error:
            raise DataError(
                f"{name} cannot be unpacked ({error}); is the whole file there?"
            ) from error
    return n_bytes
