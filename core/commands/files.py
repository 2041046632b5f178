"""Tables that the command line writes: whole or not at all."""

import csv
import gzip
import io
from collections.abc import Iterable
from pathlib import Path

from core.named_files import written

__all__ = ["writing"]


def writing(path: Path, lines: Iterable[tuple[str, ...]]) -> int:
    """Write `lines` as CSV (gzip for a name that ends in .gz) and return how many there were.

    The file appears under its name when it is complete. DataError where it cannot be written.
    """
    n_lines = 0
    with written(path) as raw:
        packed = gzip.GzipFile(fileobj=raw, mode="wb") if path.suffix == ".gz" else raw
        with io.TextIOWrapper(packed, encoding="utf-8", newline="") as file:
            plain = csv.writer(file, lineterminator="\n")
            # Before Python 3.13 a lone CR is not reason enough for quotation marks.
            quoting = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL)
            for line in lines:
                (quoting if any("\r" in cell for cell in line) else plain).writerow(line)
                n_lines += 1
    return n_lines
