"""How far a distribution has moved, against cases worked out by hand."""

import math

import numpy as np
import pytest

from core.drift import bin_edges, drift, in_bins


def test_psi_when_two_bins_change_places_then_it_is_the_sum_worked_out_by_hand():
    found = drift(np.array([8000, 2000]), np.array([2000, 8000]))
    assert found.psi == pytest.approx(2 * 0.6 * math.log(4), rel=1e-3)
    assert found.verdict == "great change"
    assert (found.n_before, found.n_after) == (10_000, 10_000)


def test_psi_when_shares_are_the_same_then_it_is_zero_whatever_the_number_of_rows():
    found = drift(np.array([300, 700]), np.array([30_000, 70_000]))
    assert found.psi == pytest.approx(0.0, abs=1e-5)
    assert found.verdict == "little change"


@pytest.mark.parametrize(
    ("share", "verdict"),
    [
        (0.50, "little change"),
        (0.64, "little change"),
        (0.67, "some change"),
        (0.75, "great change"),
    ],
)
def test_verdict_when_a_half_becomes_another_share_then_it_follows_the_thresholds(share, verdict):
    after = np.array([share, 1 - share]) * 100_000
    expected = (share - 0.5) * math.log(share / (1 - share))
    found = drift(np.array([50_000, 50_000]), after.astype(np.int64))
    assert found.psi == pytest.approx(expected, abs=1e-3)
    assert found.verdict == verdict


def test_verdict_when_a_bin_was_empty_before_then_there_is_a_number():
    found = drift(np.array([1000, 0]), np.array([500, 500]))
    assert found.psi is not None
    assert math.isfinite(found.psi)
    assert found.verdict == "great change"


@pytest.mark.parametrize(("n_rows", "says"), [(400, "not enough data"), (500, "little change")])
def test_verdict_when_chance_alone_could_give_it_then_there_is_not_enough_data(n_rows, says):
    counts = np.full(10, n_rows // 10)  # nine degrees of freedom: 1 % exceed 43.3 / n
    found = drift(counts, counts)
    assert found.verdict == says
    assert found.by_chance == pytest.approx(18 / n_rows)
    assert (found.psi is None) == (says == "not enough data")


@pytest.mark.parametrize("shares", [(0.5, 0.5), (0.9, 0.1), (0.6, 0.3, 0.1), [0.1] * 10])
def test_verdict_when_nothing_changed_then_hardly_any_is_an_alarm_at_any_number_of_rows(shares):
    random = np.random.default_rng(1)
    before = random.multinomial(20_000, shares)
    for n_rows in (20, 25, 45, 70, 100, 180, 220, 400):
        after = random.multinomial(n_rows, shares, size=1_000)
        alarms = [drift(before, one).verdict in ("some change", "great change") for one in after]
        assert np.mean(alarms) <= 0.03


def test_psi_when_a_bin_is_empty_in_both_then_it_does_not_count():
    before, after = np.array([5000, 5000]), np.array([60, 60])
    assert drift(np.append(before, 0), np.append(after, 0)) == drift(before, after)


def test_verdict_when_one_side_has_nothing_then_there_is_not_enough_data():
    found = drift(np.array([0, 0]), np.array([500, 500]))
    assert (found.verdict, found.psi) == ("not enough data", None)


def test_psi_when_nothing_changed_then_it_is_on_average_what_chance_gives():
    random = np.random.default_rng(5)
    before = random.normal(size=4_000)
    edges = bin_edges(before)
    scores = []
    for _ in range(200):
        counts = random.multinomial(4_000, np.full(10, 0.1), size=2)
        scores.append(drift(counts[0], counts[1]).psi)
    assert np.mean(scores) == pytest.approx(9 * 2 / 4_000, rel=0.15)
    assert edges.size == 9


def test_bins_when_values_are_numbers_to_a_hundred_then_each_has_a_tenth():
    values = np.arange(1.0, 101.0)
    edges = bin_edges(values)
    assert in_bins(values, edges).tolist() == [10] * 10
    assert in_bins(values + 1000, edges).tolist() == [0] * 9 + [100]
    assert in_bins(values - 1000, edges).tolist() == [100] + [0] * 9


def test_bins_when_most_values_are_zero_then_zero_has_a_bin_of_its_own():
    values = np.array([0.0] * 90 + [float(n) for n in range(1, 11)])
    edges = bin_edges(values)
    assert edges[0] == 0.0
    assert in_bins(values, edges)[0] == 90


def test_bins_when_values_are_missing_then_those_do_not_count():
    values = np.array([np.nan, 1.0, 2.0, np.inf])
    assert in_bins(values, bin_edges(values)).sum() == 2
    assert bin_edges(np.array([np.nan])).size == 0
    assert in_bins(values, np.empty(0)).tolist() == [2]
