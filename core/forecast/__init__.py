"""Capacity ahead: forecasts with bands that hold, and the date when a limit is reached.

`forecast` answers for one series, `forecast_many` for a fleet, `capacity_table` says what runs out
when, also under a `WhatIf`. statsmodels and scipy are loaded by the first forecast.
"""

from core.forecast.capacity import (
    CapacityRow,
    Coverage,
    capacity_table,
    coverage,
    forecast_chunk,
    forecast_many,
)
from core.forecast.fleet import FLEET_METRICS, FleetMetric, fleet_history, machine_histories
from core.forecast.limits import DEFAULT_LIMITS, Crossing, Limits, crossing, crossings
from core.forecast.outlook import Backtest, Band, Forecast, NoForecast, forecast
from core.forecast.seasonality import Season
from core.forecast.series import History, RegularSeries, rates, regular
from core.forecast.what_if import WhatIf, applied

__all__ = [
    "DEFAULT_LIMITS",
    "FLEET_METRICS",
    "Backtest",
    "Band",
    "CapacityRow",
    "Coverage",
    "Crossing",
    "FleetMetric",
    "Forecast",
    "History",
    "Limits",
    "NoForecast",
    "RegularSeries",
    "Season",
    "WhatIf",
    "applied",
    "capacity_table",
    "coverage",
    "crossing",
    "crossings",
    "fleet_history",
    "forecast",
    "forecast_chunk",
    "forecast_many",
    "machine_histories",
    "rates",
    "regular",
]
