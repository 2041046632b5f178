"""Guessing gets slow, and nobody is kept out for good."""

import pytest

from core.access import Attempts
from core.access.attempts import FORGOTTEN_AFTER_S, FREE, FREE_OVERALL, MAX_WAIT_S


class Clock:
    def __init__(self) -> None:
        self.now_s = 1_000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def attempts(clock: Clock) -> Attempts:
    return Attempts(clock)


def fail(attempts: Attempts, origin: str, times: int) -> None:
    for _ in range(times):
        attempts.failed(origin)


def test_origin_when_it_mistypes_a_few_times_then_it_need_not_wait(attempts):
    fail(attempts, "10.0.0.1", FREE)
    assert attempts.wait_s("10.0.0.1") == 0


def test_origin_when_it_goes_on_failing_then_each_wait_is_longer_up_to_a_minute(attempts, clock):
    fail(attempts, "10.0.0.1", FREE)
    waits = []
    for _ in range(8):
        attempts.failed("10.0.0.1")
        waits.append(attempts.wait_s("10.0.0.1"))
        clock.now_s += waits[-1]
        assert attempts.wait_s("10.0.0.1") == 0
    assert waits == sorted(waits)
    assert waits[0] > 0
    assert waits[-1] == MAX_WAIT_S


def test_guesser_when_it_tries_for_an_hour_then_it_gets_few_guesses(attempts, clock):
    n_guesses, end_s = 0, clock.now_s + 3600
    while clock.now_s < end_s:
        clock.now_s += attempts.wait_s("10.0.0.1")
        attempts.failed("10.0.0.1")
        n_guesses += 1
    assert n_guesses < 100


def test_origin_when_it_leaves_off_for_a_while_then_its_failures_are_forgotten(attempts, clock):
    fail(attempts, "10.0.0.1", 10)
    clock.now_s += FORGOTTEN_AFTER_S + 1
    attempts.failed("10.0.0.1")
    assert attempts.wait_s("10.0.0.1") == 0


def test_guessers_when_they_are_many_then_strangers_wait_and_the_right_people_do_not(attempts):
    attempts.succeeded("10.9.9.9")
    for i in range(FREE_OVERALL + 5):
        attempts.failed(f"10.0.1.{i}")
    assert attempts.wait_s("10.0.2.1") > 0
    assert attempts.wait_s("10.9.9.9") == 0
    assert attempts.wait_s("127.0.0.1") == 0


def test_guesser_when_it_changes_its_address_within_a_network_of_its_own_then_it_waits(attempts):
    for i in range(FREE + 3):
        attempts.failed(f"2001:db8:1:2::{i:x}")
    assert attempts.wait_s("2001:db8:1:2:ffff::1") > 0
    assert attempts.wait_s("2001:db8:1:3::1") == 0
