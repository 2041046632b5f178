import numpy as np
import pytest
from sklearn.metrics import accuracy_score, f1_score, precision_score, recall_score

from core.tickets.evaluate import compare, evaluate

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
    assert (same.gain.low, same.gain.value, same.gain.high) == (0, 0, 0)
    majority = compare("b", "B", Y, np.zeros(600, dtype=int), ANSWERS, 3, seed=0)
    assert majority.gain.low > 0
    assert majority.gain.value == pytest.approx(
        evaluation().weighted_f1.value - majority.weighted_f1.value
    )


def test_one_ticket_can_be_judged():
    found = evaluation(Y[:1], P[:1])
    assert found.accuracy.low == found.accuracy.high == found.accuracy.value
