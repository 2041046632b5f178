"""Forecasts against seasonal naive and statsmodels' defaults: error and time.

    python -m bench forecast

Hourly series with a day, a week, a slow rise and noise that remembers; the last two days are held
back, and each way is told only what came before. The error is the mean absolute one over all
series. statsmodels is used as its documentation shows it: no search, no bands.
"""

import statistics
import time
import warnings
from collections.abc import Callable

import numpy as np

from bench.result import Result
from core.forecast import Forecast, History, forecast
from core.metrics import FloatArray

N_SERIES, HOURS, AHEAD = 12, 24 * 35, 48
HOUR_S = 3600.0


def results() -> list[Result]:
    """Return error and time beside each peer."""
    made = [_series(seed) for seed in range(N_SERIES)]
    ways: dict[str, Callable[[FloatArray], FloatArray]] = {
        "ours": _ours,
        "seasonal naive": lambda known: known[-24:][np.arange(AHEAD) % 24],
        "statsmodels ETS": _ets,
        "statsmodels STLForecast": _stl,
    }

    errors: dict[str, list[float]] = {name: [] for name in ways}
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # statsmodels warns of fits that did not converge
        for way in ways.values():
            way(made[0][:-AHEAD])  # loads what it needs
        for all_ in made:
            for name, way in ways.items():
                started = time.perf_counter()
                ahead = way(all_[:-AHEAD])
                seconds[name].append(time.perf_counter() - started)
                errors[name].append(float(np.abs(ahead - all_[-AHEAD:]).mean()))
    error = {name: statistics.mean(found) for name, found in errors.items()}
    taken_ms = {name: 1000 * statistics.median(found) for name, found in seconds.items()}
    note = f"{N_SERIES} made-up hourly series of 5 weeks, the last 2 days held back"
    found = []
    for peer in list(ways)[1:]:
        found.append(
            Result(
                what="forecast, mean absolute error",
                peer=peer,
                ours=error["ours"],
                theirs=error[peer],
                unit="points",
                note=note,
            )
        )
        if peer != "seasonal naive":
            found.append(
                Result(
                    what="forecast, time a series",
                    peer=peer,
                    ours=taken_ms["ours"],
                    theirs=taken_ms[peer],
                    unit="ms",
                    note="ours tries several models on 12 origins and gives bands",
                )
            )
    return found


def _series(seed: int) -> FloatArray:
    """Return percent, hour by hour."""
    random = np.random.default_rng(seed)
    hours = np.arange(HOURS, dtype=float)
    noise = random.normal(0, 1.5, HOURS)
    for step in range(1, HOURS):
        noise[step] += 0.6 * noise[step - 1]
    day = random.uniform(4, 12) * np.sin(2 * np.pi * (hours - random.uniform(0, 24)) / 24)
    weekend = np.where(hours // 24 % 7 >= 5, -random.uniform(0, 10), 0.0)
    rise = random.uniform(0, 15) * hours / HOURS
    return np.asarray(np.clip(45 + day + weekend + rise + noise, 0, 100), dtype=float)


def _ours(known: FloatArray) -> FloatArray:
    history = History(
        resource="web-1",
        metric="cpu_usage",
        at_s=1_772_409_600.0 + HOUR_S * np.arange(known.size),
        values=known,
        low=0.0,
        high=100.0,
    )
    found = forecast(history, AHEAD * HOUR_S)
    if not isinstance(found, Forecast):
        raise TypeError(found.reason)
    return np.asarray(found.mean[:AHEAD])


def _ets(known: FloatArray) -> FloatArray:
    from statsmodels.tsa.holtwinters import ExponentialSmoothing

    model = ExponentialSmoothing(known, trend="add", seasonal="add", seasonal_periods=24)
    return np.asarray(model.fit().forecast(AHEAD))


def _stl(known: FloatArray) -> FloatArray:
    from statsmodels.tsa.arima.model import ARIMA
    from statsmodels.tsa.forecasting.stl import STLForecast

    model = STLForecast(known, ARIMA, model_kwargs={"order": (1, 1, 0)}, period=24)
    return np.asarray(model.fit().forecast(AHEAD))
