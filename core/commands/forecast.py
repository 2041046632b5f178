"""The verb of the forecast area: how a metric goes on, and when it reaches its limits."""

import argparse
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core import quantities
from core.commands.forecast_source import ONE_SERIES, history_of
from core.commands.output import print_json, say
from core.errors import SettingsError

if TYPE_CHECKING:
    from core.forecast import Backtest, Crossing, Forecast, History, NoForecast

__all__ = ["add_verbs"]

_UNITS_S = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
_LONGEST_S = 5 * 366 * 86400


def add_verbs(areas: Any) -> None:
    """Add `forecast` to the areas of the command line."""
    text = "how a metric goes on, and when it reaches its limits"
    parser = areas.add_parser("forecast", help=text, description=text)
    parser.add_argument(
        "--data",
        required=True,
        type=Path,
        metavar="FILE",
        help="a fleet dataset, or one series with the columns timestamp and value",
    )
    parser.add_argument(
        "--metric",
        metavar="M",
        help="cpu_usage, memory_usage, network_traffic or power_consumption",
    )
    parser.add_argument("--vm", metavar="ID", help="one machine (default: the whole fleet)")
    parser.add_argument(
        "--horizon", default="7d", metavar="TIME", help="how far ahead, such as 12h, 7d or 4w"
    )
    parser.add_argument(
        "--limit",
        type=float,
        action="append",
        default=[],
        metavar="VALUE",
        help="a limit in the metric's unit (of a counter: per second), instead of the usual ones "
        "(repeatable)",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=_forecast)


def _forecast(arguments: argparse.Namespace) -> None:
    from core.forecast import NoForecast, forecast

    horizon_s = _horizon_s(arguments.horizon)
    given = _given_limits(arguments.limit)
    history = history_of(arguments.data, arguments.metric, arguments.vm, max(given, default=0.0))
    ahead = forecast(history, horizon_s)
    limits = _limits(history, given)
    if isinstance(ahead, NoForecast):
        say(f"{history.resource}, {history.metric}: {ahead.reason}.")
    if arguments.json:
        print_json(_document(ahead, limits))
    elif not isinstance(ahead, NoForecast):
        _print(ahead, limits)


def _horizon_s(text: str) -> float:
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([a-z]+)\s*", text.lower())
    size_s = _UNITS_S.get(found[2]) if found else None
    if found is None or size_s is None:
        raise SettingsError(f"--horizon is {text[:40]!r}; give a time such as 12h, 7d or 4w.")
    horizon_s = float(found[1]) * size_s
    if not 0 < horizon_s <= _LONGEST_S:
        raise SettingsError(f"--horizon is {text[:40]!r}; it must be above 0 and at most 5 years.")
    return horizon_s


def _given_limits(given: Sequence[float]) -> tuple[float, ...]:
    for value in given:
        if not math.isfinite(value):
            raise SettingsError(f"--limit is {value}; give a number in the metric's unit.")
    return tuple(given)


def _limits(history: "History", given: Sequence[float]) -> tuple[tuple[str, float], ...]:
    """Return the names and values of the limits that are asked for."""
    from core.forecast import DEFAULT_LIMITS, Limits

    if given:
        return tuple(("limit", value) for value in sorted(given))
    usual = DEFAULT_LIMITS.get(history.metric, Limits())
    if history.metric == ONE_SERIES and history.high == 100.0:
        usual = DEFAULT_LIMITS["cpu_usage"]
    named = (("warning", usual.warning), ("hard", usual.hard))
    return tuple((name, value) for name, value in named if value is not None)


def _document(
    ahead: "Forecast | NoForecast", limits: Sequence[tuple[str, float]]
) -> dict[str, Any]:
    from core.forecast import Forecast, crossing

    head = {
        "resource": ahead.resource,
        "metric": ahead.metric,
        "history_end": _iso(ahead.history_end),
        "level": ahead.level,
        "is_rate": ahead.is_rate,
    }
    if not isinstance(ahead, Forecast):
        dates = {"earliest": None, "likely": None, "latest": None}
        return {
            **head,
            "reason": ahead.reason,
            "points": [],
            "limits": [{"name": name, "limit": value, **dates} for name, value in limits],
            "backtest": {"mase": None, "baseline_mase": None, "coverage80": None, "windows": 0},
        }
    return {
        **head,
        "trend_per_day": ahead.trend_per_day,
        "model": ahead.model,
        "seasons": [asdict(season) for season in ahead.seasons],
        "points": _points(ahead),
        "limits": [_dates(crossing(ahead, value, name)) for name, value in limits],
        "backtest": asdict(ahead.backtest),
        "notes": list(ahead.notes),
    }


def _points(ahead: "Forecast") -> list[dict[str, Any]]:
    columns = {"mean": ahead.mean}
    for band in ahead.bands:
        columns[f"lo{100 * band.level:.0f}"] = band.low
        columns[f"hi{100 * band.level:.0f}"] = band.high
    return [
        {
            "timestamp": _iso(ahead.at(step + 1)),
            **{name: float(values[step]) for name, values in columns.items()},
        }
        for step in range(len(ahead.mean))
    ]


def _dates(found: "Crossing") -> dict[str, Any]:
    return {
        "name": found.name,
        "limit": found.limit,
        "earliest": _iso(found.earliest),
        "likely": _iso(found.likely),
        "latest": _iso(found.latest),
        "is_reached": found.is_reached,
    }


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _print(ahead: "Forecast", limits: Sequence[tuple[str, float]]) -> None:
    from core.forecast import crossing

    def told(value: float) -> str:
        return quantities.quantity(value, "/s" if ahead.is_rate else "")

    last = ahead.at(len(ahead.mean))
    print(f"{ahead.resource}, {ahead.metric}: measured up to {quantities.utc(ahead.history_end)}")
    print(f"level now {told(ahead.level)}, trend {_signed(ahead.trend_per_day, told)} a day")
    seasons = ", ".join(f"{one.name} ({one.strength:.0%})" for one in ahead.seasons)
    print(f"seasons: {seasons or 'none recognised'}; model: {ahead.model}")
    band = ahead.band(0.8)
    print(
        f"on {quantities.utc(last)}: {told(ahead.mean[-1])}, with 80 % between "
        f"{told(band.low[-1])} and {told(band.high[-1])}"
    )
    if limits:
        print(f"\n{'limit':16} {'earliest':24}{'likely':24}{'latest':24}".rstrip())
    for name, value in limits:
        found = crossing(ahead, value, name)
        label = f"{name} {value:g}{' /s' if ahead.is_rate else ''}"
        if found.is_reached:
            print(f"{label:16} reached")
        elif found.earliest is None:
            print(f"{label:16} not reached within the horizon")
        else:
            dates = (found.earliest, found.likely, found.latest)
            cells = ["not within horizon" if at is None else quantities.utc(at) for at in dates]
            print(f"{label:16} {''.join(f'{cell:24}' for cell in cells)}".rstrip())
    print(f"\n{_judged(ahead.backtest)}")
    for note in ahead.notes:
        print(f"- {note}")


def _signed(value: float, told: Callable[[float], str]) -> str:
    return "0" if value == 0 else f"{'+' if value > 0 else '-'}{told(abs(value))}"


def _judged(backtest: "Backtest") -> str:
    text = f"Tested on {backtest.windows} times of the past: "
    if backtest.mase is not None and backtest.baseline_mase is not None:
        text += (
            f"error {backtest.mase:.2f} (MASE), {backtest.baseline_mase:.2f} for repeating the "
            "last season; "
        )
    return f"{text}the 80 % band held {backtest.coverage80:.0%} of what came."
