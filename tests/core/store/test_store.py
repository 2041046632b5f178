"""What goes into the store comes out again, on every database."""

import threading
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest
from sqlalchemy import make_url, text

from core.errors import StoreError
from core.metrics import METRIC_NAMES, Reading, Sample
from core.store import AlarmRecord, Correction, RiskRecord, SampleRecorder, SavedReply, Store
from core.store.database import open_engine
from tests.fakes import NOON, FakeClock


def sample(at=NOON, host="web-1", **values):
    readings = tuple(
        Reading(metric=name, value=values.get(name), gap=None if name in values else "no sensor")
        for name in (*METRIC_NAMES, *(values.keys() - set(METRIC_NAMES)))
    )
    return Sample(host=host, at=at, readings=readings)


def after(**span):
    return NOON + timedelta(**span)


# samples


def test_sample_comes_back_with_its_gaps(store):
    at = NOON.replace(microsecond=123_456)
    store.add_sample(sample(at, cpu_percent=12.345678901234567, thread_count=456.0))
    table = store.samples("web-1", NOON)
    expected = [12.345678901234567] + [np.nan] * 8 + [456.0]
    assert table.metric_names == METRIC_NAMES
    assert table.at == (at,)
    np.testing.assert_array_equal(table.values, [expected])


def test_samples_come_in_the_order_of_time_and_of_one_host_only(store):
    for minutes, host in [(2, "web-1"), (1, "web-2"), (0, "web-1"), (1, "web-1")]:
        store.add_sample(sample(after(minutes=minutes), host, cpu_percent=float(minutes)))
    table = store.samples("web-1", NOON)
    assert table.at == (NOON, after(minutes=1), after(minutes=2))
    assert list(table.values[:, 0]) == [0.0, 1.0, 2.0]


def test_both_ends_of_the_asked_time_belong_to_it(store):
    for minutes in range(5):
        store.add_sample(sample(after(minutes=minutes)))
    table = store.samples("web-1", after(minutes=1), after(minutes=3))
    assert table.at == (after(minutes=1), after(minutes=2), after(minutes=3))


def test_last_sample_is_that_of_the_host_within_the_asked_time(store):
    for minutes in (0, 1, 2, 3):
        store.add_sample(sample(after(minutes=minutes)))
    store.add_sample(sample(after(minutes=2.5), host="web-2"))
    assert store.last_sample_at("web-1", NOON, after(minutes=2)) == after(minutes=2)
    assert store.last_sample_at("web-1", NOON, after(minutes=2.9)) == after(minutes=2)
    assert store.last_sample_at("web-1", after(minutes=4), after(days=1)) is None


def test_no_samples_are_an_empty_table(store):
    table = store.samples("web-1", NOON)
    assert table.at == ()
    assert table.values.shape == (0, len(METRIC_NAMES))


def test_sample_of_the_same_time_is_replaced(store):
    store.add_sample(sample(cpu_percent=1.0, disk_percent=50.0))
    store.add_sample(sample(cpu_percent=2.0))
    values = store.samples("web-1", NOON).values
    assert values[:, 0] == [2.0]
    assert np.isnan(values[0, 2])


def test_times_come_back_in_utc_whatever_zone_they_had(store):
    in_india = NOON.astimezone(timezone(timedelta(hours=5, minutes=30)))
    store.add_sample(sample(in_india))
    (at,) = store.samples("web-1", in_india).at
    assert at == NOON
    assert at.tzinfo == UTC


def test_time_without_a_zone_is_refused(store):
    with pytest.raises(StoreError, match="has no time zone"):
        store.add_sample(sample(datetime(2025, 3, 1)))  # noqa: DTZ001


def test_host_name_is_data_and_not_sql(store):
    name = "web-1'; DROP TABLE samples; -- ❄ %s :at"
    store.add_sample(sample(host=name))
    assert len(store.samples(name, NOON).at) == 1


# metrics that come and go


def test_new_metric_gets_a_column_and_old_samples_a_gap(open_store):
    open_store().add_sample(sample(cpu_percent=1.0))
    store = open_store((*METRIC_NAMES, "swap_percent"))
    store.add_sample(sample(after(minutes=1), cpu_percent=2.0, swap_percent=9.0))
    table = store.samples("web-1", NOON)
    assert table.metric_names[-1] == "swap_percent"
    np.testing.assert_array_equal(table.values[:, [0, -1]], [[1.0, np.nan], [2.0, 9.0]])


def test_former_metric_is_not_read_and_not_lost(open_store):
    names = (*METRIC_NAMES, "swap_percent")
    open_store(names).add_sample(sample(cpu_percent=1.0, swap_percent=9.0))
    assert open_store().samples("web-1", NOON).values.shape == (1, 10)
    assert open_store(names).samples("web-1", NOON).values[0, -1] == 9.0


# risks and alarms


def test_risk_comes_back_and_a_second_look_replaces_it(store):
    store.add_risk("web-1", NOON, 0.2, "disk_percent", "v1")
    store.add_risk("web-1", after(minutes=1), 0.3, None, "v1")
    store.add_risk("web-1", NOON, 0.9, "memory_percent", "v2")
    store.add_risk("web-2", NOON, 0.5, None, "v1")
    first = RiskRecord(at=NOON, probability=0.9, cause="memory_percent", model_version="v2")
    second = RiskRecord(at=after(minutes=1), probability=0.3, cause=None, model_version="v1")
    assert store.risks("web-1", NOON) == (first, second)
    assert store.risks("web-1", after(seconds=1)) == (second,)
    assert store.risks("web-1", NOON, NOON) == (first,)


def test_alarm_lasts_grows_and_ends(store):
    number = store.open_alarm("web-1", NOON, 0.7, "disk_percent", "Disk 80 %.")
    opened = AlarmRecord(
        id=number,
        host="web-1",
        started_at=NOON,
        ended_at=None,
        peak_probability=0.7,
        cause="disk_percent",
        reason="Disk 80 %.",
    )
    assert store.alarms("web-1", 10) == (opened,)
    store.update_alarm(number, 0.9, "memory_percent", "Memory 91 %.")
    store.close_alarm(number, after(minutes=5), 0.95, "Memory 97 %.")
    (closed,) = store.alarms("web-1", 10)
    assert closed == AlarmRecord(
        id=number,
        host="web-1",
        started_at=NOON,
        ended_at=after(minutes=5),
        peak_probability=0.95,
        cause="memory_percent",
        reason="Memory 97 %.",
    )


def test_alarms_are_the_latest_of_the_host(store):
    for minutes in (3, 1, 2):
        store.open_alarm("web-1", after(minutes=minutes), 0.7, "cpu_percent", f"{minutes}")
    store.open_alarm("web-2", after(minutes=4), 0.7, "cpu_percent", "4")
    assert [alarm.reason for alarm in store.alarms("web-1", 2)] == ["3", "2"]


def test_alarm_that_does_not_exist_cannot_be_changed(store):
    with pytest.raises(StoreError, match="no alarm number 77"):
        store.update_alarm(77, 0.9, "cpu_percent", "")
    with pytest.raises(StoreError, match="no alarm number 77"):
        store.close_alarm(77, NOON, 0.9, "")


# retention


def test_prune_deletes_what_is_older_and_keeps_a_lasting_alarm(store):
    for minutes in (0, 10):
        store.add_sample(sample(after(minutes=minutes)))
        store.add_risk("web-1", after(minutes=minutes), 0.1, None, "v1")
        ended = store.open_alarm("web-1", after(minutes=minutes), 0.7, "cpu_percent", "ended")
        store.close_alarm(ended, after(minutes=minutes + 1), 0.7, "ended")
    store.open_alarm("web-1", NOON, 0.7, "cpu_percent", "lasts")
    assert store.prune(after(minutes=5)) == 3
    assert store.samples("web-1", NOON).at == (after(minutes=10),)
    assert [risk.at for risk in store.risks("web-1", NOON)] == [after(minutes=10)]
    left = [(alarm.started_at, alarm.reason) for alarm in store.alarms("web-1", 10)]
    assert left == [(after(minutes=10), "ended"), (NOON, "lasts")]


def recorded(store, clock, minutes, *, set_by_days=0.0):
    """Let time pass up to `minutes` after noon, a sample a minute, on a clock that may be set."""
    recorder = SampleRecorder(lambda: store, history_days=1.0, clock=clock)
    for _ in range(minutes):
        clock.now_s += 60.0
        recorder(sample(after(minutes=(clock.now_s - 1000.0) / 60.0, days=set_by_days)))
    return recorder


def test_recorder_keeps_samples_and_prunes_after_ten_minutes_and_then_once_an_hour(store):
    clock = FakeClock()
    store.add_sample(sample(after(days=-2)))
    recorder = recorded(store, clock, 10)
    assert store.samples("web-1", after(days=-9)).at[0] == after(days=-2)
    for minutes in range(11, 72):
        clock.now_s += 60.0
        recorder(sample(after(minutes=minutes)))
        if minutes == 11:
            assert store.samples("web-1", after(days=-9)).at[0] == after(minutes=1)
            store.add_sample(sample(after(days=-3)))
        if minutes == 70:
            assert store.samples("web-1", after(days=-9)).at[0] == after(days=-3)
    assert store.samples("web-1", after(days=-9)).at[0] == after(minutes=1)


def test_recorder_when_the_clock_stands_years_ahead_for_minutes_then_no_history_is_lost(store):
    clock = FakeClock()
    store.add_sample(sample())
    recorder = recorded(store, clock, 9, set_by_days=4000.0)
    for minutes in range(10, 40):  # the clock is set right
        clock.now_s += 60.0
        recorder(sample(after(minutes=minutes)))
    assert store.samples("web-1", NOON).at[0] == NOON


# several at once


def test_stores_that_open_at_once_do_not_disturb_each_other(open_store):
    failures = []
    together = threading.Barrier(4)

    def open_with_new_metric():
        together.wait()
        try:
            open_store((*METRIC_NAMES, "swap_percent")).add_sample(sample(swap_percent=1.0))
        except StoreError as error:
            failures.append(error)

    openers = [threading.Thread(target=open_with_new_metric) for _ in range(4)]
    for opener in openers:
        opener.start()
    for opener in openers:
        opener.join()
    assert failures == []


def test_readers_and_writers_do_not_disturb_each_other(open_store):
    first, second = open_store(), open_store()
    failures = []

    def write(store, host):
        try:
            for number in range(100):
                store.add_sample(sample(after(seconds=number), host, cpu_percent=1.0))
        except StoreError as error:
            failures.append(error)

    writers = [
        threading.Thread(target=write, args=arguments)
        for arguments in [(first, "web-1"), (second, "web-2")]
    ]
    for writer in writers:
        writer.start()
    seen = []
    while any(writer.is_alive() for writer in writers):
        seen.append(len(first.samples("web-2", NOON).at))
    for writer in writers:
        writer.join()
    assert failures == []
    assert seen == sorted(seen)
    assert len(first.samples("web-2", NOON).at) == len(second.samples("web-1", NOON).at) == 100


# corrections


def correction(text="mail is slow", minutes=0, **changes):
    said = {"old": "General", "new": "Network", "who": "Ada", "at": after(minutes=minutes)}
    return Correction(text=text, **said | changes)


def test_corrections_come_back_oldest_first_with_what_was_measured(store):
    later = correction(minutes=2, telemetry={"cpu_usage": 97.5, "task_type": "inference"})
    first = correction("vm-17 <b>down</b>", minutes=1, old="", new="Power")
    store.add_correction(later)
    store.add_correction(first)
    assert store.corrections() == (first, later)


def test_a_ticket_corrected_twice_keeps_both_words_on_it(store):
    said = [correction(), correction(new="Power", who="Grace")]
    for one in said:
        store.add_correction(one)
    assert list(store.corrections()) == said


def test_a_correction_of_no_text_that_is_still_kept_names_no_ticket(store):
    for one in (correction(), correction("", telemetry={"cpu_usage": 97.5}), correction(" \n")):
        store.add_correction(one)
    assert store.corrections() == (correction(),)


@pytest.mark.parametrize("odd", ["\x00", "\ud83d"])
def test_text_that_no_database_keeps_is_marked_and_the_rest_is_kept(store, odd):
    store.add_correction(correction(f"disk {odd} full"))
    (kept,) = store.corrections()
    assert kept.text == "disk \ufffd full"


def test_text_comes_back_from_a_database_that_knows_no_encoding(postgresql_url):
    name = f"test_{uuid.uuid4().hex}"
    server = open_engine(postgresql_url).execution_options(isolation_level="AUTOCOMMIT")
    made = f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'SQL_ASCII'"
    with server.connect() as connection:
        connection.execute(text(f"{made} LC_COLLATE 'C' LC_CTYPE 'C'"))
    address = make_url(postgresql_url).set(database=name)
    store = Store(address.render_as_string(hide_password=False))
    store.add_correction(correction("Überlast ▲ auf vm-3"))
    (kept,) = store.corrections()
    store.close()
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name}"))
    server.dispose()
    assert kept.text == "Überlast ▲ auf vm-3"


def test_corrections_outlive_the_retention(store):
    store.add_correction(correction())
    assert store.prune(after(days=1)) == 0
    assert len(store.corrections()) == 1


# replies


def reply(text="## Acknowledgement", minutes=0, **changes):
    said = {"ticket": "mail is slow", "provider": "offline", "model": "", "prompt_version": "1"}
    return SavedReply(text=text, at=after(minutes=minutes), **said | changes)


def test_replies_come_back_latest_first_and_no_more_than_asked(store):
    kept = [reply(minutes=0), reply("b", 2, is_edited=True), reply("c", 1, model="org/m:x")]
    ids = [store.add_reply(one) for one in kept]
    stored = [replace(one, id=number) for one, number in zip(kept, ids, strict=True)]
    assert store.replies(10) == (stored[1], stored[2], stored[0])
    assert store.replies(1) == (stored[1],)


def test_reply_holds_any_text_and_outlives_the_retention(store):
    store.add_reply(reply("<b>'; DROP TABLE replies; -- \ud83d ❄", ticket="\x00"))
    assert store.prune(after(days=1)) == 0
    (kept,) = store.replies(10)
    assert (kept.text, kept.ticket) == ("<b>'; DROP TABLE replies; -- \ufffd ❄", "\ufffd")


def test_replies_of_an_older_database_without_their_table_begin_empty(open_store, url):
    open_store().close()
    engine = open_engine(url)
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE replies"))
    engine.dispose()
    assert open_store().replies(10) == ()
