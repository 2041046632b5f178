"""The ticket a person would send about a forecast: measured facts only, in plain text."""

from collections.abc import Mapping
from dataclasses import dataclass

from core import quantities
from core.failure.forecast import FailureForecast, HostState
from core.metrics import METRICS, MetricSpec, Sample, metric_spec

__all__ = ["TicketDraft", "draft_ticket"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketDraft:
    """A ticket about one host; `metrics` holds what was measured, by name, in the metric's unit."""

    host: str
    text: str
    metrics: Mapping[str, float]


def draft_ticket(
    host: str, forecast: FailureForecast, sample: Sample, *, state: HostState
) -> TicketDraft:
    """Return a ticket that says how `host` is, what was forecast for it, why, and what `sample`
    measured.

    `state` is that of the host's watch, and not the forecast's alone: an alarm stands from its
    threshold until the all-clear. Nothing stands in the ticket that is not given; the text is
    plain, and host names are taken over as they are.
    """
    within = f"within {quantities.duration(forecast.horizon_s)}"
    paragraphs = [
        _summary(host, within, state, is_raised=forecast.is_raised),
        f"At {quantities.utc(forecast.at)} the failure model {forecast.model_version} put the "
        f"probability of a failure {within} at {quantities.percent(forecast.probability)}; its "
        f"alarm threshold is {quantities.percent(forecast.threshold)}.",
        f"Reason: {forecast.reason}",
    ]
    if forecast.is_raised and forecast.causes:
        cause = forecast.causes[0]
        paragraphs.append(
            f"Most likely at fault: {metric_spec(cause.metric).label} ({cause.metric}), with a "
            f"probability of {quantities.percent(cause.probability)}."
        )
    lines = [f"Measured at {quantities.utc(sample.at)}:"]
    lines += [f"- {_measurement(spec, sample)}" for spec in METRICS]
    paragraphs.append("\n".join(lines))
    return TicketDraft(
        host=host,
        text="\n\n".join(paragraphs),
        metrics={reading.metric: reading.value for reading in sample if reading.value is not None},
    )


def _summary(host: str, within: str, state: HostState, *, is_raised: bool) -> str:
    if state == "failing" and is_raised:
        return f"Host {host} is predicted to fail {within}."
    if state == "failing":
        return f"The alarm on host {host} still stands and is calming down."
    if state == "watch":
        return f"Host {host} is worth watching: the risk of a failure {within} is raised."
    return f"No failure of host {host} is predicted {within}; have a look all the same."


def _measurement(spec: MetricSpec, sample: Sample) -> str:
    """Return a metric's line: its value with unit, or why there is none."""
    reading = sample.reading(spec.name)
    if reading.value is None:
        return f"{spec.label}: no value ({reading.gap or 'not measured'})"
    return f"{spec.label}: {quantities.quantity(reading.value, spec.unit)}"
