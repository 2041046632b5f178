import threading
import time

import pytest

from core.errors import StoreError
from core.telemetry.live import collect_sequence
from core.telemetry.sampler import Sampler, next_tick
from tests.fakes import FakeClock, FakeCollector, numbers


@pytest.fixture
def run():
    """Start a sampler on a fake clock, wait until `waits` waits are over, stop it at the end."""
    started = []

    def start(collector, *, waits, interval_s=5.0, ring_size=100, listeners=()):
        clock = collector.clock = FakeClock(waits=waits)
        sampler = Sampler(
            collector,
            interval_s=interval_s,
            ring_size=ring_size,
            listeners=listeners,
            clock=clock,
            wait=clock.wait,
        )
        started.append(sampler)
        sampler.start()
        assert clock.idle.wait(30)
        return sampler, clock

    yield start
    for sampler in started:
        sampler.stop()


def threads(name="sampler"):
    return [thread for thread in threading.enumerate() if thread.name == name]


@pytest.mark.parametrize(
    ("now_s", "tick_s"),
    [(99.0, 105.0), (100.0, 105.0), (104.9, 105.0), (105.0, 110.0), (128.0, 130.0)],
)
def test_next_tick_is_the_first_on_the_beat_after_now(now_s, tick_s):
    assert next_tick(100.0, 5.0, now_s) == tick_s


def test_first_sample_follows_an_unseen_one_after_a_second(run):
    sampler, clock = run(FakeCollector(), waits=3)
    assert clock.waits_s == [1.0, 5.0, 5.0]
    assert numbers(sampler.recent(10)) == [2.0, 3.0, 4.0]


def test_first_sample_comes_within_a_short_interval(run):
    _, clock = run(FakeCollector(), waits=2, interval_s=0.5)
    assert clock.waits_s == [0.5, 0.5]


def test_beat_does_not_drift_when_a_sample_takes_time(run):
    def take_time(_number):
        collector.clock.now_s += 0.25

    collector = FakeCollector(take_time)
    _, clock = run(collector, waits=4)
    assert clock.waits_s == [1.0, 4.75, 4.75, 4.75]


def test_missed_ticks_are_skipped_and_the_beat_is_kept(run):
    def suspend(number):
        collector.clock.now_s += 17.0 if number == 3 else 0.0

    collector = FakeCollector(suspend)
    sampler, clock = run(collector, waits=4)
    assert clock.waits_s == [1.0, 5.0, 3.0, 5.0]
    assert numbers(sampler.recent(10)) == [2.0, 3.0, 4.0, 5.0]


def test_ring_keeps_the_latest(run):
    sampler, _ = run(FakeCollector(), waits=6, ring_size=3)
    assert numbers(sampler.recent(10)) == [5.0, 6.0, 7.0]
    assert numbers(sampler.recent(2)) == [6.0, 7.0]
    assert sampler.recent(0) == ()
    assert numbers([sampler.latest()]) == [7.0]


def test_there_is_no_latest_before_the_first_sample():
    sampler = Sampler(FakeCollector(), interval_s=5.0, ring_size=3)
    assert sampler.latest() is None
    assert sampler.recent(3) == ()


def test_pause_rests_and_resume_starts_afresh(run):
    collector = FakeCollector()
    sampler, clock = run(collector, waits=2)
    sampler.pause()
    assert (sampler.is_paused, sampler.is_running) == (True, True)
    clock.waits = 1000  # were it not resting, it would run through these at once
    time.sleep(0.05)
    assert collector.taken == 3

    clock.waits = 2
    clock.idle.clear()
    sampler.resume()
    assert clock.idle.wait(30)
    assert not sampler.is_paused
    assert numbers(sampler.recent(10)) == [2.0, 3.0, 5.0, 6.0]  # 4 was the unseen one
    assert clock.waits_s[2:] == [1.0, 5.0]


def test_resume_without_pause_does_not_disturb_the_beat(run):
    collector = FakeCollector()
    sampler, _ = run(collector, waits=2)
    sampler.resume()
    sampler.stop()
    assert collector.taken == 3


def test_error_of_a_listener_is_logged_once_and_stops_nobody(run, caplog):
    heard = []

    def full_disk(_sample):
        raise StoreError("The history cannot be written: disk is full.")

    sampler, _ = run(FakeCollector(), waits=3, listeners=[full_disk, heard.append])
    assert numbers(heard) == numbers(sampler.recent(10)) == [2.0, 3.0, 4.0]
    assert [record.message for record in caplog.records] == [
        "A sample was taken but not passed on: The history cannot be written: disk is full."
    ]
    assert sampler.problem == "The history cannot be written: disk is full."


def test_error_of_a_listener_is_logged_again_after_it_had_ended(run, caplog):
    def sometimes(sample):
        if numbers([sample])[0] != 3.0:
            raise StoreError("The database is locked.")

    sampler, _ = run(FakeCollector(), waits=3, listeners=[sometimes])
    assert len(caplog.records) == 2
    assert sampler.problem == "The database is locked."


def test_problem_of_a_listener_is_over_with_the_next_sample_that_it_takes(run):
    def at_first(sample):
        if numbers([sample])[0] == 2.0:
            raise StoreError("The database is locked.")

    sampler, _ = run(FakeCollector(), waits=3, listeners=[at_first])
    assert sampler.problem is None


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_fault_in_the_program_ends_the_sampler_and_is_in_the_log(caplog):
    sampler = Sampler(
        FakeCollector(), interval_s=0.01, ring_size=5, listeners=[lambda sample: 1 / 0]
    )
    sampler.start()
    deadline = time.monotonic() + 30
    while sampler.is_running and time.monotonic() < deadline:
        time.sleep(0.005)
    assert not sampler.is_running
    assert "ZeroDivisionError" in caplog.text


def test_start_twice_is_one_thread_and_stop_ends_it(run):
    sampler, _ = run(FakeCollector(), waits=1)
    sampler.start()
    assert len(threads()) == 1
    sampler.stop()
    sampler.stop()
    assert not sampler.is_running
    assert threads() == []


def test_start_after_stop_goes_on_and_keeps_the_samples(run):
    sampler, clock = run(FakeCollector(), waits=1)
    sampler.stop()
    clock.waits = 1
    clock.idle.clear()
    sampler.start()
    assert clock.idle.wait(30)
    assert numbers(sampler.recent(10)) == [2.0, 4.0]


def test_stop_ends_a_paused_sampler(run):
    sampler, _ = run(FakeCollector(), waits=1)
    sampler.pause()
    sampler.stop()
    assert threads() == []


def test_samples_come_by_themselves_on_the_real_clock():
    came = threading.Event()

    def listen(sample):
        if numbers([sample]) == [4.0]:
            came.set()

    sampler = Sampler(FakeCollector(), interval_s=0.01, ring_size=5, listeners=[listen])
    sampler.start()
    try:
        assert came.wait(30)
    finally:
        sampler.stop()


@pytest.mark.parametrize(("interval_s", "ring_size"), [(0.0, 5), (-1.0, 5), (5.0, 0)])
def test_senseless_arguments_are_refused(interval_s, ring_size):
    with pytest.raises(ValueError, match="interval_s is"):
        Sampler(FakeCollector(), interval_s=interval_s, ring_size=ring_size)


def test_sequence_has_its_steps_on_the_beat_and_tells_its_progress():
    def take_time(_number):
        clock.now_s += 0.5

    clock = FakeClock()
    told = []
    samples = collect_sequence(
        FakeCollector(take_time), 4, 5.0, told.append, clock=clock, sleep=clock.sleep
    )
    assert numbers(samples) == [2.0, 3.0, 4.0, 5.0]
    assert told == [1, 2, 3, 4]
    assert clock.waits_s == [1.0, 4.5, 4.5, 4.5]
