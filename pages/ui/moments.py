"""Moments of a fleet's data on screen: in the browser's zone, with the year."""

from collections.abc import Iterable
from datetime import UTC, datetime, tzinfo
from typing import Any

import streamlit as st

from core import quantities

__all__ = [
    "browser_zone",
    "day",
    "days",
    "local",
    "locals_of",
    "minute",
    "utc_texts",
    "zoned_minute",
]


def browser_zone() -> tzinfo | None:
    """Return the zone of the visitor's browser.

    None (this machine's) where it names none, UTC where it names one that is not known here.
    """
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return ZoneInfo(st.context.timezone) if st.context.timezone else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        # Chromium says Etc/Unknown where it cannot tell; "Europe" is a folder here.
        return UTC


def day(at: datetime, zone: tzinfo | None) -> str:
    """Return a day: "4 Feb 2025"."""
    there = at.astimezone(zone)
    return f"{there.day} {there.strftime('%b %Y')}"


def days(first: datetime, last: datetime, zone: tzinfo | None) -> str:
    """Return a span of days, saying no more often than needed what they share: "6-9 Feb 2025"."""
    one, other = first.astimezone(zone), last.astimezone(zone)
    if one.date() == other.date():
        return day(last, zone)
    if (one.year, one.month) == (other.year, other.month):
        return f"{one.day}-{day(last, zone)}"
    if one.year == other.year:
        return f"{one.day} {one.strftime('%b')} - {day(last, zone)}"
    return f"{day(first, zone)} - {day(last, zone)}"


def zoned_minute(at: datetime, zone: tzinfo | None) -> str:
    """Return a day with its time and the zone: "4 Feb 2025, 18:00 CET"."""
    return f"{minute(at, zone)} {at.astimezone(zone).tzname()}"


def minute(at: datetime | None, zone: tzinfo | None) -> str:
    """Return a day with its time: "4 Feb 2025, 17:00"; words where the row has none."""
    if at is None:
        return "no time given"
    return f"{day(at, zone)}, {at.astimezone(zone).strftime('%H:%M')}"


def local(at: datetime, zone: tzinfo | None) -> datetime:
    """Return a moment as plotly.js is to write it: without a zone, to the millisecond it knows."""
    there = at.astimezone(zone).replace(tzinfo=None)
    return there.replace(microsecond=there.microsecond // 1000 * 1000)


def locals_of(moments: Any, zone: tzinfo | None) -> list[datetime]:
    """Return an array of moments in UTC as plotly.js is to write them."""
    return [local(at, zone) for at in _aware(moments)]


def utc_texts(moments: Any) -> list[str]:
    """Return the exact moments of an array for hovering."""
    return [quantities.utc(at) for at in _aware(moments)]


def _aware(moments: Any) -> Iterable[datetime]:
    return (at.replace(tzinfo=UTC) for at in moments.astype("datetime64[us]").tolist())
