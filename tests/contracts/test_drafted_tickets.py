"""The tickets that the app drafts are ones that the shipped ticket model understands."""

from datetime import UTC, datetime

import numpy as np
import pytest

import config
from core.failure.forecast import Cause, FailureForecast
from core.failure.reasons import in_words, trend_of
from core.failure.ticket import draft_ticket
from core.metrics import METRIC_NAMES, Reading, Sample, metric_spec
from core.tickets.predict import TicketModel, load_model

AT = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
CALM = {
    "cpu_percent": 35.0,
    "memory_percent": 48.0,
    "disk_percent": 46.0,
    "temperature_c": 55.0,
    "errors_per_s": 0.0,
    "response_time_ms": 14.0,
    "network_bytes_per_s": 410_000.0,
    "uptime_s": 302_400.0,
    "process_count": 386.0,
    "thread_count": 1204.0,
}


@pytest.fixture(scope="module")
def model() -> TicketModel:
    return load_model(config.ROOT / "models")


def drafted(metric: str, value: float) -> str:
    """Return the ticket about a host on which one metric rises to `value` and the rest is calm."""
    values = {**CALM, metric: value}
    trend = trend_of(np.linspace(CALM[metric], value, 10), 60.0 * np.arange(10))
    forecast = FailureForecast(
        at=AT,
        probability=0.87,
        threshold=0.2,
        exit_threshold=0.1,
        interval_s=60.0,
        horizon_s=600.0,
        reason=f"{in_words(metric_spec(metric), trend, CALM[metric], None)}.",
        causes=(Cause(metric=metric, probability=0.93, contribution=3.0),),
        cells=np.zeros((10, 10)),
        window=np.zeros((10, 10)),
        ago_s=60.0 * np.arange(10)[::-1],
        time_left_s=None,
        model_version="v0001",
    )
    readings = tuple(Reading(metric=name, value=values[name]) for name in METRIC_NAMES)
    measured = Sample(host="web-7", at=AT, readings=readings)
    return draft_ticket("web-7", forecast, measured, state="failing").text


@pytest.mark.parametrize(
    ("metric", "value", "category"),
    [
        ("cpu_percent", 99.0, "Performance-CPU"),
        ("process_count", 9_400.0, "Performance-CPU"),
        ("thread_count", 31_000.0, "Performance-CPU"),
        ("memory_percent", 97.0, "Performance-Memory"),
        ("disk_percent", 98.0, "Capacity-Planning"),
        ("temperature_c", 97.0, "Power"),
        ("errors_per_s", 240.0, "Network"),
        ("network_bytes_per_s", 480e6, "Network"),
    ],
)
def test_draft_when_a_metric_is_at_fault_then_the_ticket_gets_the_category_of_that_metric(
    model, metric, value, category
):
    measured = {**CALM, metric: value}
    telemetry = {
        "cpu_usage": measured["cpu_percent"],
        "memory_usage": measured["memory_percent"],
    }
    assert model.predict(drafted(metric, value), telemetry).category == category
