"""Jobs in the store: kept as they go, ended once, the latest first."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from core.store import JobRecord

START = datetime(2026, 1, 31, 12, 0, 0, 123_456, tzinfo=UTC)
BEGUN = JobRecord(kind="tickets", who="ada", owner="app 12", started_at=START)


def test_job_when_it_goes_on_then_the_same_one_is_told(store):
    number = store.put_job(BEGUN)
    going = replace(
        BEGUN, id=number, fraction=0.4, message="fitting\x00 xgboost \ud83d", log="a\nb"
    )
    assert store.put_job(going) == number
    (told,) = store.jobs(10)
    assert (told.fraction, told.log, told.state) == (0.4, "a\nb", "running")
    assert told.message.startswith("fit")
    assert (told.started_at, told.ended_at, told.result) == (START, None, None)


def test_job_when_it_has_ended_then_whoever_is_slower_is_not_heard(store):
    number = store.put_job(BEGUN)
    ended_at = START + timedelta(minutes=3)
    result = {"version": "v0002", "f1": 0.904, "classes": ["Network", "Power"], "note": None}
    done = replace(BEGUN, id=number, state="done", ended_at=ended_at, result=result)
    store.put_job(done)
    store.put_job(replace(BEGUN, id=number, state="interrupted", ended_at=ended_at))
    assert store.jobs(10) == (done,)


def test_jobs_when_there_are_many_then_the_latest_come_first(store, open_store):
    numbers = [store.put_job(BEGUN) for _ in range(5)]
    assert len(set(numbers)) == 5
    assert [job.id for job in store.jobs(3)] == numbers[:1:-1]
    assert open_store().jobs(3) == store.jobs(3)


def test_jobs_when_history_is_pruned_then_they_stay(store):
    store.put_job(BEGUN)
    store.prune(START + timedelta(days=1000))
    assert len(store.jobs(10)) == 1
