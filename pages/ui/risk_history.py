"""The probability over time, with thresholds, alarms and the window that was scored last."""

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo

import plotly.graph_objects as go

from core.failure.forecast import HostStatus, PastAlarm
from pages.ui import charts, numbers, status

__all__ = ["draw"]

_KEY = "live_history"
_HEIGHT_PX = 230
_GAP_INTERVALS = 3.0  # a longer pause between two steps breaks the line


def draw(
    known: HostStatus,
    past: Sequence[PastAlarm],
    *,
    interval_s: float,
    zone: tzinfo | None,
) -> None:
    """Draw the probability over time, or say why there is none."""
    if not known.risk:
        charts.empty(
            "The course of the probability is drawn from the first prediction on.",
            height=_HEIGHT_PX,
        )
        return
    times, probabilities, exact = _course(known.risk, interval_s, zone)
    chart = charts.figure(
        go.Scatter(
            x=times,
            y=probabilities,
            customdata=exact,
            mode="lines",
            line={"color": "var(--st-primary-color)", "width": 2},
            hovertemplate="%{y:.0%} at %{customdata}<extra></extra>",
        ),
        revision=_KEY,
        height=_HEIGHT_PX,
    )
    chart.update_yaxes(
        range=[0, 1],
        tickvals=[0, 0.25, 0.5, 0.75, 1],
        ticktext=["0 %", "25 %", "50 %", "75 %", "100 %"],
        fixedrange=True,
    )
    chart.update_xaxes(showgrid=False)
    first_at, last_at = known.risk[0][0], known.risk[-1][0]
    for alarm in past:
        if alarm.ended_at is None or alarm.ended_at >= first_at:
            _span(
                chart,
                max(alarm.started_at, first_at),
                alarm.ended_at or last_at,
                zone,
                colour=status.status("failing").colour,
                words="■ alarm",
                place="inside top left",
            )
    if known.forecast is not None:
        forecast = known.forecast
        length = timedelta(seconds=(len(forecast.window) - 1) * forecast.interval_s)
        _span(
            chart,
            forecast.at - length,
            forecast.at,
            zone,
            colour=charts.FADED,
            words="scored window",
            place="inside bottom right",
        )
        for at, words in (
            (forecast.threshold, "alarm from"),
            (forecast.exit_threshold, "all clear below"),
        ):
            chart.add_hline(
                y=at,
                line={"dash": "dash", "width": 1, "color": charts.FADED},
                annotation={
                    "text": f"{words} {numbers.percent(at)}",
                    "font": {"size": 12, "color": charts.FADED},
                },
                annotation_position="top left",
            )
    latest, highest = known.risk[-1][1], max(probability for _, probability in known.risk)
    charts.live(
        chart,
        key=_KEY,
        toolbar=True,
        alt=f"Probability of failure over time: now {numbers.percent(latest)}, "
        f"at most {numbers.percent(highest)}.",
    )


def _course(
    risk: Sequence[tuple[datetime, float]], interval_s: float, zone: tzinfo | None
) -> tuple[list[datetime], list[float | None], list[str]]:
    """Return local times, probabilities and exact times; the line breaks where steps are missing.

    The local times are naive because plotly.js draws a time as it is written.
    """
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
        probabilities.append(probability)
        exact.append(numbers.utc(at))
    return times, probabilities, exact


def _span(
    chart: go.Figure,
    start: datetime,
    end: datetime,
    zone: tzinfo | None,
    *,
    colour: str,
    words: str,
    place: str,
) -> None:
    chart.add_vrect(
        x0=_local(start, zone),
        x1=_local(end, zone),
        fillcolor=colour,
        opacity=0.2,
        line_width=0,
        layer="below",
        annotation={"text": words, "font": {"size": 12, "color": charts.FADED}},
        annotation_position=place,
    )


def _local(at: datetime, zone: tzinfo | None) -> datetime:
    return at.astimezone(zone).replace(tzinfo=None)
