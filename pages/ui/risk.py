"""The answer: in words, as a number with its thresholds, with the reason and the time left."""

from collections.abc import Sequence
from datetime import datetime, tzinfo

import plotly.graph_objects as go
import streamlit as st

from core.failure.forecast import FailureForecast, HostStatus
from core.metrics import metric_spec
from pages.ui import charts, freshness, numbers, status
from pages.ui.errors import as_text

__all__ = ["answer", "bar", "label_in_words", "sentence"]


def label_in_words(metric: str) -> str:
    """Return a metric's label as it stands inside a sentence: "memory", "CPU"."""
    label = metric_spec(metric).label
    return label if label.isupper() else label[0].lower() + label[1:]


def sentence(known: HostStatus, *, now: datetime, interval_s: float, is_paused: bool) -> str:
    """Return the answer to "am I fine?" in one line; in the past tense where the data is old."""
    if known.state == "no model":
        return "No prediction: there is no failure model that can be used."
    if known.forecast is None:
        line = f"Not enough data yet: {known.steps} of {known.steps_needed} steps"
        if is_paused:
            return f"{line}. Resume sampling to go on."
        missing_s = (known.steps_needed - known.steps) * interval_s
        return f"{line}, ready in about {numbers.duration(missing_s)}."
    forecast = known.forecast
    host = "This host is"
    if freshness.is_stale(forecast.at, now=now, interval_s=interval_s):
        host = f"{numbers.age((now - forecast.at).total_seconds())} this host was"
    cause = f": {label_in_words(forecast.causes[0].metric)}" if forecast.causes else ""
    if known.state == "failing":
        return f"{host} likely to fail within {numbers.duration(forecast.horizon_s)}{cause}."
    if known.state == "watch":
        return f"{host} worth watching{cause}."
    return f"{host} healthy. {_highest(known.risk)}"


def _highest(risk: Sequence[tuple[datetime, float]]) -> str:
    if not risk:
        return ""
    span_s = (risk[-1][0] - risk[0][0]).total_seconds()
    span = "hour" if 3420 <= span_s <= 3780 else numbers.duration(span_s)
    highest = numbers.percent(max(probability for _, probability in risk))
    return f"Highest risk in the last {span}: {highest}."


def answer(known: HostStatus, *, now: datetime, interval_s: float, zone: tzinfo | None) -> None:
    """Draw state, probability and thresholds, and beside them the reason and the time left."""
    forecast = known.forecast
    is_old = forecast is not None and freshness.is_stale(
        forecast.at, now=now, interval_s=interval_s
    )
    with st.grid(2, min_column_width=340, gap="medium"):
        with st.container(gap="xsmall"):
            _probability(known, zone, is_old=is_old)
        with st.container(gap="xsmall"):
            _reason(known)


def _probability(known: HostStatus, zone: tzinfo | None, *, is_old: bool) -> None:
    forecast = known.forecast
    number = "" if forecast is None else f" {numbers.percent(forecast.probability)}"
    # An old all-clear is none; an old alarm stands until a newer answer takes it back.
    is_unknown = is_old and known.state != "failing"
    state = f":gray[○ was {known.state}]" if is_unknown else status.as_markdown(known.state)
    st.title(f"{state}{number}", anchor=False)
    if forecast is None:
        st.caption("The probability of failure stands here once it can be computed.")
    else:
        since = f"; {known.state} since {numbers.clock(known.since, zone)}" if known.since else ""
        within = numbers.duration(forecast.horizon_s)
        st.caption(f"probability of failure within {within}{since}")
    bar(forecast, "not enough data" if is_unknown else known.state, key="live_bar")


def _reason(known: HostStatus) -> None:
    forecast = known.forecast
    if known.problem is not None:
        st.warning(as_text(known.problem), icon=":material/build:")
    elif forecast is None:
        st.progress(
            known.steps / known.steps_needed, f"{known.steps} of {known.steps_needed} steps"
        )
    else:
        st.text(forecast.reason)
    left, lead = st.columns(2, wrap=False)
    left.metric(
        "Time left",
        _time_left(forecast),
        help="Until the metric at fault reaches its limit, should it keep its present pace.",
    )
    lead.metric(
        "Median lead time",
        "not measured" if known.median_lead_s is None else numbers.duration(known.median_lead_s),
        help="How long before a failure the alarm came, in the middle of all failures of hosts "
        "that the model had not seen.",
    )


def _time_left(forecast: FailureForecast | None) -> str:
    if forecast is None:
        return "not known"
    if forecast.time_left_s is None:
        return "no limit near"
    return numbers.duration_range(*forecast.time_left_s)


def bar(forecast: FailureForecast | None, state: str, *, key: str) -> None:
    """Draw the probability as a bar from 0 to 100 % with both thresholds marked."""
    known = status.status(state)
    probability = 0.0 if forecast is None else forecast.probability
    chart = charts.figure(
        go.Bar(
            x=[probability, 1.0 - probability],
            y=["", ""],
            orientation="h",
            marker={"color": [known.colour, charts.GRID]},
            width=0.6,
            hoverinfo="skip",
        ),
        revision=key,
        height=58,
    )
    chart.update_layout(barmode="stack", margin={"l": 2, "r": 2, "t": 2, "b": 24})
    chart.update_xaxes(range=[0, 1], visible=False, fixedrange=True)
    chart.update_yaxes(visible=False, range=[-0.5, 0.5], fixedrange=True)
    alt = f"Bar from 0 to 100 %: {known.word}"
    if forecast is not None:
        alt += (
            f", probability of failure {numbers.percent(probability)}; alarm from "
            f"{numbers.percent(forecast.threshold)}, all clear below "
            f"{numbers.percent(forecast.exit_threshold)}"
        )
        _threshold(chart, forecast.exit_threshold, "all clear below", side="right")
        _threshold(chart, forecast.threshold, "alarm from", side="left")
    charts.live(chart, key=key, alt=alt, is_static=True)


def _threshold(chart: go.Figure, at: float, words: str, *, side: str) -> None:
    """Mark a threshold across the bar; its words stand below, on the side they do not collide."""
    chart.add_shape(
        type="line",
        x0=at,
        x1=at,
        y0=-0.5,
        y1=0.5,
        line={"dash": "4px,2px", "width": 2, "color": charts.TEXT},
    )
    chart.add_annotation(
        x=at,
        y=-0.5,
        yanchor="top",
        xanchor=side,
        text=f"{words} {numbers.percent(at)}",
        showarrow=False,
        font={"size": 12, "color": charts.FADED},
    )
