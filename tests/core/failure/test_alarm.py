import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.failure.alarm import QUIET_STEPS, AlarmPolicy, AlarmState, alarm_steps

POLICY = AlarmPolicy(enter=0.6, exit=0.4, min_steps=2)


def said_by(*probabilities: float | None, policy: AlarmPolicy = POLICY) -> list[bool]:
    state = AlarmState(policy)
    return [state.step(probability) for probability in probabilities]


def test_alarm_when_probability_is_high_once_then_there_is_none():
    assert not any(said_by(0.1, 0.99, 0.1, 0.99, 0.1))


def test_alarm_when_high_for_the_minimum_then_it_begins_with_that_step():
    assert said_by(0.1, 0.6, 0.6, 0.9) == [False, False, True, True]
    three = AlarmPolicy(enter=0.6, exit=0.4, min_steps=3)
    assert said_by(0.6, 0.6, 0.6, policy=three) == [False, False, True]
    one = AlarmPolicy(enter=0.6, exit=0.4, min_steps=1)
    assert said_by(0.59, 0.6, policy=one) == [False, True]


def test_alarm_when_it_wavers_around_the_enter_threshold_then_it_stays_on():
    assert all(said_by(0.9, 0.9, *[0.59, 0.61] * 20)[1:])


def test_alarm_when_calm_for_fewer_steps_than_asked_then_it_goes_on():
    calm = [0.1] * (QUIET_STEPS - 1)
    assert all(said_by(0.9, 0.9, *calm, 0.4, *calm, 0.5)[1:])


def test_alarm_when_calm_for_long_enough_then_it_ends_and_needs_a_new_beginning():
    assert said_by(0.9, 0.9, *[0.1] * QUIET_STEPS)[-1] is False
    assert said_by(0.9, 0.9, *[0.1] * QUIET_STEPS, 0.9, 0.9)[-2:] == [False, True]


def test_alarm_when_between_the_thresholds_then_nothing_changes():
    assert not any(said_by(*[0.5] * 30))
    assert all(said_by(0.9, 0.9, *[0.5] * 30)[1:])


@pytest.mark.parametrize("unknown", [None, float("nan")])
def test_alarm_when_nothing_is_known_then_it_stays_as_it_was(unknown):
    assert said_by(unknown, unknown) == [False, False]
    assert all(said_by(0.9, 0.9, *[unknown] * 50)[1:])
    # Not knowing breaks no row of high or calm steps either.
    assert said_by(0.9, unknown, 0.9) == [False, False, True]
    assert said_by(0.9, 0.9, 0.1, unknown, 0.1, unknown, 0.1)[-2:] == [True, False]


def test_alarm_steps_when_hosts_follow_each_other_then_nothing_crosses_over():
    said = np.array([0.9, 0.9, 0.9, 0.1, np.nan, 0.9, 0.9])
    hosts = np.array([0, 0, 1, 1, 2, 2, 2])
    assert alarm_steps(said, hosts, POLICY).tolist() == [
        *[False, True],
        *[False, False],
        *[False, False, True],
    ]


def test_alarm_steps_when_there_is_nothing_to_judge_then_all_is_off():
    assert alarm_steps(np.empty(0), np.empty(0, int), POLICY).tolist() == []
    assert not alarm_steps(np.full(5, np.nan), np.zeros(5, int), POLICY).any()


LEVELS = st.sampled_from([0.0, 0.3, 0.39, 0.4, 0.5, 0.6, 0.61, 0.9, 1.0, float("nan")])


@settings(deadline=None)
@given(
    host_rows=st.lists(st.lists(LEVELS, max_size=25), max_size=5),
    min_steps=st.integers(1, 4),
    exit_at=st.sampled_from([0.3, 0.4, 0.6]),
)
def test_alarm_steps_and_alarm_state_when_fed_the_same_then_they_agree(
    host_rows, min_steps, exit_at
):
    policy = AlarmPolicy(enter=0.6, exit=exit_at, min_steps=min_steps)
    one_by_one = [on for rows in host_rows for on in said_by(*rows, policy=policy)]
    said = np.array([level for rows in host_rows for level in rows], dtype=float)
    hosts = np.repeat(np.arange(len(host_rows)), [len(rows) for rows in host_rows])
    assert alarm_steps(said, hosts, policy).tolist() == one_by_one
