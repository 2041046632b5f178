import threading
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from core.errors import ArtifactNotFoundError, StoreError
from core.failure.alarm import AlarmPolicy
from core.failure.forecast import HostStatus
from core.failure.watch import HostWatch
from core.failure.windows import LENGTH, MAX_SPAN_STEPS, MIN_PAST_STEPS, host_windows
from core.metrics import METRIC_NAMES
from core.store import Store
from tests.core.failure.fakes import NOON, CpuModel, every, record, sample, steps

INTERVAL_S = 5.0
CALM, WATCH, HIGH = 10.0, 50.0, 90.0


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(f"sqlite:///{tmp_path.as_posix()}/history.db")
    yield opened
    opened.close()


class Models:
    """Where the watch asks for the active model: another one, or none, as a test likes."""

    def __init__(self) -> None:
        self.active: CpuModel | None = CpuModel()

    def __call__(self) -> CpuModel:
        if self.active is None:
            raise ArtifactNotFoundError(
                "No failure model is active; train one with `python -m core failure train`."
            )
        return self.active


@pytest.fixture
def models() -> Models:
    return Models()


def watching(store: Store, models: Models, now: datetime = NOON) -> HostWatch:
    return HostWatch("web-1", interval_s=INTERVAL_S, store=store, find_model=models, now=now)


@pytest.fixture
def watch(store: Store, models: Models) -> HostWatch:
    return watching(store, models)


class Feed:
    """Samples of one host, one every interval, cpu as a test likes."""

    def __init__(self, watch: HostWatch, start: datetime = NOON) -> None:
        self.watch = watch
        self.at = start - timedelta(seconds=INTERVAL_S)

    def __call__(self, *cpu_percents: float, **metrics: float | None) -> HostStatus:
        for cpu_percent in cpu_percents:
            self.at += timedelta(seconds=INTERVAL_S)
            self.watch.observe(sample(self.at, cpu_percent=cpu_percent, **metrics))
        return self.watch.status()


@pytest.fixture
def feed(watch: HostWatch) -> Feed:
    return Feed(watch)


def states(feed: Feed, cpu_percents: Sequence[float]) -> list[str]:
    return [feed(cpu_percent).state for cpu_percent in cpu_percents]


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


# Restart


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


def test_restart_when_an_alarm_was_left_open_then_it_ends_with_the_last_sample(feed, store, models):
    feed(*[CALM] * LENGTH, HIGH, HIGH, HIGH)
    store.add_sample(sample(feed.at, cpu_percent=HIGH))
    last_seen = feed.at
    again = watching(store, models, now=last_seen + timedelta(minutes=20))
    (alarm,) = again.alarms()
    assert alarm.ended_at == last_seen
    assert alarm.peak_probability == pytest.approx(0.9)
    # A host that still fails raises a new one.
    Feed(again, start=last_seen + timedelta(minutes=20))(*[HIGH] * (LENGTH + 1))
    assert [kept.ended_at is None for kept in again.alarms()] == [True, False]


def test_restart_when_no_sample_is_left_then_an_open_alarm_still_ends(feed, store, models):
    feed(*[CALM] * LENGTH, HIGH, HIGH)
    now = feed.at + timedelta(days=3)
    assert watching(store, models, now=now).alarms()[0].ended_at == now


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
