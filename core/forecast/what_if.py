"""The same forecast under another load or with more hosts, without fitting anything again."""

from dataclasses import dataclass, replace

import numpy as np

from core.errors import SettingsError
from core.forecast.outlook import Band, Forecast

__all__ = ["WhatIf", "applied"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """What might change.

    `growth` is the load as a multiple of what is expected (1.2: a fifth more work). `extra_hosts`
    are added to the fleet and take an equal part of its load; they change what is a mean share over
    the fleet (CPU, memory), neither one machine nor a sum (traffic, power).
    """

    growth: float = 1.0
    extra_hosts: int = 0

    def __post_init__(self) -> None:
        if not (np.isfinite(self.growth) and self.growth > 0):
            raise SettingsError(f"The growth factor must be above 0 and is {self.growth}.")
        if self.extra_hosts < 0:
            raise SettingsError(f"Extra hosts cannot be fewer than 0 and are {self.extra_hosts}.")


def applied(forecast: Forecast, what_if: WhatIf) -> Forecast:
    """Return the forecast as it would be; the very same where nothing changes."""
    factor = what_if.growth
    if forecast.spreads:
        factor *= forecast.n_hosts / (forecast.n_hosts + what_if.extra_hosts)
    if factor == 1.0:
        return forecast

    # What is asked for is scaled, not what fits: 140 % on ten hosts is 127 % on eleven, not 91 %.
    return replace(
        forecast,
        demand_mean=forecast.demand_mean * factor,
        demand_bands=tuple(
            Band(level=band.level, low=band.low * factor, high=band.high * factor)
            for band in forecast.demand_bands
        ),
        demand_level=forecast.demand_level * factor,
        trend_per_day=forecast.trend_per_day * factor,
    )
