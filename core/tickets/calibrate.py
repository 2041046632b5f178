"""From a model's scores to probabilities that mean what they say."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.tickets.candidate import FloatArray

__all__ = ["Calibrator", "calibration_error", "cross_fitted", "fit_calibrator"]

IntArray = npt.NDArray[np.int64]

_FOLDS = 5
_BINS = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibrator:
    """Probabilities are softmax(slope * score + offset of the class).

    One slope for all classes, so that a rare one is not judged by its few tickets alone; the
    offsets undo what balanced class weights did to the shares of the classes.

    References
    ----------
    Guo, Pleiss, Sun, Weinberger: On Calibration of Modern Neural Networks. ICML 2017,
    arXiv:1706.04599 (temperature and vector scaling).
    """

    slope: float
    offsets: tuple[float, ...]

    def probabilities(self, scores: FloatArray) -> FloatArray:
        """Return probabilities of shape (n, n_classes) for scores of that shape."""
        return np.exp(_log_softmax(self.slope * scores + np.array(self.offsets)))


def fit_calibrator(scores: FloatArray, y: IntArray) -> Calibrator:
    """Return the calibrator that makes the classes `y` of unseen tickets most likely.

    Parameters
    ----------
    scores : ndarray of shape (n, n_classes)
        Scores of tickets that the model was not trained on.
    y : ndarray of shape (n,)
        The position of each ticket's class.
    """
    from scipy.optimize import minimize

    n, n_classes = scores.shape
    rows = np.arange(n)

    def loss(parameters: FloatArray) -> tuple[float, FloatArray]:
        slope, offsets = np.exp(parameters[0]), parameters[1:]
        log_p = _log_softmax(slope * scores + offsets)
        error = np.exp(log_p)
        error[rows, y] -= 1.0
        gradient = np.concatenate([[slope * np.sum(error * scores)], error.sum(axis=0)])
        # Worth about one ticket: with few tickets the scores stay as they are.
        value = -log_p[rows, y].sum() + 0.5 * np.sum(parameters**2)
        return float(value), gradient + parameters

    found = minimize(loss, np.zeros(n_classes + 1), jac=True, method="L-BFGS-B").x
    return Calibrator(slope=float(np.exp(found[0])), offsets=tuple(found[1:].tolist()))


def cross_fitted(scores: FloatArray, y: IntArray, seed: int) -> FloatArray:
    """Return calibrated probabilities of tickets, none of which its own calibrator has seen."""
    order = np.random.default_rng(seed).permutation(len(y))
    folds = np.array_split(order, min(_FOLDS, len(y)))
    probabilities = np.empty_like(scores)
    for fold in folds:
        others = np.setdiff1d(order, fold)
        calibrator = fit_calibrator(scores[others], y[others])
        probabilities[fold] = calibrator.probabilities(scores[fold])
    return probabilities


def calibration_error(confidence: FloatArray, is_right: npt.NDArray[np.bool_]) -> float:
    """Return how far confidence and share of right answers lie apart, 0-1, over equal bins.

    References
    ----------
    Naeini, Cooper, Hauskrecht: Obtaining Well Calibrated Probabilities Using Bayesian Binning.
    AAAI 2015 (expected calibration error).
    """
    order = np.argsort(confidence)
    parts = [part for part in np.array_split(order, _BINS) if len(part)]
    gaps = [abs(confidence[part].mean() - is_right[part].mean()) * len(part) for part in parts]
    return float(sum(gaps) / len(order))


def _log_softmax(scores: FloatArray) -> FloatArray:
    shifted = scores - scores.max(axis=1, keepdims=True)
    normalised: FloatArray = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return normalised
