"""When a forecast reaches a limit: at the earliest, most likely, at the latest."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

import numpy as np

from core.errors import SettingsError
from core.forecast.outlook import Forecast
from core.metrics import FloatArray

__all__ = ["DEFAULT_LIMITS", "Crossing", "Limits", "crossing", "crossings", "reached"]

_BAND = 0.80


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Up to where a metric may rise, in its unit; None: no such limit.

    `excluded` is the reason why reaching the limits is no news, such as a machine that is meant to
    be busy all the time: then no date is worked out.
    """

    warning: float | None = None
    hard: float | None = None
    excluded: str | None = None

    def __post_init__(self) -> None:
        for limit in (self.warning, self.hard):
            if limit is not None and not np.isfinite(limit):
                raise SettingsError(f"A limit must be a number and is {limit}.")
        if self.warning is not None and self.hard is not None and self.warning > self.hard:
            raise SettingsError(
                f"The warning limit ({self.warning:g}) is above the hard one ({self.hard:g}); "
                "swap them."
            )


_PERCENT = Limits(warning=80.0, hard=95.0)
# Traffic and power have no limit that holds everywhere: what a line and a rack bear is set by those
# who know it.
_UNKNOWN = Limits()
DEFAULT_LIMITS: Mapping[str, Limits] = MappingProxyType(
    {
        "cpu_usage": _PERCENT,
        "memory_usage": _PERCENT,
        "network_traffic": _UNKNOWN,
        "power_consumption": _UNKNOWN,
        "cpu_percent": _PERCENT,
        "memory_percent": _PERCENT,
        "disk_percent": Limits(warning=80.0, hard=90.0),
        "network_bytes_per_s": _UNKNOWN,
    }
)
"""What holds for a metric where nothing else is said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """When a limit is reached; None: not within the horizon.

    `earliest` and `latest` are when the upper and the lower end of the 80 % band get there, so one
    truth in ten is expected before and one after. All three are the end of the history where the
    level is there already.
    """

    name: str
    limit: float
    earliest: datetime | None
    likely: datetime | None
    latest: datetime | None
    is_reached: bool


def crossings(forecast: Forecast, limits: Limits) -> tuple[Crossing, ...]:
    """Return when the warning and the hard limit are reached, as far as they are set."""
    return tuple(crossing(forecast, limit, name) for name, limit in _named(limits))


def reached(level: float, at: datetime, limits: Limits) -> tuple[Crossing, ...]:
    """Return the limits at or above which `level` is, measured `at`: that needs no forecast."""
    return tuple(_there(name, limit, at) for name, limit in _named(limits) if level >= limit)


def crossing(forecast: Forecast, limit: float, name: str) -> Crossing:
    """Return when `limit` (in the unit of the metric) is reached."""
    if forecast.level >= limit:
        return _there(name, limit, forecast.history_end)
    band = forecast.band(_BAND)

    def when(path: FloatArray) -> datetime | None:
        steps = _steps_to(path, forecast.level, limit)
        return None if steps is None else forecast.at(steps)

    return Crossing(
        name=name,
        limit=limit,
        earliest=when(band.high),
        likely=when(forecast.mean),
        latest=when(band.low),
        is_reached=False,
    )


def _named(limits: Limits) -> list[tuple[str, float]]:
    """Return the limits that are set and count, the lower one first."""
    if limits.excluded is not None:
        return []
    named = (("warning", limits.warning), ("hard", limits.hard))
    return [(name, limit) for name, limit in named if limit is not None]


def _there(name: str, limit: float, at: datetime) -> Crossing:
    return Crossing(name=name, limit=limit, earliest=at, likely=at, latest=at, is_reached=True)


def _steps_to(path: FloatArray, now: float, limit: float) -> float | None:
    """Return after how many steps `path` first reaches `limit`, straight between its points."""
    there = np.flatnonzero(path >= limit)
    if not there.size:
        return None
    first = int(there[0])
    before = min(now, limit) if first == 0 else float(path[first - 1])
    rise = float(path[first]) - before
    return first + ((limit - before) / rise if rise > 0 else 1.0)
