"""What every candidate ticket model keeps to, those that are there and any that is added."""

import pickle

import numpy as np
import pytest

from core.tickets.calibrate import cross_fitted
from core.tickets.candidate import class_scores
from core.tickets.evaluate import baseline_answers, compare, evaluate
from core.tickets.features import Inputs, columns_of, inputs_of
from core.tickets.preprocess import Encoder
from core.tickets.registry import candidate_names, create_candidate
from core.tickets.trial import fitted
from tests.core.tickets.some_tickets import some_tickets

FRAME = some_tickets(240)
CATEGORIES, Y = np.unique(FRAME.ticket_category.to_numpy(dtype=str), return_inverse=True)
INPUTS = inputs_of(FRAME, columns_of(FRAME))
ENCODER, _, MATRIX = Encoder.fit(INPUTS.rows(np.arange(160)))
TEST = ENCODER.matrix(INPUTS.rows(np.arange(160, 240)))
ODD = [
    "",
    "日本語 🙂",
    "<script>alert(1)</script>",
    "\x00\ud800",
    "nothing known here",
    "psu " * 50_000,
]

every_candidate = pytest.mark.parametrize("name", candidate_names())
_known = {}


def fit(name, seed=1):
    matrix, y = MATRIX.copy(), Y[:160].copy()
    estimator, _ = fitted(create_candidate(name), matrix, y, 4, seed, is_literal=False)
    assert (matrix != MATRIX).nnz == 0
    assert np.array_equal(y, Y[:160])
    return estimator


def known(name):
    """Return the candidate, fitted once for all tests."""
    if name not in _known:
        _known[name] = fit(name)
    return _known[name]


def test_the_candidates_of_the_issue_are_there():
    names = {"linear_svm", "logistic", "random_forest", "xgboost"}
    assert names <= set(candidate_names())


@every_candidate
def test_it_says_what_it_is_and_where_it_comes_from(name):
    candidate = create_candidate(name)
    assert candidate.name == name
    assert candidate.title
    assert candidate.cost > 0
    assert "References\n" in type(candidate).__doc__


@every_candidate
def test_probabilities_sum_to_one(name):
    p = cross_fitted(class_scores(known(name), TEST), Y[160:], seed=0)
    assert p.shape == (80, 4)
    assert p.sum(axis=1) == pytest.approx(1.0)
    assert (p >= 0).all()


@every_candidate
def test_the_same_seed_gives_the_same_scores(name):
    again = class_scores(fit(name), TEST)
    assert np.array_equal(again, class_scores(known(name), TEST))


@every_candidate
def test_a_ticket_scores_alike_alone_and_among_others(name):
    alone = np.vstack([class_scores(known(name), TEST[i]) for i in range(5)])
    assert np.allclose(alone, class_scores(known(name), TEST)[:5], atol=1e-5)


@every_candidate
def test_empty_odd_and_unknown_tickets_get_finite_scores(name):
    odd = Inputs.of_texts(ODD, INPUTS.columns)
    odd.words[:, 0] = "never seen"
    odd.numbers[3, 0] = 1e30
    scores = class_scores(known(name), ENCODER.matrix(odd))
    assert scores.shape == (len(ODD), 4)
    assert np.isfinite(scores).all()


@every_candidate
def test_a_saved_model_gives_the_same_scores(name):
    again = pickle.loads(pickle.dumps(known(name)))  # noqa: S301 - pickled in this line
    assert np.array_equal(class_scores(again, TEST), class_scores(known(name), TEST))


@every_candidate
def test_it_beats_the_baselines_or_is_as_good_beyond_the_majority(name):
    p = cross_fitted(class_scores(known(name), TEST), Y[160:], seed=0)
    start = ENCODER.n_before_text
    title, majority = baseline_answers(Y[:160], MATRIX[:, start:], TEST[:, start:])["majority"]
    over = compare("majority", title, Y[160:], majority, p.argmax(axis=1), 4, seed=0)
    assert over.gain.low > 0.2
    assert evaluate(name, name, Y[160:], p, CATEGORIES, seed=0).accuracy.value > 0.7


@every_candidate
def test_two_categories_are_enough(name):
    y = (Y[:160] == 0).astype(int)
    estimator = create_candidate(name).build(1, n_classes=2).fit(MATRIX, y)
    scores = class_scores(estimator, TEST)
    assert scores.shape == (80, 2)
    assert np.mean(scores.argmax(axis=1) == (Y[160:] == 0)) > 0.8
    words = create_candidate(name).contributions(estimator, TEST[0], usual(), 1)
    assert words.shape == (MATRIX.shape[1],)


def usual():
    return ENCODER.matrix(Inputs.of_texts([""], INPUTS.columns))


@every_candidate
def test_the_words_and_numbers_of_a_category_speak_for_it(name):
    ticket = Inputs.of_texts(["slow busy load stuck process cpu"], INPUTS.columns)
    ticket.numbers[0, INPUTS.columns.numeric.index("cpu_usage")] = 97.0
    k = CATEGORIES.tolist().index("Performance-CPU")
    row = ENCODER.matrix(ticket)
    weights = create_candidate(name).contributions(known(name), row, usual(), k)
    assert weights.shape == (MATRIX.shape[1],)
    words = {
        ENCODER.terms[i - ENCODER.n_before_text]: weights[i]
        for i in row.indices[row.indices >= ENCODER.n_before_text]
    }
    telling = weights[INPUTS.columns.numeric.index("cpu_usage")] + sum(words.values())
    assert telling > 0
    other = create_candidate(name).contributions(known(name), row, usual(), (k + 1) % 4)
    assert other.sum() < weights.sum()


@every_candidate
def test_importances_are_shares_of_all_columns(name):
    found = create_candidate(name).importances(known(name), np.ones(MATRIX.shape[1]))
    assert found.shape == (MATRIX.shape[1],)
    assert (found >= 0).all()
    assert found.sum() > 0


@every_candidate
def test_the_literal_settings_build_another_estimator(name):
    candidate = create_candidate(name)
    shipped, literal = (candidate.build(1, literal=flag, n_classes=4) for flag in (False, True))
    assert repr(shipped) != repr(literal)
