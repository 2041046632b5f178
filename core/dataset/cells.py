"""What a cell means that was not written the plain way: numbers, moments and yes/no as people and
programs write them.
"""

import math
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc

__all__ = [
    "NO_VALUE",
    "CommaUse",
    "DateOrder",
    "comma_uses",
    "date_order",
    "flag",
    "micros",
    "number",
]

CommaUse = Literal["decimal mark", "thousands separator"]
DateOrder = Literal["day first", "month first"]

# What R, spreadsheets, databases and pandas write where there is nothing.
NO_VALUE = frozenset({"", "-", "--", "na", "n/a", "#n/a", "nan", "null", "none", "nil", "\\n"})

_PLAIN = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_THOUSANDS = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:,[0-9]{3})+")
# Numbers without sign and percent sign; the first form is one of both others.
_EITHER_COMMA = r"[1-9][0-9]{0,2},[0-9]{3}"
_DECIMAL_COMMA = r"(?:[0-9]{1,3}(?:\.[0-9]{3})+|[0-9]*),[0-9]+(?:[eE][+-]?[0-9]{1,3})?"
_THOUSANDS_COMMA = r"[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]*)?"
_EPOCH = re.compile(r"[0-9]{9,10}(?:\.[0-9]+)?|[0-9]{12,13}|[0-9]{15,16}")
_DATE = re.compile(r"([0-9]{1,2})([./-])([0-9]{1,2})\2([0-9]{4})(?:[ T,]+(.+))?")
_TIME_OF_DAY = re.compile(
    r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]{1,6})[0-9]*)?)?(?: ?([AaPp])\.?[Mm]\.?)?"
)
_YES = frozenset({"1", "1.0", "true", "t", "yes", "y", "anomaly", "anomalous", "abnormal"})
_NO = frozenset({"0", "0.0", "false", "f", "no", "n", "normal"})
_START = datetime(1970, 1, 1, tzinfo=UTC)


def number(text: str, comma: CommaUse) -> float | None:
    """Return the number that a cell holds; None where it is none, or not a finite one.

    A percent sign is dropped. `comma` is what a comma is for where the cell can be read either way;
    where both comma and point occur, the last one is the decimal mark.

    Examples
    --------
    >>> number(" 45,5 % ", "thousands separator")
    45.5
    >>> number("1,234", "thousands separator"), number("1,234", "decimal mark")
    (1234.0, 1.234)
    """
    text = _without_sign(text)
    if "," in text:
        if "." in text:
            mark = max(".", ",", key=text.rfind)
            text = text.replace("," if mark == "." else ".", "").replace(",", ".")
        elif comma == "thousands separator" and _THOUSANDS.fullmatch(text):
            text = text.replace(",", "")
        else:
            text = text.replace(",", ".")
    if not _PLAIN.fullmatch(text):
        return None
    value = float(text)
    return value if math.isfinite(value) else None


def comma_uses(cells: pa.Array) -> Counter[str]:
    """Return how many numbers tell what their comma is for; "not told" counts the others.

    Examples
    --------
    >>> sorted(comma_uses(pa.array(["0,951", "1,234.5", "1,234", "45.5"])))
    ['decimal mark', 'not told', 'thousands separator']
    """
    cells = cells.filter(pc.match_substring(cells, ","))
    n_either, n_decimal, n_thousands = (
        pc.sum(pc.match_substring_regex(cells, rf"^\s*[+-]?(?:{form})\s*%?\s*$")).as_py() or 0
        for form in (_EITHER_COMMA, _DECIMAL_COMMA, _THOUSANDS_COMMA)
    )
    return +Counter(
        {
            "not told": n_either,
            "decimal mark": n_decimal - n_either,
            "thousands separator": n_thousands - n_either,
        }
    )


def flag(text: str) -> int | None:
    """Return 1 or 0 for a cell that says yes or no; None where it says neither."""
    word = text.strip().casefold()
    if word in _YES:
        return 1
    return 0 if word in _NO else None


def date_order(text: str) -> DateOrder | Literal["not told"] | None:
    """Return which of day and month a date with the year last has first; None for other cells.

    Examples
    --------
    >>> date_order("13/04/2024"), date_order("03/04/2024"), date_order("2024-04-03")
    ('day first', 'not told', None)
    """
    match = _DATE.fullmatch(text.strip())
    if match is None:
        return None
    first, second = int(match[1]), int(match[3])
    if match[2] == "." or second <= 12 < first <= 31:
        return "day first"
    return "month first" if first <= 12 < second <= 31 else "not told"


def micros(text: str, order: DateOrder) -> int | None:
    """Return the moment that a cell names, in microseconds since 1970 (UTC); None where it is none.

    Read are ISO-8601, seconds, milliseconds or microseconds since 1970, and dates with the year
    last, in this order. Without a zone it is UTC.
    """
    text = text.strip().removesuffix(" UTC")
    if _EPOCH.fullmatch(text):
        whole = text.partition(".")[0]
        scale = {9: 1e6, 10: 1e6, 12: 1e3, 13: 1e3}.get(len(whole), 1.0)
        return round(float(text) * scale)
    moment = _year_last(text, order)
    try:
        moment = moment or datetime.fromisoformat(text)
    except ValueError:
        return None
    try:
        at = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:  # the first or last day of all time, in another zone
        return None
    return (at - _START) // timedelta(microseconds=1)


def _year_last(text: str, order: DateOrder) -> datetime | None:
    match = _DATE.fullmatch(text)
    if match is None:
        return None
    first, second, year = int(match[1]), int(match[3]), int(match[4])
    day, month = (first, second) if order == "day first" else (second, first)
    clock = _TIME_OF_DAY.fullmatch(match[5].strip()) if match[5] else None
    if match[5] and clock is None:
        return None
    hour, minute, second, micro = 0, 0, 0, 0
    if clock is not None:
        hour, minute, second = int(clock[1]), int(clock[2]), int(clock[3] or 0)
        micro = int((clock[4] or "0").ljust(6, "0"))
        if clock[5]:
            hour = hour % 12 + (12 if clock[5] in "Pp" else 0)
    try:
        return datetime(year, month, day, hour, minute, second, micro, tzinfo=UTC)
    except ValueError:
        return None


def _without_sign(text: str) -> str:
    return text.strip().removesuffix("%").rstrip()
