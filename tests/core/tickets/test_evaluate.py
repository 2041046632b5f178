import numpy as np
import pytest
from sklearn.metrics import accuracy_score, f1_score, precision_score, recall_score

from core.tickets.evaluate import compare, evaluate, gain

RNG = np.random.default_rng(3)
Y = RNG.integers(0, 3, 600)
P = RNG.dirichlet([1, 1, 1], 600) + 0.9 * np.eye(3)[Y]
P /= P.sum(axis=1, keepdims=True)
ANSWERS = P.argmax(axis=1)


def evaluation(y=Y, p=P, categories="abc"):
    return evaluate("m", "M", y, p, categories, seed=0)


def test_scores_are_those_of_scikit_learn():
    found = evaluation()
    assert found.accuracy.value == pytest.approx(accuracy_score(Y, ANSWERS))
    assert found.weighted_f1.value == pytest.approx(f1_score(Y, ANSWERS, average="weighted"))
    assert found.macro_f1.value == pytest.approx(f1_score(Y, ANSWERS, average="macro"))
    precisions, recalls = (
        score(Y, ANSWERS, average=None) for score in (precision_score, recall_score)
    )
    assert [c.precision for c in found.per_class] == pytest.approx(list(precisions))
    assert [c.recall for c in found.per_class] == pytest.approx(list(recalls))
    assert np.sum(found.confusion) == 600


def test_the_interval_is_that_of_resampled_tickets():
    found = evaluation().accuracy
    error = np.sqrt(found.value * (1 - found.value) / 600)
    assert found.high - found.low == pytest.approx(2 * 1.96 * error, rel=0.2)
    assert found.low < found.value < found.high


def test_a_category_that_the_model_does_not_know_counts_as_wrong():
    y = np.where(Y == 2, 3, Y)
    found = evaluation(y, P, "abcd")
    assert found.accuracy.value == pytest.approx(np.mean((ANSWERS == Y) & (Y != 2)))
    assert found.per_class[3].recall == 0.0


def test_a_category_that_does_not_occur_has_no_part_in_macro_f1():
    assert evaluation(Y, P, "abcd").macro_f1 == evaluation().macro_f1


def test_the_gain_over_a_baseline_is_paired():
    same = compare("b", "B", Y, ANSWERS, ANSWERS, 3, seed=0)
    assert same.gain.value == 0
    assert -0.01 < same.gain.low < 0 < same.gain.high < 0.01
    majority = compare("b", "B", Y, np.zeros(600, dtype=int), ANSWERS, 3, seed=0)
    assert majority.gain.low > 0
    assert majority.gain.value == pytest.approx(
        evaluation().weighted_f1.value - majority.weighted_f1.value
    )


def test_one_ticket_can_be_judged():
    found = evaluation(Y[:1], P[:1])
    assert found.accuracy.high - found.accuracy.low > 0.7


def test_few_tickets_without_a_mistake_do_not_make_a_model_perfect():
    y = np.array([0, 1, 2, 0, 1, 2])
    found = evaluation(y, np.eye(3)[y])
    for score in (found.accuracy, found.weighted_f1, found.macro_f1):
        assert (score.value, score.high) == (1, 1)
        assert 0.4 < score.low < 0.7


@pytest.mark.parametrize(("n_groups", "size", "share"), [(6, 1, 0.95), (20, 1, 0.9), (40, 10, 0.8)])
def test_the_interval_holds_what_many_tickets_would_give(n_groups, size, share):
    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(n_groups), size)
    held = []
    for _ in range(100):
        y = rng.integers(0, 3, n_groups)
        said = np.where(rng.random(n_groups) < share, y, (y + 1) % 3)
        p = np.eye(3)[said[groups]]
        found = evaluate("m", "M", y[groups], p, "abc", seed=0, groups=groups)
        held.append(found.accuracy.low <= share <= found.accuracy.high)
    assert np.mean(held) >= 0.88


def test_thirty_tickets_do_not_show_that_a_model_is_no_worse():
    y = np.arange(30) % 3
    assert gain(y, y, y, 3, seed=0).low < -0.02
    many = np.arange(600) % 3
    assert -0.02 < gain(many, many, many, 3, seed=0).low < 0
