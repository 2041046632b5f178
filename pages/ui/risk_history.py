"""The probability over time, with thresholds, alarms and the window that was scored last."""

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Any

from core import quantities
from core.failure.forecast import FailureForecast, HostStatus, PastAlarm
from pages.ui import charts, risk, status

__all__ = ["draw"]

_KEY = "live_history"
_HEIGHT_PX = 240
# Words stand above the chart: in it the curve would run through them.
_ABOVE: dict[str, Any] = {"yref": "paper", "y": 1, "yanchor": "bottom"}
_GAP_INTERVALS = 3.0  # a longer pause between two steps breaks the line

# What is drawn over the chart: a shape, and the words beside it where it has some.
_Mark = tuple[dict[str, Any], dict[str, Any] | None]


def draw(
    known: HostStatus, past: Sequence[PastAlarm], *, interval_s: float, zone: tzinfo | None
) -> None:
    """Draw the probability over time, or say why there is none."""
    if not known.risk:
        charts.empty(
            "The course of the probability is drawn from the first prediction on.",
            height=_HEIGHT_PX,
        )
        return
    charts.show(_drawing(known, tuple(past), interval_s, zone), key=_KEY, toolbar=True)


# A status is the same object until the next sample, for all who look.
@lru_cache(maxsize=8)
def _drawing(
    known: HostStatus, past: tuple[PastAlarm, ...], interval_s: float, zone: tzinfo | None
) -> charts.Drawing:
    times, probabilities, exact = _course(known.risk, interval_s, zone)
    marks = _alarms(known, past, zone)
    if known.forecast is not None:
        marks += [_window(known.forecast, zone), *_thresholds(known.forecast)]
    chart = charts.figure(
        {
            "type": "scatter",
            "mode": "lines",
            "x": times,
            "y": probabilities,
            "customdata": exact,
            "line": {"color": "var(--st-blue-color)", "width": 2},
            "hovertemplate": "%{y:.0%} at %{customdata}<extra></extra>",
        },
        height=_HEIGHT_PX,
        revision=_KEY,
        margin={"l": 8, "r": 8, "t": 28, "b": 8},
        x={"showgrid": False, "type": "date"},
        y={
            "range": [0, 1],
            "tickvals": [0, 0.25, 0.5, 0.75, 1],
            "ticktext": ["0 %", "25 %", "50 %", "75 %", "100 %"],
            "fixedrange": True,
        },
        shapes=[shape for shape, _ in marks],
        annotations=[words for _, words in marks if words is not None],
    )
    highest = max(probability for _, probability in known.risk)
    return charts.drawing(
        chart,
        alt=f"Probability of failure over time: now {quantities.percent(known.risk[-1][1])}, "
        f"at most {quantities.percent(highest)}.",
    )


def _course(
    risk: Sequence[tuple[datetime, float]], interval_s: float, zone: tzinfo | None
) -> tuple[list[datetime], list[float | None], list[str]]:
    """Return local times, probabilities and exact times, with a break where steps are missing."""
    times: list[datetime] = []
    probabilities: list[float | None] = []
    exact: list[str] = []
    for at, probability in risk:
        local = _local(at, zone)
        if times and local - times[-1] > timedelta(seconds=_GAP_INTERVALS * interval_s):
            times.append(times[-1])
            probabilities.append(None)
            exact.append("")
        times.append(local)
        probabilities.append(round(probability, 4))
        exact.append(quantities.utc(at))
    return times, probabilities, exact


def _alarms(known: HostStatus, past: Sequence[PastAlarm], zone: tzinfo | None) -> list[_Mark]:
    """Return a shaded span for each alarm within the time that is drawn."""
    first_at, last_at = known.risk[0][0], known.risk[-1][0]
    failing = status.status("failing")
    marks: list[_Mark] = []
    for alarm in past:
        if alarm.ended_at is not None and alarm.ended_at < first_at:
            continue
        start = _local(max(alarm.started_at, first_at), zone)
        end = _local(alarm.ended_at or last_at, zone)
        words = charts.words(f"{failing.symbol} alarm", x=start, xanchor="left", y=1, yanchor="top")
        marks.append((_span(start, end, failing.colour), words))
    return marks


def _window(forecast: FailureForecast, zone: tzinfo | None) -> _Mark:
    """Return the span of the steps that were scored last."""
    length = timedelta(seconds=float(forecast.ago_s[0]))
    start, end = _local(forecast.at - length, zone), _local(forecast.at, zone)
    words = charts.words("scored window", x=end, xanchor="right", **_ABOVE)
    return _span(start, end, charts.FADED), words


def _thresholds(forecast: FailureForecast) -> list[_Mark]:
    """Return a dashed line for each threshold, and the words for both."""
    style = {"dash": "dash", "width": 1, "color": charts.FADED}
    across = {"type": "line", "xref": "x domain", "x0": 0, "x1": 1, "line": style}
    words = charts.words(
        f"dashed: {risk.threshold_words(forecast)}",
        xref="x domain",
        x=0,
        xanchor="left",
        **_ABOVE,
    )
    return [
        ({**across, "y0": forecast.threshold, "y1": forecast.threshold}, words),
        ({**across, "y0": forecast.exit_threshold, "y1": forecast.exit_threshold}, None),
    ]


def _span(start: datetime, end: datetime, colour: str) -> dict[str, Any]:
    return {
        "type": "rect",
        "x0": start,
        "x1": end,
        "y0": 0,
        "y1": 1,
        "fillcolor": colour,
        "opacity": 0.2,
        "line": {"width": 0},
        "layer": "below",
    }


def _local(at: datetime, zone: tzinfo | None) -> datetime:
    """Return a time as plotly.js is to write it: without a zone, to the millisecond it knows."""
    local = at.astimezone(zone).replace(tzinfo=None)
    return local.replace(microsecond=local.microsecond // 1000 * 1000)
