"""How old the data is, and when it no longer speaks of now."""

from datetime import datetime, tzinfo
from pathlib import Path
from typing import TypedDict

import streamlit as st

from core import quantities
from core.metrics import Sample

__all__ = ["draw", "is_stale"]

_STALE_INTERVALS = 3.0

_component = st.components.v2.component(
    "live_age",
    js=Path(__file__).with_name("live_age.js").read_text(encoding="utf-8"),
    isolate_styles=False,
)


class _Words(TypedDict):
    """A line with the age between its two halves; amber where it `isWarning`."""

    before: str
    after: str
    isWarning: bool


def is_stale(last_at: datetime, *, now: datetime, interval_s: float) -> bool:
    """Return whether more than three samples should have come since `last_at`."""
    return (now - last_at).total_seconds() > _STALE_INTERVALS * interval_s


def draw(
    last: Sample | None,
    *,
    now: datetime,
    interval_s: float,
    is_paused: bool,
    zone: tzinfo | None,
    key: str,
) -> None:
    """Say whose the last sample is and how old; amber where none comes.

    The age is counted in the browser, every second, from the age that it has `now`.
    """
    fresh = _words(last, interval_s=interval_s, is_paused=is_paused, zone=zone)
    _component(
        key=key,
        data={
            "age": None if last is None else (now - last.at).total_seconds(),
            "fresh": fresh,
            "staleAfter": None if is_paused or last is None else _STALE_INTERVALS * interval_s,
            "stale": fresh if last is None else _late(last, interval_s, zone),
        },
    )


def _words(
    last: Sample | None, *, interval_s: float, is_paused: bool, zone: tzinfo | None
) -> _Words:
    every = quantities.duration(interval_s)
    if last is None:
        said = (
            "▲ Sampling is paused, and there is no sample yet."
            if is_paused
            else f"No sample yet; the first one comes within {every}."
        )
        return {"before": said, "after": "", "isWarning": is_paused}
    at = _clock(last, zone)
    if is_paused:
        before = f"▲ Sampling is paused. Last sample of {last.host} "
        return {"before": before, "after": f" ago, at {at}.", "isWarning": True}
    return {
        "before": f"{last.host}, measured ",
        "after": f" ago, at {at}; one sample every {every}.",
        "isWarning": False,
    }


def _late(last: Sample, interval_s: float, zone: tzinfo | None) -> _Words:
    return {
        "before": "▲ No sample for ",
        "after": f", though one is due every {quantities.duration(interval_s)}. "
        f"The last one of {last.host} came at {_clock(last, zone)}.",
        "isWarning": True,
    }


def _clock(last: Sample, zone: tzinfo | None) -> str:
    zone_name = last.at.astimezone(zone).tzname() or ""
    return f"{quantities.clock(last.at, zone)} {zone_name}".rstrip()
