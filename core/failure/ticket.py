"""The ticket a person would send about a forecast: measured facts only, in plain text."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from core.failure.forecast import FailureForecast
from core.metrics import METRICS, MetricSpec, Sample, metric_spec

__all__ = ["TicketDraft", "draft_ticket"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketDraft:
    """A ticket about one host; `metrics` holds what was measured, by name, in the metric's unit."""

    host: str
    text: str
    metrics: Mapping[str, float]


def draft_ticket(host: str, forecast: FailureForecast, sample: Sample) -> TicketDraft:
    """Return a ticket that says what was forecast for `host`, why, and what `sample` measured.

    Nothing stands in it that the forecast or the sample does not hold; the text is plain, and host
    names are taken over as they are.
    """
    within = f"within {_duration(forecast.horizon_s)}"
    summary = (
        f"Host {host} is predicted to fail {within}."
        if forecast.prediction
        else f"No failure of host {host} is predicted {within}; please have a look all the same."
    )
    paragraphs = [
        summary,
        f"At {_moment(forecast.at)} the failure model {forecast.model_version} put the probability "
        f"of a failure {within} at {_percent(forecast.probability)}; its alarm threshold is "
        f"{_percent(forecast.threshold)}.",
        f"Reason: {forecast.reason}",
    ]
    if forecast.prediction and forecast.causes:
        cause = forecast.causes[0]
        paragraphs.append(
            f"Most likely at fault: {metric_spec(cause.metric).label} ({cause.metric}), with a "
            f"probability of {_percent(cause.probability)}."
        )
    lines = [f"Measured at {_moment(sample.at)}:"]
    lines += [f"- {_measurement(spec, sample)}" for spec in METRICS]
    paragraphs.append("\n".join(lines))
    return TicketDraft(
        host=host,
        text="\n\n".join(paragraphs),
        metrics={reading.metric: reading.value for reading in sample if reading.value is not None},
    )


def _measurement(spec: MetricSpec, sample: Sample) -> str:
    """Return a metric's line: its value with unit, or why there is none."""
    reading = sample.reading(spec.name)
    if reading.value is None:
        return f"{spec.label}: no value ({reading.gap or 'not measured'})"
    return f"{spec.label}: {_quantity(reading.value, spec.unit)}"


def _quantity(value: float, unit: str) -> str:
    if unit == "s":
        return _duration(value)
    if unit.startswith("B"):
        for prefix in ("", "k", "M", "G"):
            if value < 999.5:
                return f"{_figure(value)} {prefix}{unit}"
            value /= 1000
        return f"{_figure(value)} T{unit}"
    return f"{_figure(value)} {'per s' if unit == '1/s' else unit}".rstrip()


def _figure(value: float) -> str:
    """Return three significant digits, or all digits of what is larger; never an exponent."""
    return f"{value:,.0f}" if abs(value) >= 99.5 else f"{value:.3g}"


def _duration(seconds: float) -> str:
    """Return a duration in the unit in which people would say it."""
    for unit, size_s in (("days", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * size_s or seconds == size_s == 60:
            return f"{_figure(seconds / size_s)} {unit}"
    return f"{_figure(seconds)} s"


def _percent(ratio: float) -> str:
    """Return a probability in whole percent; none is said to be 0 or 100 %."""
    if ratio < 0.01:
        return "under 1 %"
    return "over 99 %" if ratio > 0.99 else f"{100 * ratio:.0f} %"


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
