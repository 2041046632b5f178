from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import numpy as np
import pytest

from core.failure.forecast import Cause, FailureForecast
from core.failure.ticket import draft_ticket
from core.metrics import METRIC_NAMES, METRICS, Reading, Sample

AT = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
VALUES = {
    "cpu_percent": 12.34,
    "memory_percent": 91.0,
    "disk_percent": 40.0,
    "errors_per_s": 0.0,
    "response_time_ms": 1234.5,
    "network_bytes_per_s": 1_294_536.0,
    "uptime_s": 302_400.0,
    "process_count": 2067.0,
}


def forecast(**changes: Any) -> FailureForecast:
    return FailureForecast(
        **{
            "at": AT,
            "probability": 0.874,
            "threshold": 0.6,
            "exit_threshold": 0.4,
            "interval_s": 60.0,
            "horizon_s": 600.0,
            "reason": "memory 91 %, up 1.8 points a minute over the last 9 min.",
            "causes": (Cause(metric="memory_percent", probability=0.93, contribution=3.0),),
            "cells": np.zeros((10, 10)),
            "window": np.zeros((10, 10)),
            "ago_s": 60.0 * np.arange(10)[::-1],
            "time_left_s": None,
            "model_version": "v0003",
            **changes,
        }
    )


def sample() -> Sample:
    gaps = {"temperature_c": "no sensor on this host", "thread_count": None}
    return Sample(
        host="db-1",
        at=AT + timedelta(seconds=5),
        readings=tuple(
            Reading(metric=name, value=VALUES.get(name), gap=gaps.get(name))
            for name in METRIC_NAMES
        ),
    )


def test_a_ticket_says_host_when_probability_horizon_reason_and_cause():
    draft = draft_ticket("db-1", forecast(), sample(), state="failing")
    paragraphs = draft.text.split("\n\n")
    assert draft.host == "db-1"
    assert paragraphs[:4] == [
        "Host db-1 is predicted to fail within 10 min.",
        "At 2026-01-31 12:00:00 UTC the failure model v0003 put the probability of a failure "
        "within 10 min at 87 %; its alarm threshold is 60 %.",
        "Reason: memory 91 %, up 1.8 points a minute over the last 9 min.",
        "Most likely at fault: Memory (memory_percent), with a probability of 93 %.",
    ]


def test_every_metric_stands_with_its_unit_or_with_the_reason_why_it_is_missing():
    draft = draft_ticket("db-1", forecast(), sample(), state="failing")
    assert draft.text.split("\n\n")[4].splitlines() == [
        "Measured at 2026-01-31 12:00:05 UTC:",
        "- CPU: 12 %",
        "- Memory: 91 %",
        "- Disk: 40 %",
        "- Temperature: no value (no sensor on this host)",
        "- Network errors: 0 per s",
        "- Response time: 1.2 s",
        "- Network traffic: 1.3 MB/s",
        "- Uptime: 3.5 days",
        "- Processes: 2,070",
        "- Threads: no value (not measured)",
    ]


def test_the_measured_numbers_go_along_unrounded_and_gaps_do_not():
    draft = draft_ticket("db-1", forecast(), sample(), state="failing")
    assert draft.metrics == VALUES


def test_a_calm_forecast_claims_no_failure_and_names_no_culprit():
    draft = draft_ticket("db-1", forecast(probability=0.004), sample(), state="healthy")
    assert draft.text.startswith(
        "No failure of host db-1 is predicted within 10 min; have a look all the same."
    )
    assert "at under 1 %; its alarm threshold is 60 %" in draft.text
    assert "at fault" not in draft.text


@pytest.mark.parametrize(
    ("state", "probability", "summary", "names_the_cause"),
    [
        # Between the exit and the alarm threshold, of 40 and 60 %, an alarm goes on.
        ("failing", 0.5, "Host db-1 is predicted to fail within 10 min.", True),
        ("failing", 0.2, "The alarm on host db-1 still stands and is calming down.", False),
        (
            "watch",
            0.5,
            "Host db-1 is worth watching: the risk of a failure within 10 min is raised.",
            True,
        ),
        # Above the threshold for one step only, which is no alarm yet.
        (
            "watch",
            0.9,
            "Host db-1 is worth watching: the risk of a failure within 10 min is raised.",
            True,
        ),
    ],
)
def test_ticket_when_an_alarm_begins_or_ends_then_it_says_what_the_page_says(
    state, probability, summary, names_the_cause
):
    text = draft_ticket("db-1", forecast(probability=probability), sample(), state=state).text
    assert text.split("\n\n")[0] == summary
    assert ("Most likely at fault: Memory" in text) == names_the_cause


def test_times_of_another_zone_are_said_in_utc_and_short_horizons_in_seconds():
    zone = timezone(timedelta(hours=5, minutes=30))
    draft = draft_ticket(
        "db-1", forecast(at=AT.astimezone(zone), horizon_s=50.0), sample(), state="failing"
    )
    assert "fail within 50 s." in draft.text
    assert "At 2026-01-31 12:00:00 UTC the" in draft.text


def test_a_host_where_nothing_is_measured_invents_nothing():
    empty = Sample(host="db-1", at=AT, readings=())
    draft = draft_ticket("db-1", forecast(causes=()), empty, state="failing")
    assert draft.metrics == {}
    assert draft.text.count("no value (not measured)") == len(METRICS)


@pytest.mark.parametrize(
    ("metric", "value", "said"),
    [
        ("cpu_percent", 99.96, "CPU: 100 %"),
        ("response_time_ms", 999.7, "Response time: 1,000 ms"),
        ("network_bytes_per_s", 999.7, "Network traffic: 1 kB/s"),
        ("network_bytes_per_s", 5e16, "Network traffic: 50 PB/s"),
        ("uptime_s", 45.0, "Uptime: 45 s"),
        ("uptime_s", 7300.0, "Uptime: 2 h"),
        ("uptime_s", 2000 * 86_400.0, "Uptime: 2,000 days"),
        ("thread_count", 1_234_567.0, "Threads: 1,230,000"),
    ],
)
def test_numbers_are_said_as_people_read_them(metric, value, said):
    one = Sample(host="db-1", at=AT, readings=(Reading(metric=metric, value=value),))
    assert f"- {said}\n" in draft_ticket("db-1", forecast(), one, state="failing").text + "\n"
