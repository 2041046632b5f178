"""Later tickets beside those of the training."""

import json

import numpy as np

from core.tickets.features import columns_of, inputs_of
from core.tickets.profile import LENGTH_NAME, input_drifts, profile_of
from tests.core.tickets.some_tickets import some_tickets


def read(frame):
    labels = frame["ticket_category"].to_numpy(dtype=object)
    return inputs_of(frame, columns_of(frame)), labels


def test_drift_when_the_same_kind_of_tickets_comes_then_nothing_has_moved():
    before = profile_of(*read(some_tickets(1500, seed=1)), None)
    found = input_drifts(before, *read(some_tickets(1500, seed=2)))
    assert {one.name for one in found} >= {"cpu_usage", "task_type", "ticket_category", LENGTH_NAME}
    assert {one.drift.verdict for one in found} == {"little change"}


def test_drift_when_memory_is_full_now_then_it_stands_first_as_a_great_change():
    before = profile_of(*read(some_tickets(1500, seed=1)), None)
    later = some_tickets(1500, seed=2)
    later["memory_usage"] += 40
    first = input_drifts(before, *read(later))[0]
    assert (first.name, first.drift.verdict) == ("memory_usage", "great change")
    assert first.drift.n_after == 1500


def test_drift_when_there_are_few_tickets_then_it_does_not_say():
    before = profile_of(*read(some_tickets(1500, seed=1)), None)
    found = input_drifts(before, *read(some_tickets(20, seed=2)))
    numbers = [one for one in found if one.name == "cpu_usage"]
    assert numbers[0].drift.verdict == "not enough data"


def test_profile_when_tickets_have_times_then_it_holds_the_newest():
    inputs, labels = read(some_tickets(50))
    moments = np.array(["2026-01-02T03:04:05", "NaT"], dtype="datetime64[us]").repeat(25)
    assert profile_of(inputs, labels, moments).newest == "2026-01-02T03:04:05+00:00"
    assert json.dumps(profile_of(inputs, labels, None).newest) == '""'
