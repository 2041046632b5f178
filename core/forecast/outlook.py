"""One series ahead: what is expected, how sure that is, and how well it would have done before."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

import numpy as np

from core.errors import DataError, SettingsError
from core.forecast.backtest import MIN_POINTS, PastErrors, past_errors
from core.forecast.bands import LEVELS, coverage, half_widths
from core.forecast.model import candidates, seasonal_naive
from core.forecast.seasonality import Season, recognised
from core.forecast.series import History, RegularSeries, regular, without_strays
from core.metrics import FloatArray

__all__ = ["Backtest", "Band", "Forecast", "NoForecast", "forecast"]

_DAY_S = 86400.0
_LAST_S = datetime(9999, 12, 1, tzinfo=UTC).timestamp()
# A model that errs so much less than the baseline is used even where choosing it is shaky, as
# beside a disk that was cleaned once: few windows are free of that, and they choose another.
_PLAINLY_BETTER = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """How the served forecast did on the past.

    `mase` and `baseline_mase` are mean absolute errors in units of the usual change from one season
    to the next (1: as good as repeating the last season), None where nothing ever changes. At each
    window the model is the one that did best at the others.
    `coverage50`, `coverage80` and `coverage95` are the shares (0-1) of the truth that lay inside
    bands made from the other windows. `tested_s` is how far ahead was tested.
    """

    mase: float | None
    baseline_mase: float | None
    coverage50: float
    coverage80: float
    coverage95: float
    windows: int
    tested_s: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Band:
    """Between `low` and `high`, of shape (horizon,), lies the truth in `level` (0-1) of cases."""

    level: float
    low: FloatArray
    high: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Forecast:
    """What is expected of one series.

    Attributes
    ----------
    resource, metric, n_hosts, spreads, low, high
        Those of the history.
    is_rate : bool
        Whether the history was read as a counter: all values are its rate per second.
    history_end : datetime
        The last measurement (UTC).
    step_s : float
        From one value to the next.
    demand_mean : ndarray of shape (horizon,)
        What is asked for, which may lie beyond the bounds: more than 100 % does not fit, and is
        what further hosts would take. The first value is a step after `history_end`.
    demand_bands : tuple of Band
        50, 80 and 95 % of it.
    demand_level, trend_per_day : float
        Without the season's ups and downs, now; in the unit of the metric. A trend of 0 means that
        no trend foretold the past better than none.
    seasons : tuple of Season
    model : "trend and seasons" or "seasonal naive"
        The second where the first would not have done better.
    notes : tuple of str
        Sentences on what a reader should know of the history.
    """

    resource: str
    metric: str
    n_hosts: int
    spreads: bool
    low: float | None
    high: float | None
    is_rate: bool
    history_end: datetime
    step_s: float
    demand_mean: FloatArray
    demand_bands: tuple[Band, ...]
    demand_level: float
    trend_per_day: float
    seasons: tuple[Season, ...]
    model: Literal["trend and seasons", "seasonal naive"]
    backtest: Backtest
    notes: tuple[str, ...]

    @property
    def mean(self) -> FloatArray:
        """What is expected, within the bounds; of shape (horizon,)."""
        return _within(self.demand_mean, self.low, self.high)

    @property
    def bands(self) -> tuple[Band, ...]:
        """The bands of 50, 80 and 95 %, within the bounds."""
        return tuple(self._bounded(band) for band in self.demand_bands)

    @property
    def level(self) -> float:
        """The level now, within the bounds."""
        return float(_within(np.array(self.demand_level), self.low, self.high))

    def band(self, level: float) -> Band:
        """Return the band of `level`, one of 0.5, 0.8 and 0.95, within the bounds."""
        return self._bounded(next(band for band in self.demand_bands if band.level == level))

    def at(self, steps: float) -> datetime:
        """Return when it is `steps` after the end of the history."""
        return self.history_end + timedelta(seconds=round(steps * self.step_s))

    def _bounded(self, band: Band) -> Band:
        return Band(
            level=band.level,
            low=_within(band.low, self.low, self.high),
            high=_within(band.high, self.low, self.high),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class NoForecast:
    """Why there is none; `history_end` and `level` (the last value) where anything was measured.

    In `reason`, what is special to this series stands after a colon. `is_rate`: the level is a
    counter's rate per second.
    """

    resource: str
    metric: str
    reason: str
    n_points: int
    history_end: datetime | None = None
    level: float | None = None
    is_rate: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Choice:
    """The model that is served: its forecast and its errors of shape (n_windows, tested)."""

    model: Literal["trend and seasons", "seasonal naive"]
    mean: FloatArray
    errors: FloatArray
    level: float
    slope: float


def forecast(history: History, horizon_s: float) -> Forecast | NoForecast:
    """Return what is expected of a history for the `horizon_s` seconds after its end.

    Of the candidate models the one with the least mean absolute error on rolling origins is served,
    and the seasonal naive forecast where none does better than that. A few rows far off all others
    in time are left out, which the notes say.

    Raises
    ------
    SettingsError
        The horizon is no time.
    DataError
        The forecast would reach beyond the year 9999.
    """
    if not (np.isfinite(horizon_s) and horizon_s > 0):
        raise SettingsError(
            f"A forecast needs a horizon above 0 seconds and was given {horizon_s}; use such as 7d."
        )
    if not np.isfinite(history.values).any():
        return NoForecast(
            resource=history.resource,
            metric=history.metric,
            reason="not enough history: nothing was measured",
            n_points=0,
        )
    series = regular(without_strays(history), horizon_s=horizon_s)
    if series.end_s + horizon_s > _LAST_S:
        raise DataError(
            f"The last time of {history.metric} of {history.resource} lies in a future that no "
            "calendar reaches; check the timestamps."
        )
    end = datetime.fromtimestamp(series.end_s, UTC)
    n_points = series.values.size
    if n_points < MIN_POINTS:
        return NoForecast(
            resource=history.resource,
            metric=history.metric,
            reason=f"not enough history: {n_points} of the {MIN_POINTS} points needed",
            n_points=n_points,
            history_end=end,
            level=float(series.values[-1]),
            is_rate=series.is_rate,
        )
    horizon = max(1, round(horizon_s / series.step_s))
    seasons = recognised(series.values, series.step_s)
    periods = [season.period for season in seasons]
    past = past_errors(series.values, periods, horizon)
    choice = _chosen(series.values, periods, past, horizon)
    halves = half_widths(choice.errors, past.origins, horizon)
    return Forecast(
        resource=history.resource,
        metric=history.metric,
        n_hosts=history.n_hosts,
        spreads=history.spreads,
        low=history.low,
        high=history.high,
        is_rate=series.is_rate,
        history_end=end,
        step_s=series.step_s,
        demand_mean=choice.mean,
        demand_bands=tuple(
            Band(level=level, low=choice.mean - half, high=choice.mean + half)
            for level, half in zip(LEVELS, halves, strict=True)
        ),
        demand_level=choice.level,
        trend_per_day=choice.slope * _DAY_S / series.step_s,
        seasons=seasons,
        model=choice.model,
        backtest=_backtest(choice.errors, past, series.step_s),
        notes=_notes(series, choice, horizon),
    )


def _chosen(values: FloatArray, periods: list[int], past: PastErrors, horizon: int) -> _Choice:
    usual = np.abs(past.models).mean(axis=(0, 2))
    best = int(usual.argmin())
    errors = past.of_choosing()
    baseline = float(np.abs(past.baseline).mean())
    if np.abs(errors).mean() < baseline or usual[best] < _PLAINLY_BETTER * baseline:
        ahead = candidates(values, periods, horizon)
        return _Choice(
            model="trend and seasons",
            mean=ahead.means[best],
            errors=errors,
            level=float(ahead.levels[best]),
            slope=float(ahead.slopes[best]),
        )
    period = max(periods, default=1)
    return _Choice(
        model="seasonal naive",
        mean=seasonal_naive(values, period, horizon),
        errors=past.baseline,
        level=float(values[-period:].mean()),
        slope=0.0,
    )


def _backtest(errors: FloatArray, past: PastErrors, step_s: float) -> Backtest:
    def scaled(of: FloatArray) -> float | None:
        return float(np.abs(of).mean()) / past.scale if past.scale > 0 else None

    coverage50, coverage80, coverage95 = coverage(errors, past.origins)
    return Backtest(
        mase=scaled(errors),
        baseline_mase=scaled(past.baseline),
        coverage50=coverage50,
        coverage80=coverage80,
        coverage95=coverage95,
        windows=len(past.origins),
        tested_s=errors.shape[1] * step_s,
    )


def _notes(series: RegularSeries, choice: _Choice, horizon: int) -> tuple[str, ...]:
    notes = list(series.notes)
    if choice.model == "seasonal naive":
        notes.append(
            "No model did better on the past than repeating the last season (or value), so that is "
            "the forecast."
        )
    if horizon > series.values.size:
        notes.append(
            "The forecast reaches further ahead than the history reaches back: its far end is a "
            "guess."
        )
    return tuple(notes)


def _within(values: FloatArray, low: float | None, high: float | None) -> FloatArray:
    return np.asarray(values) if low is None and high is None else np.clip(values, low, high)
