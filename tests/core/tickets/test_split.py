import numpy as np
import pytest

from core.tickets.split import split_tickets

DAYS = np.datetime64("2025-01-01", "us") + np.arange(100) * np.timedelta64(86_400_000_000, "us")


def alone(n):
    return np.arange(n)


def test_a_fifth_of_each_category_is_drawn_without_time():
    y = np.repeat([0, 1, 2], [50, 30, 20])
    split = split_tickets(y, alone(100), None, seed=1)
    assert split.kind == "random"
    assert np.bincount(y[split.test]).tolist() == [10, 6, 4]
    assert sorted([*split.train, *split.test]) == list(range(100))


@pytest.mark.parametrize("seed", range(5))
def test_a_group_is_on_one_side(seed):
    y = np.zeros(100, dtype=int)
    y[1::2] = 1
    groups = np.arange(100) // 4
    split = split_tickets(y, groups, None, seed)
    assert not set(groups[split.train]) & set(groups[split.test])
    assert 12 <= len(split.test) <= 28


def test_the_same_seed_draws_the_same_test():
    y = np.arange(100) % 3
    first, again, other = (split_tickets(y, alone(100), None, seed) for seed in (4, 4, 5))
    assert first.test.tolist() == again.test.tolist() != other.test.tolist()


def test_the_newest_fifth_is_the_test_where_there_is_time():
    shuffled = np.random.default_rng(0).permutation(100)
    split = split_tickets(np.arange(100) % 2, alone(100), DAYS[shuffled], seed=0)
    assert split.kind == "newest"
    assert sorted(shuffled[split.test]) == list(range(80, 100))
    assert sorted(shuffled[split.train]) == list(range(80))


def test_a_newer_copy_of_an_older_ticket_is_set_aside():
    groups = alone(100)
    groups[90] = groups[3]
    split = split_tickets(np.arange(100) % 2, groups, DAYS, seed=0)
    assert split.set_aside.tolist() == [90]
    assert 90 not in split.train
    assert 90 not in split.test


def test_tickets_without_a_moment_are_set_aside():
    moments = DAYS.copy()
    moments[[5, 95]] = np.datetime64("NaT")
    split = split_tickets(np.arange(100) % 2, alone(100), moments, seed=0)
    assert split.set_aside.tolist() == [5, 95]


@pytest.mark.parametrize(
    "moments", [np.full(100, DAYS[0]), np.full(100, np.datetime64("NaT", "us"))]
)
def test_time_that_does_not_pass_is_no_time(moments):
    assert split_tickets(np.arange(100) % 2, alone(100), moments, seed=0).kind == "random"


def test_a_category_of_the_newest_tickets_only_is_learnt_not_tested():
    y = np.zeros(100, dtype=int)
    y[10], y[95:] = 1, 2
    split = split_tickets(y, alone(100), DAYS, seed=0)
    assert 2 not in y[split.test]
    assert np.sum(y[split.train] == 2) == 5
    assert len(split.test) == 15


def test_a_category_with_a_ticket_or_two_is_learnt_not_tested():
    y = np.repeat([0, 1, 2], [60, 38, 2])
    split = split_tickets(y, alone(100), None, seed=0)
    assert 2 not in y[split.test]
    assert 98 in split.train
    assert 99 in split.train


def test_a_form_that_most_tickets_fill_in_does_not_prevent_a_test():
    split = split_tickets(np.arange(100) % 2, np.zeros(100, dtype=int), None, seed=0)
    assert len(split.test) == 20
