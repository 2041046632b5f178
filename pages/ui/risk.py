"""The answer: in words, as a number with its thresholds, with the reason and the time left."""

from collections.abc import Sequence
from datetime import datetime, tzinfo

import streamlit as st

from core import quantities
from core.failure.forecast import FailureForecast, HostStatus
from core.metrics import metric_spec
from pages.ui import charts, freshness, status
from pages.ui.errors import as_text

__all__ = ["answer", "as_sentence", "bar", "sentence", "threshold_words"]


def _in_sentence(metric: str) -> str:
    """Return a metric's label as it stands inside a sentence: "memory", "CPU"."""
    label = metric_spec(metric).label
    return label if label.isupper() else label[0].lower() + label[1:]


def sentence(known: HostStatus, *, now: datetime, interval_s: float, is_paused: bool) -> str:
    """Return the answer to "am I fine?" in one line; in the past tense where the data is old."""
    if known.state == "no model":
        return "No prediction: there is no failure model that can be used."
    if known.forecast is None:
        steps = f"{known.steps} of {known.steps_needed} steps"
        if known.state == "failing":
            return f"The alarm on this host stands; there are {steps} to judge it anew."
        line = f"Not enough data yet: {steps}"
        if is_paused:
            return f"{line}. Resume sampling to go on."
        missing_s = (known.steps_needed - known.steps) * interval_s
        ready = (
            f"in about {quantities.duration(missing_s)}" if missing_s else "with the next sample"
        )
        return f"{line}, ready {ready}."
    return _judged(known, known.forecast, now=now, interval_s=interval_s)


def _judged(
    known: HostStatus, forecast: FailureForecast, *, now: datetime, interval_s: float
) -> str:
    age = ""
    if freshness.is_stale(forecast.at, now=now, interval_s=interval_s):
        age = _age(forecast, now)
    if known.state == "failing" and not forecast.is_raised:
        if age:
            return f"{age} the alarm on this host still stood and was calming down."
        return "The alarm on this host still stands and is calming down."
    host = f"{age} this host was" if age else "This host is"
    cause = f": {_in_sentence(forecast.causes[0].metric)}" if forecast.causes else ""
    if known.state == "failing":
        return f"{host} likely to fail within {quantities.duration(forecast.horizon_s)}{cause}."
    if known.state == "watch":
        return f"{host} worth watching{cause}."
    return f"{host} healthy. {_highest(known.risk)}"


def as_sentence(reason: str) -> str:
    """Return a reason, which may begin with a metric's name, with a capital letter."""
    return reason[:1].upper() + reason[1:]


def _highest(risk: Sequence[tuple[datetime, float]]) -> str:
    span_s = (risk[-1][0] - risk[0][0]).total_seconds() if risk else 0.0
    if not span_s:  # one prediction is no course yet
        return ""
    span = "hour" if 3420 <= span_s <= 3780 else quantities.duration(span_s)
    highest = quantities.percent(max(probability for _, probability in risk))
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
            _reason(known, age=_age(forecast, now) if forecast and is_old else "")


def _age(forecast: FailureForecast, now: datetime) -> str:
    return quantities.age((now - forecast.at).total_seconds())


def _probability(known: HostStatus, zone: tzinfo | None, *, is_old: bool) -> None:
    forecast = known.forecast
    # An old all-clear is none; an old alarm stands until a newer answer takes it back.
    if is_old and known.state != "failing":
        bar(forecast, "not enough data", word=f"was {known.state}", key="live_bar")
    else:
        bar(forecast, known.state, word=known.state, key="live_bar")
    if forecast is None:
        st.caption("The probability of failure stands here once it can be computed.")
    else:
        since = (
            f"; {known.state} since {quantities.clock(known.since, zone)}" if known.since else ""
        )
        st.caption(
            f"Probability of failure within {quantities.duration(forecast.horizon_s)}{since}"
        )


def _reason(known: HostStatus, *, age: str) -> None:
    """Draw the reason, and the time left unless an `age` says that the forecast is an old one."""
    forecast = known.forecast
    if known.problem is not None:
        st.warning(as_text(known.problem), icon=":material/build:")
    elif forecast is None:
        st.progress(
            known.steps / known.steps_needed, f"{known.steps} of {known.steps_needed} steps"
        )
    else:
        st.text(f"{age}: {forecast.reason}" if age else as_sentence(forecast.reason))
    left, lead = st.columns(2, wrap=False)
    left.metric(
        "Time left",
        _time_left(None if age else forecast),
        help="Until the metric at fault reaches its limit, should it keep its present pace.",
    )
    lead.metric(
        "Median lead time",
        "not measured" if known.median_lead_s is None else quantities.duration(known.median_lead_s),
        help="How long before a failure the alarm came, in the middle of all failures of hosts "
        "that the model had not seen.",
    )


def _time_left(forecast: FailureForecast | None) -> str:
    if forecast is None:
        return "not known"
    if forecast.time_left_s is None:
        return "no limit near"
    return quantities.duration_range(*forecast.time_left_s)


def bar(forecast: FailureForecast | None, state: str, *, word: str, key: str) -> None:
    """Draw `word` and the probability large, below them a bar with both thresholds marked.

    Symbol and colour are those of `state`.
    """
    known = status.status(state)
    probability, large = 0.0, f"{known.symbol} {word}"
    alt = f"{large}. Bar from 0 to 100 %, still empty"
    thresholds: list[float] = []
    limits = ""
    if forecast is not None:
        probability = forecast.probability
        thresholds = [forecast.exit_threshold, forecast.threshold]
        limits = threshold_words(forecast)
        large += f"  {quantities.percent(probability)}"
        alt = f"{large} probability of failure; {limits}"
    line = {"dash": "4px,2px", "width": 2, "color": charts.TEXT}
    font = {"size": 32, "weight": 650, "color": f"var(--st-{known.streamlit_colour}-color)"}
    above = {"xref": "paper", "x": 0, "xanchor": "left", "xshift": -4}
    chart = charts.figure(
        {
            "type": "bar",
            "orientation": "h",
            "x": [probability, 1.0 - probability],
            "y": ["", ""],
            "marker": {"color": [known.colour, charts.GRID]},
            "width": 0.6,
        },
        height=104,
        revision=key,
        x={"range": [0, 1], "visible": False},
        y={"range": [-0.5, 0.5], "visible": False},
        barmode="stack",
        margin={"l": 2, "r": 2, "t": 48, "b": 24},
        shapes=[
            {"type": "line", "x0": at, "x1": at, "y0": -0.5, "y1": 0.5, "line": line}
            for at in thresholds
        ],
        annotations=[
            charts.words(large, **above, yref="paper", y=1, yanchor="bottom", font=font),
            charts.words(limits, **_below(thresholds), y=-0.5, yanchor="top"),
        ],
    )
    charts.live(chart, key=key, alt=alt, is_static=True)


def threshold_words(forecast: FailureForecast) -> str:
    """Return both thresholds in words, the lower one first, as they are marked."""
    enter = quantities.quantity(100 * forecast.threshold, "%")
    leave = quantities.quantity(100 * forecast.exit_threshold, "%")
    return f"all clear below {leave}, alarm from {enter}"


def _below(thresholds: Sequence[float]) -> dict[str, float | str]:
    """Return where words stand that belong to the thresholds, and are not cut off at an end."""
    middle = sum(thresholds) / max(1, len(thresholds))
    if middle < 0.3:
        return {"x": 0, "xanchor": "left"}
    if middle > 0.7:
        return {"x": 1, "xanchor": "right"}
    return {"x": middle, "xanchor": "center"}
