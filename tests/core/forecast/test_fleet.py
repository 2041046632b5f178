import numpy as np
import pytest

from core.errors import MissingDataError
from core.forecast import FLEET_METRICS, fleet_history, machine_histories
from tests.core.forecast.made_up import DAY_S, HOUR_S, START_S, history

CPU, NETWORK = FLEET_METRICS[0], FLEET_METRICS[2]


def rows(*machines: str, n: int = 10):
    names = np.repeat(np.array(machines, dtype=object), n)
    at_s = np.tile(START_S + HOUR_S * np.arange(n), len(machines))
    return names, at_s


def test_machine_histories_when_rows_are_mixed_then_each_machine_gets_its_own():
    names, at_s = rows("b", "a")
    values = np.where(names == "a", 10.0, 20.0)
    order = np.random.default_rng(1).permutation(names.size)
    found = machine_histories(names[order], at_s[order], values[order], CPU)
    assert [one.resource for one in found] == ["a", "b"]
    assert [set(one.values) for one in found] == [{10.0}, {20.0}]
    assert [(one.low, one.high) for one in found] == [(0.0, 100.0)] * 2


def test_machine_histories_when_a_row_has_no_name_value_or_time_then_it_is_passed_over():
    names, at_s = rows("a", "b")
    values = np.ones(names.size)
    values[:10], at_s[12], names[15] = np.nan, np.nan, None
    found = machine_histories(names, at_s, values, CPU)
    assert [(one.resource, one.values.size) for one in found] == [("b", 8)]
    assert machine_histories(names, at_s, np.full(names.size, np.nan), CPU) == ()


def test_fleet_history_when_it_is_a_share_then_it_is_the_mean_and_otherwise_the_sum():
    machines = [history(np.full(10, value), resource=str(value)) for value in (10.0, 30.0)]
    mean, total = fleet_history(machines, CPU), fleet_history(machines, NETWORK)
    assert set(mean.values) == {20.0}
    assert set(total.values) == {40.0}
    assert (mean.resource, mean.n_hosts, mean.high) == ("fleet", 2, 100.0)
    assert (mean.spreads, total.spreads) == (True, False)
    assert list(mean.at_s) == list(START_S + HOUR_S * np.arange(10))


def test_fleet_history_when_a_machine_is_silent_for_a_while_then_the_sum_does_not_dip():
    at_s = START_S + HOUR_S * np.array([0, 1, 2, 6, 7, 8, 9])
    silent = history(np.full(7, 5.0), at_s)
    assert set(fleet_history([silent, history(np.full(10, 5.0))], NETWORK).values) == {10.0}


def test_fleet_history_when_a_machine_comes_later_then_it_counts_from_then_on():
    later = history(np.full(4, 5.0), START_S + HOUR_S * np.arange(6, 10))
    found = fleet_history([later, history(np.full(10, 5.0))], NETWORK)
    assert list(found.values) == [5.0] * 6 + [10.0] * 4


def test_fleet_history_when_machines_have_one_point_then_they_do_not_decide_the_step():
    watched = history(np.full(10, 20.0), resource="a")
    single = [history(np.array([20.0]), resource=f"new-{n}") for n in range(9)]
    found = fleet_history([watched, *single], CPU)
    assert list(found.at_s) == list(watched.at_s)
    of_singles = [history(np.array([float(n)]), START_S + HOUR_S * np.array([n])) for n in range(9)]
    assert list(fleet_history(of_singles, CPU).values) == list(range(9))


def test_fleet_history_when_one_row_is_centuries_off_then_it_is_left_out_and_counted():
    machines = [history(np.full(10, 20.0), resource=f"vm-{n}") for n in range(5)]
    for stray_s in (0.0, 2.5e11):
        lost = history(np.array([90.0]), np.array([stray_s]), resource="lost")
        found = fleet_history([*machines, lost], CPU)
        assert list(found.values) == [20.0] * 10
        assert found.n_hosts == 5
        assert "1 row lies more than" in found.notes[0]


def test_fleet_history_when_machines_count_then_it_is_the_sum_of_their_rates_also_without_resets():
    counted = 7200.0 * np.arange(1, 41)
    again = np.where(np.arange(40) < 20, counted + 1e6, counted - counted[19])
    machines = [
        history(values, resource=name, metric="network_traffic", high=None)
        for name, values in (("again", again), ("never", counted + 5e6), ("idle", np.full(40, 9e6)))
    ]
    single = history(np.array([8e6]), resource="single", metric="network_traffic", high=None)
    found = fleet_history([*machines, single], NETWORK)
    assert found.is_rate
    assert found.values == pytest.approx(np.full(39, 4.0))
    assert any("Read as counters" in note for note in found.notes)


def test_fleet_history_when_machines_come_and_go_for_years_then_it_stays_small():
    first_s = START_S + 20 * DAY_S * np.arange(200)
    machines = [history(np.full(60, 5.0), at_s + np.arange(60.0)) for at_s in first_s]
    assert fleet_history(machines, CPU).at_s.size <= 2300


def test_fleet_history_when_nothing_was_measured_then_it_says_of_what():
    with pytest.raises(MissingDataError, match="cpu_usage"):
        fleet_history([history(np.array([np.nan]))], CPU)
