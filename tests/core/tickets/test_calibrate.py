import numpy as np
import pytest

from core.tickets.calibrate import calibration_error, cross_fitted, fit_calibrator


def drawn(n=4000, slope=3.0, offsets=(0.0, 1.0, -1.0), seed=0):
    """Return scores, and classes drawn with the probabilities that slope and offsets give."""
    rng = np.random.default_rng(seed)
    scores = rng.normal(size=(n, len(offsets)))
    p = np.exp(slope * scores + np.array(offsets))
    p /= p.sum(axis=1, keepdims=True)
    return scores, (rng.random((n, 1)) > p.cumsum(axis=1)).sum(axis=1)


def test_the_slope_and_offsets_that_made_the_classes_are_found():
    found = fit_calibrator(*drawn())
    assert found.slope == pytest.approx(3.0, rel=0.1)
    assert np.array(found.offsets) - found.offsets[0] == pytest.approx([0, 1, -1], abs=0.2)


def test_calibrated_probabilities_keep_their_promise():
    scores, y = drawn()
    raw = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    calibrated = cross_fitted(scores, y, seed=0)
    before, after = (
        calibration_error(p.max(axis=1), p.argmax(axis=1) == y) for p in (raw, calibrated)
    )
    assert before > 0.15
    assert after < 0.04


def test_few_tickets_leave_the_scores_nearly_as_they_are():
    found = fit_calibrator(np.array([[5.0, -5.0], [-5.0, 5.0]]), np.array([0, 1]))
    assert 0.5 < found.slope < 2.0


def test_tickets_filed_anywhere_do_not_make_the_model_seem_unsure_of_all():
    scores, y = drawn(slope=30.0)
    is_noise = np.random.default_rng(1).random(len(y)) < 0.1
    y[is_noise] = np.random.default_rng(2).integers(0, 3, is_noise.sum())
    p = cross_fitted(scores, y, seed=0).max(axis=1)
    # A tenth of the labels is drawn from three classes: 93 % is as sure as anything can be.
    assert np.quantile(p, 0.5) == pytest.approx(0.93, abs=0.01)
    assert fit_calibrator(scores, y).noise == pytest.approx(0.1, abs=0.02)


@pytest.mark.parametrize("n_classes", [2, 300])
def test_probabilities_sum_to_one_whatever_the_scores(n_classes):
    scores = np.zeros((10, n_classes))
    scores[0], scores[1, 0] = -1e6, 1e6
    y = np.arange(10) % n_classes
    p = fit_calibrator(scores, y).probabilities(scores)
    assert np.isfinite(p).all()
    assert p.sum(axis=1) == pytest.approx(1.0)


def test_calibration_error_of_known_answers():
    confidence = np.repeat([0.6, 0.9], 1500)
    is_right = np.concatenate([np.arange(1500) % 5 < 3, np.arange(1500) % 5 < 4])
    assert calibration_error(confidence, is_right) == pytest.approx(0.05, abs=1e-6)
