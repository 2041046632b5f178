"""Forecasts of the fleet kept on the disk, so that a restart need not make them again."""

import hashlib
import json
import logging
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

import core.fleet_jobs
import core.fleet_span
import core.forecast
import core.stray_times
import core.whole_fleet
from core.background import Progress
from core.dataset.manifest import ImportedDataset
from core.dataset.placing import beside_of
from core.fleet_jobs import Course, FleetForecasts, forecast_fleet
from core.forecast import Backtest, Band, Forecast, NoForecast, Season
from core.metrics import FloatArray

__all__ = ["FILE", "kept_or_forecast"]

FILE = "forecasts.npz"
"""Lies beside the data of the dataset version that it is about."""

_FORMAT = 4
_log = logging.getLogger(__name__)


def kept_or_forecast(
    dataset: ImportedDataset, horizon_s: float, progress: Progress
) -> FleetForecasts:
    """Return what `forecast_fleet` returns, from the disk where it was made there before.

    What is kept serves the same data, horizon and code that makes forecasts; anything else, or a
    damaged file, is made anew and takes its place. A disk that takes no file is no obstacle.

    Raises
    ------
    DataError
        As `forecast_fleet`.
    """
    path = dataset.folder / FILE
    key = _key(dataset, horizon_s)
    try:
        return _read(path, key)
    except FileNotFoundError:
        pass
    except (OSError, EOFError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        _log.warning("%s is of no use (%s); the forecasts are made anew", path, error)
    found = forecast_fleet(dataset, horizon_s, progress)
    try:
        _write(path, key, found)
    except OSError as error:
        _log.warning("The forecasts could not be kept in %s (%s)", path, error)
    return found


def _key(dataset: ImportedDataset, horizon_s: float) -> dict[str, object]:
    """Return what forecasts depend on."""
    code = hashlib.sha256()
    own = (core.fleet_jobs, core.whole_fleet, core.fleet_span, core.stray_times)
    files = [Path(str(module.__file__)) for module in own]
    for source in (*files, *sorted(Path(core.forecast.__file__).parent.glob("*.py"))):
        code.update(source.read_bytes())
    return {
        "format": _FORMAT,
        "data_hash": dataset.data_hash,
        "horizon_s": horizon_s,
        "code": code.hexdigest(),
    }


def _write(path: Path, key: Mapping[str, object], found: FleetForecasts) -> None:
    """Write everything at once: words and single numbers as JSON, curves as arrays."""
    curves: list[FloatArray] = []
    for one in found.forecasts:
        if isinstance(one, Forecast):
            curves.append(one.demand_mean)
            curves += [edge for band in one.demand_bands for edge in (band.low, band.high)]
    for course in found.courses:
        curves += [course.low, course.mean, course.high]
    moments = [course.at.astype("datetime64[us]").astype(np.int64) for course in found.courses]
    told = {
        "key": key,
        "n_machines": found.n_machines,
        "n_vms": found.n_vms,
        "horizon_s": found.horizon_s,
        "forecasts": [_told(one) for one in found.forecasts],
        "courses": [
            {"resource": course.resource, "metric": course.metric, "n": course.at.size}
            for course in found.courses
        ],
    }
    text = json.dumps(told, default=asdict).encode()
    beside = beside_of(path)
    try:
        with beside.open("wb") as file:
            np.savez(
                file,
                told=np.frombuffer(text, np.uint8),
                curves=np.concatenate([np.empty(0), *curves]),
                moments=np.concatenate([np.empty(0, np.int64), *moments]),
            )
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _read(path: Path, key: Mapping[str, object]) -> FleetForecasts:
    """Return what was kept; ValueError where it is about something else.

    The archive has a checksum of each part, and pickled objects are refused.
    """
    with path.open("rb") as stored, np.load(stored, allow_pickle=False) as file:
        told: dict[str, Any] = json.loads(file["told"].tobytes())
        if told["key"] != key:
            raise ValueError("it was made from other data, for another time or by other code")
        curves, moments = _Taken(file["curves"]), _Taken(file["moments"])
    return FleetForecasts(
        forecasts=tuple(_forecast(one, curves) for one in told["forecasts"]),
        courses=tuple(
            Course(
                resource=one["resource"],
                metric=one["metric"],
                at=moments.take(one["n"]).astype("datetime64[us]"),
                low=curves.take(one["n"]),
                mean=curves.take(one["n"]),
                high=curves.take(one["n"]),
            )
            for one in told["courses"]
        ),
        n_machines=told["n_machines"],
        n_vms=told["n_vms"],
        horizon_s=told["horizon_s"],
    )


class _Taken:
    """An array of which one part after the other is taken."""

    def __init__(self, values: FloatArray) -> None:
        self._values = values
        self._at = 0

    def take(self, n: int) -> FloatArray:
        part = self._values[self._at : self._at + n]
        if part.size != n:
            raise ValueError("it ends too early")
        self._at += n
        return part


def _told(one: Forecast | NoForecast) -> dict[str, Any]:
    """Return everything but the curves, of those how long they are."""
    told = {
        field.name: getattr(one, field.name)
        for field in fields(one)
        if field.name not in ("demand_mean", "demand_bands")
    }
    told["history_end"] = one.history_end and one.history_end.isoformat()
    if isinstance(one, Forecast):
        told |= {
            "n_steps": one.demand_mean.size,
            "levels": [band.level for band in one.demand_bands],
        }
    return told


def _forecast(told: dict[str, Any], curves: _Taken) -> Forecast | NoForecast:
    if told["history_end"] is not None:
        told["history_end"] = datetime.fromisoformat(told["history_end"])
    if "reason" in told:
        return NoForecast(**told)
    n_steps, levels = told.pop("n_steps"), told.pop("levels")
    told |= {
        "seasons": tuple(Season(**season) for season in told["seasons"]),
        "backtest": Backtest(**told["backtest"]),
        "notes": tuple(told["notes"]),
    }
    return Forecast(
        **told,
        demand_mean=curves.take(n_steps),
        demand_bands=tuple(
            Band(level=level, low=curves.take(n_steps), high=curves.take(n_steps))
            for level in levels
        ),
    )
