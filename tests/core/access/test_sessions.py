"""Sessions end when they are ended or too old, and keep no key."""

from datetime import UTC, datetime, timedelta

import pytest

from core.access import Actor, OneTimeToken, Role, Sessions
from core.access.sessions import MAX_OPEN

ADA = Actor(name="ada", role=Role.ADMIN, origin="127.0.0.1")
BEGAN = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Clock:
    now = BEGAN

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sessions(clock: Clock) -> Sessions:
    return Sessions(3600, clock)


def test_session_when_it_is_new_then_its_key_finds_it_and_no_other_key_does(sessions):
    key = sessions.begin(ADA, "link")
    found = sessions.find(key)
    assert found is not None
    assert found.actor == ADA
    assert sessions.find(key[:-1]) is None
    assert sessions.find("") is None


def test_session_when_its_time_is_over_then_it_is_gone(sessions, clock):
    key = sessions.begin(ADA, "password")
    clock.now += timedelta(seconds=3601)
    assert sessions.find(key) is None
    assert sessions.listed() == ()


def test_session_when_the_clock_is_set_back_then_it_lasts_no_longer(clock):
    ticks = iter([0.0, 0.0, 3500.0, 3601.0])
    sessions = Sessions(3600, clock, lambda: next(ticks))
    key = sessions.begin(ADA, "password")
    clock.now -= timedelta(days=365)
    assert sessions.find(key) is not None
    assert sessions.find(key) is None


def test_vouched_for_when_signed_out_and_the_clock_jumps_then_the_voucher_still_opens_nothing(
    sessions, clock
):
    sessions.recognise("voucher", ADA, "identity provider", BEGAN)
    sessions.end("voucher")
    clock.now += timedelta(days=365)
    assert sessions.listed() == ()
    clock.now = BEGAN
    assert sessions.recognise("voucher", ADA, "identity provider", BEGAN) == (None, False)


def test_session_when_ended_then_it_is_gone_and_the_others_stay(sessions):
    key, other = sessions.begin(ADA, "link"), sessions.begin(ADA, "link")
    sessions.end(key)
    assert sessions.find(key) is None
    assert sessions.find(other) is not None


def test_session_when_ended_by_its_id_then_it_is_gone(sessions):
    key = sessions.begin(ADA, "link")
    (listed,) = sessions.listed()
    assert sessions.end_by_id("someone else") is None
    assert sessions.end_by_id(listed.id) == listed
    assert sessions.find(key) is None


def test_sessions_when_their_memory_is_read_then_no_key_stands_in_it(sessions):
    key = sessions.begin(ADA, "link")
    assert key not in str(vars(sessions))
    assert not key.startswith(sessions.listed()[0].id)


def test_sessions_when_they_are_too_many_then_the_oldest_makes_room(sessions, clock):
    first = sessions.begin(ADA, "link")
    for _ in range(MAX_OPEN):
        clock.now += timedelta(milliseconds=1)
        last = sessions.begin(ADA, "link")
    assert sessions.find(first) is None
    assert sessions.find(last) is not None


def test_vouched_for_when_signed_out_then_the_same_voucher_opens_nothing(sessions):
    _, is_new = sessions.recognise("sub 1", ADA, "identity provider", BEGAN)
    _, is_known = sessions.recognise("sub 1", ADA, "identity provider", BEGAN)
    assert (is_new, is_known) == (True, False)
    sessions.end("sub 1")
    assert sessions.recognise("sub 1", ADA, "identity provider", BEGAN) == (None, False)


def test_vouched_for_when_that_was_too_long_ago_then_it_opens_nothing(sessions):
    old = BEGAN - timedelta(hours=2)
    assert sessions.recognise("sub 1", ADA, "identity provider", old) == (None, False)


def test_token_when_used_then_it_is_good_once_and_only_the_last_one_is():
    token = OneTimeToken()
    assert not token.use("")
    former, last = token.make(), token.make()
    assert not token.use(former)
    assert not token.use(last + "x")
    assert token.use(last)
    assert not token.use(last)
