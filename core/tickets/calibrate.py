"""From a model's scores to probabilities that mean what they say."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.tickets.candidate import FloatArray

__all__ = ["Calibrator", "calibration_error", "cross_fitted", "fit_calibrator"]

IntArray = npt.NDArray[np.int64]

# Log-odds: a share of 5 %, where nothing says otherwise.
_USUAL_NOISE = -3.0
_FOLDS = 5
_BINS = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibrator:
    """Probabilities are (1 - noise) * softmax(slope * score + offset of the class), plus the rest.

    One slope for all classes, so that a rare one is not judged by its few tickets alone; the
    offsets undo what balanced class weights did to the shares of the classes. `noise` is the share
    of tickets that were filed anywhere: it goes to all classes alike. Without it a few tickets with
    a wrong label, of which any good model is sure, would make it seem unsure of all.

    References
    ----------
    Guo, Pleiss, Sun, Weinberger: On Calibration of Modern Neural Networks. ICML 2017,
    arXiv:1706.04599 (temperature and vector scaling). Noise: Sukhbaatar et al.: Training
    Convolutional Networks with Noisy Labels. 2014, arXiv:1406.2080, with one rate for all classes.
    """

    slope: float
    offsets: tuple[float, ...]
    noise: float

    def probabilities(self, scores: FloatArray) -> FloatArray:
        """Return probabilities of shape (n, n_classes) for scores of that shape."""
        sure = _softmax(self.slope * scores + np.array(self.offsets, dtype=np.float64))
        probabilities: FloatArray = (1.0 - self.noise) * sure + self.noise / scores.shape[1]
        return probabilities


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
    from threadpoolctl import threadpool_limits

    n, n_classes = scores.shape
    rows = np.arange(n)

    def loss(parameters: FloatArray) -> tuple[float, FloatArray]:
        slope, offsets, noise = _unpacked(parameters)
        sure = _softmax(slope * scores + offsets)
        of_class = (1.0 - noise) * sure[rows, y]
        p = of_class + noise / n_classes
        # How much of each ticket's probability is not noise: that much it says about the rest.
        told = of_class / p
        error = sure * told[:, None]
        error[rows, y] -= told
        by_noise = noise * np.sum((of_class - (1.0 - noise) / n_classes) / p)
        gradient = np.concatenate([[slope * np.sum(error * scores)], error.sum(axis=0), [by_noise]])
        # Worth about one ticket: with few tickets the scores stay as they are.
        away = parameters - start
        return float(0.5 * np.sum(away**2) - np.log(p).sum()), gradient + away

    start = np.zeros(n_classes + 2)
    start[-1] = _USUAL_NOISE
    # A handful of numbers: threads of the linear algebra would wait for each other, ten times over.
    with threadpool_limits(limits=1):
        found = minimize(loss, start, jac=True, method="L-BFGS-B").x
    slope, offsets, noise = _unpacked(found)
    return Calibrator(slope=slope, offsets=tuple(offsets.tolist()), noise=noise)


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


def _unpacked(parameters: FloatArray) -> tuple[float, FloatArray, float]:
    """Return slope, offsets and noise from numbers that have no bounds."""
    noise = 1.0 / (1.0 + np.exp(-parameters[-1]))
    return float(np.exp(parameters[0])), parameters[1:-1], float(noise)


def _softmax(scores: FloatArray) -> FloatArray:
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    normalised: FloatArray = shifted / shifted.sum(axis=1, keepdims=True)
    return normalised
