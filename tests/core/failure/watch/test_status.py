from datetime import timedelta

import numpy as np
import pytest

from core.failure.windows import LENGTH, MIN_PAST_STEPS, host_windows
from core.metrics import METRIC_NAMES
from tests.core.failure.fakes import NOON, CpuModel, every, record, sample, steps
from tests.core.failure.watch.feeding import CALM, HIGH, INTERVAL_S, WATCH, states


def test_status_when_nothing_has_come_yet_then_no_step_is_there(watch):
    status = watch.status()
    assert status.state == "not enough data"
    assert (status.steps, status.steps_needed) == (0, LENGTH)
    assert status.since is None
    assert status.forecast is None
    assert status.risk == ()
    assert status.usual_percent == {}


def test_status_when_steps_are_too_few_then_it_counts_them_until_the_host_is_judged(feed):
    for n in range(1, LENGTH):
        status = feed(CALM)
        assert status.state == "not enough data"
        assert status.steps == n
        assert status.forecast is None
        assert status.since == NOON
    status = feed(CALM)
    assert status.state == "healthy"
    assert status.steps == LENGTH
    assert status.since == feed.at
    assert status.forecast is not None
    assert status.forecast.probability == pytest.approx(0.1)
    assert status.forecast.at == feed.at
    assert status.forecast.interval_s == INTERVAL_S
    assert status.problem is None


def test_state_when_the_risk_rises_and_falls_then_it_goes_through_watch_and_failing_and_back(feed):
    feed(*[CALM] * LENGTH)
    assert states(feed, [CALM, WATCH, HIGH, HIGH, WATCH, CALM, CALM, CALM, CALM]) == [
        "healthy",
        "watch",
        "watch",  # high once is not yet an alarm
        "failing",
        "failing",
        "failing",
        "failing",
        "healthy",  # calm for three steps
        "healthy",
    ]


def test_since_when_a_state_lasts_then_it_is_the_time_of_its_first_step(feed):
    feed(*[CALM] * LENGTH, HIGH, HIGH)
    began = feed.at
    assert feed(HIGH, WATCH, CALM, CALM).since == began
    assert feed(CALM).since == feed.at


def test_alarm_when_the_host_fails_and_recovers_then_it_is_kept_with_its_peak_and_closed(
    feed, store
):
    feed(*[CALM] * LENGTH, HIGH, 80.0)
    began = feed.at
    (alarm,) = feed.watch.alarms()
    assert (alarm.started_at, alarm.ended_at) == (began, None)
    assert (alarm.peak_probability, alarm.reason) == (pytest.approx(0.8), "CPU 80%.")
    feed(95.0, 70.0)
    (alarm,) = feed.watch.alarms()
    assert alarm.ended_at is None
    assert (alarm.peak_probability, alarm.reason) == (pytest.approx(0.95), "CPU 95%.")
    feed(CALM, CALM, CALM)
    (alarm,) = feed.watch.alarms()
    assert (alarm.started_at, alarm.ended_at) == (began, feed.at)
    assert (alarm.peak_probability, alarm.reason) == (pytest.approx(0.95), "CPU 95%.")
    assert alarm.cause == "cpu_percent"
    assert [kept.host for kept in store.alarms("web-1", 10)] == ["web-1"]


def test_alarms_when_there_were_several_then_the_latest_comes_first(feed):
    for peak in (70.0, 80.0, 90.0):
        feed(*[CALM] * LENGTH, peak, peak, CALM, CALM, CALM)
    peaks = [alarm.peak_probability for alarm in feed.watch.alarms()]
    assert peaks == pytest.approx([0.9, 0.8, 0.7])
    assert len(feed.watch.alarms(limit=2)) == 2


def test_risk_when_the_host_is_judged_then_every_step_is_shown_and_stored(feed, store):
    feed(*[CALM] * (LENGTH + 2), WATCH)
    expected = [
        *zip(every(INTERVAL_S, 13)[9:], [0.1, 0.1, 0.1, 0.5], strict=True),
    ]
    assert feed.watch.status().risk == tuple(expected)
    stored = store.risks("web-1", NOON)
    assert [(risk.at, risk.probability) for risk in stored] == expected
    assert {(risk.cause, risk.model_version) for risk in stored} == {("cpu_percent", "v0001")}


def test_risk_when_it_is_older_than_an_hour_then_it_is_no_longer_shown(feed):
    status = feed(*[CALM] * 800)
    assert status.risk[-1][0] == feed.at
    assert status.risk[0][0] == feed.at - timedelta(hours=1)


def test_lead_when_the_model_knows_its_own_then_it_is_in_this_hosts_time(feed, models):
    assert feed(CALM).median_lead_s == 12 * INTERVAL_S
    models.active = CpuModel(lead_median_steps=None)
    assert feed(CALM).median_lead_s is None


# What the model is asked


def test_window_when_asked_then_live_and_recorded_steps_are_seen_alike(feed, models):
    n = 60
    rng = np.random.default_rng(2)
    values = steps(n, cpu_percent=rng.uniform(0, 100, n), memory_percent=rng.uniform(1, 100, n))
    values[[30, 44]] = np.nan
    values[50, 1] = 0.0  # an empty answer
    for at, row in zip(every(INTERVAL_S, n), values, strict=True):
        named = dict(zip(METRIC_NAMES, row, strict=True))
        feed.watch.observe(
            sample(at, **{name: None if np.isnan(v) else v for name, v in named.items()})
        )
    recorded = host_windows(record(values, interval_s=INTERVAL_S))
    recorded = recorded.where(recorded.enough)
    live = np.array([window for window, _ in models.active.asked])
    np.testing.assert_array_equal(live.astype(np.float32), recorded.x)
    known = [usual is not None and not np.isnan(usual).all() for _, usual in models.active.asked]
    assert known.index(True) == MIN_PAST_STEPS
    assert all(known[MIN_PAST_STEPS:])


def test_window_when_a_host_jumps_then_what_is_usual_does_not_know_of_it(feed, models):
    feed(*[20.0] * 40, *[95.0] * LENGTH)
    window, usual = models.active.asked[-1]
    assert (window[:, 0] == 95).all()
    assert usual[:, 0].tolist() == [20.0, 20.0, 20.0]


def test_status_when_a_sample_holds_nothing_then_it_is_no_step(feed):
    feed(*[CALM] * 5)
    blank = dict.fromkeys(METRIC_NAMES)
    for _ in range(3):
        feed.at += timedelta(seconds=INTERVAL_S)
        feed.watch.observe(sample(feed.at, **blank))
    assert feed.watch.status().steps == 5
    assert feed(*[CALM] * 5).state == "healthy"


def test_usual_percent_when_the_host_has_a_past_then_it_says_how_unusual_now_is(feed):
    feed(*[float(cpu) for cpu in range(40)])
    assert feed(39.5).usual_percent["cpu_percent"] == 100.0
    assert feed(9.5).usual_percent["cpu_percent"] == pytest.approx(100 * 10 / 41)
    assert feed(CALM, temperature_c=None).usual_percent.keys() == set(METRIC_NAMES) - {
        "temperature_c"
    }
