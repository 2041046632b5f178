"""How old the data is, and when it no longer speaks of now."""

from datetime import datetime, tzinfo

from core import quantities
from core.metrics import Sample
from pages.ui.errors import as_text

__all__ = ["is_stale", "line"]

_STALE_INTERVALS = 3.0


def is_stale(last_at: datetime, *, now: datetime, interval_s: float) -> bool:
    """Return whether more than three samples should have come since `last_at`."""
    return (now - last_at).total_seconds() > _STALE_INTERVALS * interval_s


def line(
    last: Sample | None, *, now: datetime, interval_s: float, is_paused: bool, zone: tzinfo | None
) -> str:
    """Return, as Markdown, whose the last sample is and how old; amber where none comes."""
    every = quantities.duration(interval_s)
    if last is None:
        if is_paused:
            return ":orange[▲ Sampling is paused], and there is no sample yet."
        return f"No sample yet; the first one comes within {every}."
    age_s = (now - last.at).total_seconds()
    zone_name = as_text(last.at.astimezone(zone).tzname() or "")
    host, at = as_text(last.host), f"{quantities.clock(last.at, zone)} {zone_name}"
    if is_paused:
        return (
            f":orange[▲ Sampling is paused.] Last sample of {host} {quantities.age(age_s)}, "
            f"at {at}."
        )
    if is_stale(last.at, now=now, interval_s=interval_s):
        late = (
            f":orange[▲ No sample for {quantities.duration(age_s)}], "
            f"though one is due every {every}."
        )
        return f"{late} The last one of {host} came at {at}."
    return f"{host}, measured {quantities.age(age_s)}, at {at}; one sample every {every}."
