"""Files that the command line writes: whole or not at all."""

import contextlib
import csv
import gzip
import io
import secrets
from collections.abc import Iterable
from pathlib import Path

from core.errors import DataError

__all__ = ["writing"]


def writing(path: Path, lines: Iterable[tuple[str, ...]]) -> int:
    """Write `lines` as CSV (gzip for a name that ends in .gz) and return how many there were.

    The file appears under its name when it is complete. DataError where it cannot be written.
    """
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    n_lines = 0
    try:
        with beside.open("wb") as raw:
            packed = gzip.GzipFile(fileobj=raw, mode="wb") if path.suffix == ".gz" else raw
            with io.TextIOWrapper(packed, encoding="utf-8", newline="") as file:
                plain = csv.writer(file, lineterminator="\n")
                # Before Python 3.13 a lone CR is not reason enough for quotation marks.
                quoting = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL)
                for line in lines:
                    (quoting if any("\r" in cell for cell in line) else plain).writerow(line)
                    n_lines += 1
        beside.replace(path)
    except OSError as error:
        raise DataError(
            f"{path} cannot be written ({error.strerror}); name a file in a folder that exists."
        ) from error
    finally:
        with contextlib.suppress(OSError):  # read-only: what failed first is to be said
            beside.unlink()
    return n_lines
