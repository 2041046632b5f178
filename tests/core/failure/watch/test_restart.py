from datetime import timedelta

import pytest

from core.failure.windows import LENGTH
from tests.core.failure.fakes import NOON, every, sample
from tests.core.failure.watch.feeding import CALM, HIGH, INTERVAL_S, Feed, watching


def test_restart_when_samples_were_stored_then_past_and_risk_are_taken_up(feed, store, models):
    for cpu in range(40):
        feed(float(cpu))
        store.add_sample(sample(feed.at, cpu_percent=float(cpu)))
    risk_before = feed.watch.status().risk
    later = feed.at + timedelta(seconds=INTERVAL_S)
    again = watching(store, models, now=later)
    assert again.status().risk == risk_before
    status = Feed(again, start=later)(39.5)
    assert status.state == "healthy"
    assert status.usual_percent["cpu_percent"] == 100.0
    assert status.past_s == 40 * INTERVAL_S
    _, usual = models.active.asked[-1]
    assert usual[1, 0] == pytest.approx(15, abs=1)  # the middle of 0 to 30


@pytest.mark.parametrize(
    ("n_stored", "away_steps", "steps_before", "steps_after"),
    [(40, 1, LENGTH - 1, LENGTH), (4, 1, 4, 5), (40, 200, 0, 1), (0, 1, 0, 1)],
)
def test_restart_when_no_sample_has_come_yet_then_steps_are_those_that_the_next_one_can_use(
    store, models, n_stored, away_steps, steps_before, steps_after
):
    last = NOON
    for n in range(n_stored):
        last = NOON + timedelta(seconds=n * INTERVAL_S)
        store.add_sample(sample(last, cpu_percent=CALM))
    now = last + timedelta(seconds=away_steps * INTERVAL_S)
    again = watching(store, models, now=now)
    assert (again.status().state, again.status().steps) == ("not enough data", steps_before)
    status = Feed(again, start=now)(CALM)
    assert status.steps == steps_after
    assert (status.state == "healthy") == (steps_after == LENGTH)


@pytest.mark.parametrize("away", [timedelta(minutes=20), timedelta(days=7)])
def test_restart_when_an_alarm_was_left_open_then_it_ends_with_the_last_sample(
    feed, store, models, away
):
    feed(*[CALM] * LENGTH, HIGH, HIGH, HIGH)
    store.add_sample(sample(feed.at, cpu_percent=HIGH))
    last_seen = feed.at
    again = watching(store, models, now=last_seen + away)
    (alarm,) = again.alarms()
    assert alarm.ended_at == last_seen
    assert alarm.peak_probability == pytest.approx(0.9)
    # A host that still fails raises a new one.
    Feed(again, start=last_seen + away)(*[HIGH] * (LENGTH + 1))
    assert [kept.ended_at is None for kept in again.alarms()] == [True, False]


def test_restart_when_no_sample_is_left_then_an_open_alarm_ends_where_it_began(feed, store, models):
    feed(*[CALM] * LENGTH, HIGH, HIGH)
    store.add_sample(sample(feed.at - timedelta(seconds=INTERVAL_S)))  # from before it
    (alarm,) = watching(store, models, now=feed.at + timedelta(days=3)).alarms()
    assert alarm.ended_at == alarm.started_at == feed.at


def test_restart_when_another_host_has_a_history_then_it_is_none_of_this_ones(store, models):
    for at in every(INTERVAL_S, 30):
        store.add_sample(sample(at, host="web-2"))
        store.add_risk("web-2", at, 0.9, "cpu_percent", "v0001")
    alarm_id = store.open_alarm("web-2", NOON, 0.9, "cpu_percent", "CPU 90%.")
    watch = watching(store, models, now=NOON + timedelta(minutes=5))
    assert watch.status().risk == ()
    assert watch.status().past_s == 0
    assert watch.alarms() == ()
    assert store.alarms("web-2", 1)[0].id == alarm_id
    assert store.alarms("web-2", 1)[0].ended_at is None
