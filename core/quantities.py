"""Numbers, durations and moments as people read them, each with its unit."""

import math
from datetime import UTC, datetime, tzinfo

__all__ = [
    "age",
    "clock",
    "duration",
    "duration_range",
    "rounded",
    "moment",
    "percent",
    "quantity",
    "utc",
]

_MINUTE_S, _HOUR_S, _DAY_S = 60.0, 3600.0, 86400.0
_BYTE_PREFIXES = ("", "k", "M", "G", "T", "P")


def percent(ratio: float) -> str:
    """Return a share from 0 to 1 in whole percent; a probability is never said to be 0 or 100 %."""
    if ratio < 0.01:
        return "under 1 %"
    if ratio > 0.99:
        return "over 99 %"
    return f"{ratio * 100:.0f} %"


def rounded(value: float) -> str:
    """Return a number with at most three significant digits and thousands separated by commas.

    What is not finite is said as "?".
    """
    if not math.isfinite(value):
        return "?"
    size = abs(value)
    if size < 10:
        text = f"{value:.{1 if size >= 1 else 2}f}".rstrip("0").rstrip(".")
        if text in ("0", "-0", ""):
            return "under 0.01" if value > 0 else "0"
        return text
    digits = max(0, math.floor(math.log10(size)) - 2)
    return f"{round(value, -digits):,.0f}"


def quantity(value: float, unit: str) -> str:
    """Return a value with its unit, in the multiple of the unit that people would choose."""
    if unit == "s":
        return duration(value)
    if unit == "ms" and abs(value) >= 1000:
        return f"{rounded(value / 1000)} s"
    if unit.startswith("B"):
        power = 0
        while abs(value) >= 999.5 and power < len(_BYTE_PREFIXES) - 1:
            value, power = value / 1000, power + 1
        return f"{rounded(value)} {_BYTE_PREFIXES[power]}{unit}"
    if unit == "1/s":
        return f"{rounded(value)} per s"
    return f"{rounded(value)} {unit}".rstrip()


def duration(seconds: float) -> str:
    """Return how long something takes or took: "50 s", "12 min", "3.5 h", "12 days".

    What took less than no time, since a clock was set back meanwhile, took "0 s".
    """
    seconds = max(0.0, seconds)
    unit, size = _unit_of(seconds)
    return f"{_in(seconds, size)} {unit}"


def duration_range(earliest_s: float, latest_s: float) -> str:
    """Return a span of durations, in one unit where that says both ends: "4-7 min".

    Where the latest is infinite, only the earliest is said: "8.9 h or more".
    """
    if math.isinf(latest_s):
        return f"{duration(earliest_s)} or more"
    unit, size_s = _unit_of(latest_s)
    low, high = _in(earliest_s, size_s), _in(latest_s, size_s)
    if low == high:
        return f"about {high} {unit}"
    if _unit_of(earliest_s)[0] != unit and earliest_s < size_s:
        return f"{duration(earliest_s)} to {high} {unit}"
    return f"{low}-{high} {unit}"


def age(seconds: float) -> str:
    """Return how long ago something was: "3 s ago"."""
    return f"{duration(round(max(0.0, seconds)))} ago"


def clock(at: datetime, zone: tzinfo | None) -> str:
    """Return the time of day in `zone` (this machine's where None): "14:03:25"."""
    return at.astimezone(zone).strftime("%H:%M:%S")


def moment(at: datetime, zone: tzinfo | None) -> str:
    """Return day and time in `zone` (this machine's where None): "21 Nov, 14:03:25"."""
    local = at.astimezone(zone)
    return f"{local.day} {local.strftime('%b, %H:%M:%S')}"


def utc(at: datetime) -> str:
    """Return the exact moment in UTC, for hovering: "2026-11-21 14:03:25 UTC"."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _unit_of(seconds: float) -> tuple[str, float]:
    """Return the unit in which a duration is said, and that unit's length in seconds."""
    if seconds < 99.5:
        return "s", 1.0
    if seconds < 99.5 * _MINUTE_S:
        return "min", _MINUTE_S
    if seconds < 47.5 * _HOUR_S:
        return "h", _HOUR_S
    return "days", _DAY_S


def _in(seconds: float, size_s: float) -> str:
    """Return a duration as a number of units, in parts of one only where they matter."""
    count = seconds / size_s
    in_parts = size_s >= _HOUR_S or count < 1
    return rounded(count if in_parts else round(count))
