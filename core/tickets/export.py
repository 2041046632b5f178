"""A file of tickets with the answers beside them, safe to open in a spreadsheet."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence

from core.errors import SchemaError
from core.tickets.predict import BatchPrediction

__all__ = ["ANSWER_COLUMNS", "answered_csv", "answered_lines", "check_header", "neutralised"]

ANSWER_COLUMNS = ("predicted_category", "confidence", "route")

# The last four are what a Japanese or Chinese keyboard writes for the first.
_SIGNS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
# What programs may skip before they look for a sign.
_SKIPPED = " \n\v\f\ufeff\u200b\xa0"
_FORMULA = (*_SIGNS, "\t", "\r")
_NUMBER = re.compile(r"[+-](?:[0-9]+(?:[.,][0-9]*)?|[.,][0-9]+)(?:[eE][+-]?[0-9]+)?%?")


def neutralised(cell: str) -> str:
    """Return the cell with an apostrophe before it where a spreadsheet would take it for a formula.

    Numbers such as -3.5 stay numbers.

    References
    ----------
    OWASP: CSV Injection (owasp.org/www-community/attacks/CSV_Injection).

    Examples
    --------
    >>> neutralised("=1+1"), neutralised("-3.5")
    ("'=1+1", '-3.5')
    """
    if cell.startswith(_FORMULA) or cell.lstrip(_SKIPPED).startswith(_FORMULA):
        return cell if _NUMBER.fullmatch(cell.strip(" ")) else f"'{cell}"
    return cell


def check_header(header: Sequence[str]) -> None:
    """Refuse a file that has a column where the answers would stand.

    Raises
    ------
    SchemaError
        With the name of the column.
    """
    taken = {name.strip().casefold() for name in header}
    if twice := [name for name in ANSWER_COLUMNS if name in taken]:
        raise SchemaError(
            f"The tickets have a column {twice[0]!r} already, and the answers need one of that "
            "name: rename or remove it."
        )


def answered_lines(
    header: Sequence[str], rows: Iterable[Sequence[str]], batch: BatchPrediction
) -> Iterator[tuple[str, ...]]:
    """Yield the lines of the answered file: every column as it was, and `ANSWER_COLUMNS`.

    Parameters
    ----------
    header : sequence of str
        The names of the columns.
    rows : iterable of sequence of str
        The cells of the n tickets, in their order.
    batch : BatchPrediction
        The answers for these n tickets; `route` is "person" where the model is unsure.

    Raises
    ------
    SchemaError
        Where the file has a column of such a name already.
    ValueError
        Where there are more or fewer rows than answers.
    """
    check_header(header)
    yield (*map(neutralised, header), *ANSWER_COLUMNS)
    answers = zip(
        batch.categories.tolist(), batch.confidence.tolist(), batch.is_unsure.tolist(), strict=True
    )
    for row, (category, confidence, is_unsure) in zip(rows, answers, strict=True):
        route = "person" if is_unsure else "automatic"
        yield (*map(neutralised, row), neutralised(category), f"{confidence:.4f}", route)


def answered_csv(
    header: Sequence[str], rows: Iterable[Sequence[str]], batch: BatchPrediction
) -> bytes:
    """Return the answered file as CSV in UTF-8; arguments and errors as of `answered_lines`."""
    text = io.StringIO(newline="")
    # The line end of RFC 4180: cells with either half of it in them are put in quotation marks.
    csv.writer(text, lineterminator="\r\n").writerows(answered_lines(header, rows, batch))
    return text.getvalue().encode()
