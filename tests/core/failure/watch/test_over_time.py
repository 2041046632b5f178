import threading
from datetime import timedelta

import pytest

from core.errors import StoreError
from core.failure.alarm import AlarmPolicy
from core.failure.windows import LENGTH, MAX_SPAN_STEPS
from core.store import Store
from tests.core.failure.fakes import NOON, CpuModel
from tests.core.failure.watch.feeding import CALM, HIGH, INTERVAL_S, WATCH, Feed, states, watching

# Gaps in time


def test_status_when_the_machine_slept_then_its_steps_begin_anew(feed):
    feed(*[CALM] * 30)
    feed.at += timedelta(hours=1)
    status = feed(CALM)
    assert (status.state, status.steps) == ("not enough data", 1)
    assert status.forecast is None
    assert states(feed, [CALM] * 9) == ["not enough data"] * 8 + ["healthy"]
    # What was usual before it slept still is.
    assert status.usual_percent


def test_status_when_a_short_gap_lies_between_then_the_steps_before_it_count(feed):
    feed(*[CALM] * LENGTH)
    feed.at += timedelta(seconds=INTERVAL_S * (MAX_SPAN_STEPS - LENGTH))
    assert feed(CALM).state == "healthy"


def test_forecast_when_a_pause_lies_within_the_window_then_steps_keep_the_time_they_were_at(feed):
    feed(*[CALM] * 5)
    feed.at += timedelta(seconds=100)
    forecast = feed(*[CALM] * 5).forecast
    assert forecast.ago_s.tolist() == [145, 140, 135, 130, 125, 20, 15, 10, 5, 0]


def test_forecast_when_the_clock_was_set_back_then_no_step_comes_after_a_later_one(feed):
    feed(*[CALM] * 20)
    feed.at -= timedelta(seconds=17)
    for _ in range(LENGTH):
        ago_s = feed(CALM).forecast.ago_s.tolist()
        assert ago_s == sorted(ago_s, reverse=True)
        assert ago_s[-1] == 0


def test_alarm_when_the_host_falls_silent_then_it_goes_on(feed):
    feed(*[CALM] * LENGTH, HIGH, HIGH)
    feed.at += timedelta(hours=1)
    assert feed(CALM).state == "failing"
    assert feed.watch.alarms()[0].ended_at is None
    assert feed(*[CALM] * LENGTH, CALM).state == "healthy"
    assert feed.watch.alarms()[0].ended_at == feed.at


def test_status_when_the_clock_was_set_back_then_it_goes_on_from_there(feed):
    feed(*[CALM] * 30)
    feed.at -= timedelta(minutes=30)
    assert feed(CALM).state == "not enough data"
    assert feed(*[CALM] * 9).state == "healthy"


def test_status_when_the_clock_stood_years_ahead_for_a_while_then_nothing_of_that_is_left(feed):
    feed(*[CALM] * 30)
    feed.at += timedelta(days=3650)
    feed(*[HIGH] * 12)
    feed.at -= timedelta(days=3650)
    status = feed(*[CALM] * 30)
    assert status.state == "healthy"
    assert [at for at, _ in status.risk] == sorted(at for at, _ in status.risk)
    assert status.risk[-1][0] == feed.at
    assert 0 <= status.past_s <= 30 * INTERVAL_S
    assert status.usual_percent["cpu_percent"] < 100  # it is as it was, and not unusually calm
    [alarm] = feed.watch.alarms()
    assert alarm.ended_at is not None


# The model


def test_status_when_there_is_no_model_then_it_says_what_to_do_and_telemetry_goes_on(
    feed, models, store
):
    models.active = None
    status = feed(*[CALM] * 30)
    assert status.state == "no model"
    assert "python -m core failure train" in status.problem
    assert status.steps == LENGTH
    assert status.forecast is None
    assert status.usual_percent["cpu_percent"] == 0.0
    assert store.risks("web-1", NOON) == ()
    # As soon as there is one, the steps that were taken count.
    models.active = CpuModel()
    status = feed(CALM)
    assert (status.state, status.problem) == ("healthy", None)


def test_model_when_another_is_activated_then_the_next_sample_is_judged_by_it(feed, models, store):
    feed(*[CALM] * LENGTH)
    models.active = CpuModel(version="v0002", policy=AlarmPolicy(enter=0.05, exit=0.03))
    status = feed(CALM)
    assert status.forecast.model_version == "v0002"
    assert status.forecast.threshold == 0.05
    assert status.state == "watch"
    assert feed(CALM).state == "failing"
    versions = [risk.model_version for risk in store.risks("web-1", NOON)]
    assert versions == ["v0001", "v0002", "v0002"]


def test_alarm_when_the_model_is_replaced_by_a_calmer_one_then_it_is_judged_anew(feed, models):
    feed(*[CALM] * LENGTH, HIGH, HIGH)
    models.active = CpuModel(version="v0002", policy=AlarmPolicy(enter=0.99, exit=0.95))
    assert feed(HIGH).state == "healthy"
    assert feed.watch.alarms()[0].ended_at == feed.at


def test_alarm_when_the_model_is_lost_then_it_stays_open_until_one_can_judge_again(feed, models):
    feed(*[CALM] * LENGTH, HIGH, HIGH)
    kept, models.active = models.active, None
    assert feed(HIGH, HIGH).state == "no model"
    assert feed.watch.alarms()[0].ended_at is None
    models.active = kept
    feed(CALM)
    assert feed.watch.alarms()[0].ended_at == feed.at
    assert len(feed.watch.alarms()) == 1


# When the database fails


class StumblingStore(Store):
    """A store that cannot write while `is_down`."""

    is_down = False

    def add_risk(self, *facts: object) -> None:
        if self.is_down:
            raise StoreError("The history cannot be written: database is locked.")
        super().add_risk(*facts)


def test_store_when_it_cannot_write_then_the_host_is_judged_and_the_alarm_kept_later(
    tmp_path, models
):
    store = StumblingStore(f"sqlite:///{tmp_path.as_posix()}/history.db")
    feed = Feed(watching(store, models))
    feed(*[CALM] * LENGTH, HIGH)
    store.is_down = True
    with pytest.raises(StoreError, match="locked"):
        feed(HIGH)
    assert feed.watch.status().state == "failing"
    assert feed.watch.alarms() == ()
    store.is_down = False
    feed(HIGH)
    assert [alarm.started_at for alarm in feed.watch.alarms()] == [feed.at]
    store.close()


# Threads


def test_status_when_read_while_samples_come_then_every_answer_fits_together(feed):
    stop = threading.Event()
    faults: list[str] = []
    n_read = [0] * 4

    def read(reader: int) -> None:
        while not stop.is_set():
            status = feed.watch.status()
            n_read[reader] += 1
            judged = status.state in ("healthy", "watch", "failing")
            if judged != (status.forecast is not None):
                faults.append(f"{status.state} with forecast {status.forecast}")
            if status.forecast is not None:
                last = (status.forecast.at, status.forecast.probability)
                if status.risk[-1] != last:
                    faults.append(f"{status.risk[-1]} is not {last}")
            if list(status.risk) != sorted(status.risk):
                faults.append("risk out of order")

    readers = [threading.Thread(target=read, args=(reader,)) for reader in range(4)]
    for reader in readers:
        reader.start()
    try:
        for number in range(150):
            feed([CALM, WATCH, HIGH][number // 5 % 3])
    finally:
        stop.set()
        for reader in readers:
            reader.join()
    assert faults == []
    assert min(n_read) > 0
