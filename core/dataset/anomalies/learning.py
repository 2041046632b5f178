"""How a detector is learnt from a bounded sample, and how it is found out what it is worth."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from core.dataset.anomalies.detector import Detector, Models, threshold_of
from core.dataset.anomalies.evaluation import evaluated
from core.dataset.anomalies.features import learn_features
from core.dataset.anomalies.folds import Folds, folds_for
from core.dataset.anomalies.results import Detection, DetectionScore, Progress
from core.dataset.anomalies.rows import N_FOLDS, BoolArray, Rows, sample
from core.dataset.overview.fleet import Fleet
from core.dataset.report import DatasetReport, SignalFinding
from core.metrics import FloatArray

__all__ = ["learn"]

# What is usual needs some dozens of rows of each VM, of which there may be thousands; a model has
# learnt what it can from fewer.
_SAMPLE_ROWS = 300_000
_MODEL_ROWS = 60_000
_FEWEST_ANOMALIES = 30
_FEWEST_NORMAL = 100
# By how much the average precision must exceed that of chance, with 97.5 % confidence: where the
# import has seen that labels can be told, and where it has not (it looks at single columns).
_ABOVE_CHANCE, _FAR_ABOVE_CHANCE = 1.1, 2.0
_SEED = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Steps:
    """Announces how much is done: the share of the sample, then of the fits."""

    progress: Progress
    sample_share: float = 0.3

    def sampled(self, fraction: float) -> None:
        self.progress(min(fraction, 1.0) * self.sample_share)

    def fitted(self, fraction: float) -> None:
        self.progress(self.sample_share + (1 - self.sample_share) * fraction)


def learn(fleet: Fleet, progress: Progress) -> Detector:
    """Return a detector for this version of the dataset.

    Where `anomaly_status` is given it is a model of it: gradient-boosted trees on the measurements,
    their deviations from what is usual for the VM or the task, the hour and the task; each row is
    judged by a model that has not seen its VM. Where it is not given, or hardly ever 1, rows are
    judged by the distance of their measurements from what is usual, taken together. What the import
    has found to be random numbers (`DatasetReport.signal`) is not learnt from.

    Parameters
    ----------
    fleet : Fleet
    progress : callable
        Told how much is done (0-1) before each step; what it raises ends the work.

    Raises
    ------
    DataError
        The dataset cannot be read.

    Notes
    -----
    Measured on generated demo data (20,000 and 60,000 rows, 7 % anomalies), as average precision.
    Without labels: the distance 0.76, the largest deviation of one measurement 0.69-0.71, an
    isolation forest on the deviations 0.65, and on the measurements as they are 0.30-0.34. With
    labels, on later rows of other VMs (20,000 rows): trees on all features 0.80, on the
    measurements as they are 0.43, the distance alone 0.77.
    """
    report = fleet.dataset.report
    counted = (
        "SELECT count(*), count(anomaly_status), count(*) FILTER (anomaly_status = 1) FROM fleet"
    )
    n_rows, n_judged, n_anomalies = fleet.engine.rows(counted)[0]
    telemetry, labels = (_finding(report, about) for about in ("telemetry", "anomaly_status"))
    has_labels = n_anomalies >= _FEWEST_ANOMALIES and n_judged - n_anomalies >= _FEWEST_NORMAL
    if telemetry is None:
        return _nothing("The dataset has no measurements in which anomalies could be found.")
    steps = _Steps(progress=progress)
    if has_labels and any(
        found is not None and found.verdict != "no signal" for found in (telemetry, labels)
    ):
        own, normal = _sampled(fleet, n_rows, steps, judged_only=True)
        learnt = _from_labels(own, normal, labels, report.vm_count or 0, steps)
        if learnt is not None:
            return learnt
        if telemetry.verdict == "signal":
            return _from_deviations(own, normal, _too_few(n_anomalies), steps)
    elif not has_labels and telemetry.verdict == "signal":
        own, normal = _sampled(fleet, n_rows, steps, judged_only=False)
        if len(normal) < _FEWEST_NORMAL:
            return _nothing(
                f"Only {len(normal):,} rows are not marked as anomalies: too few to tell what is "
                "usual."
            )
        return _from_deviations(own, normal, _why_unlearnt(n_judged, n_anomalies), steps)
    about_labels = f"{labels.sentence} " if has_labels and labels is not None else ""
    return _nothing(about_labels + telemetry.sentence)


def _finding(report: DatasetReport, about: str) -> SignalFinding | None:
    """Return what the import found out about a column by the telemetry (which comes first)."""
    return next((found for found in report.signal if found.about == about), None)


def _nothing(sentence: str, rows_learnt: int = 0, score: DetectionScore | None = None) -> Detector:
    return Detector(
        detection=Detection(
            method="none",
            has_signal=False,
            sentence=sentence,
            rows_learnt=rows_learnt,
            score=score,
        ),
        features=None,
        models=None,
        threshold=np.inf,
        spread=np.empty(0),
    )


def _sampled(fleet: Fleet, n_rows: int, steps: _Steps, *, judged_only: bool) -> tuple[Rows, Rows]:
    """Return the rows to learn a model from, and those that tell what is usual: the even sample
    without what is marked as an anomaly.
    """
    parts, n_read = [], 0
    steps.sampled(0.0)
    for part in sample(fleet.engine, n_rows, _SAMPLE_ROWS):
        parts.append(part)
        n_read += len(part)
        steps.sampled(n_read / min(n_rows, _SAMPLE_ROWS))
    rows = Rows.joined(parts)
    parts.clear()  # as large as what was made of them
    return _drawn(rows, (rows.label >= 0) | (not judged_only)), rows.where(rows.label != 1)


def _why_unlearnt(n_judged: int, n_anomalies: int) -> str:
    """Return why the marks of so few rows of one kind are not learnt from."""
    if not n_judged:
        return "The rows are not marked as anomalies or normal"
    if not n_anomalies:
        return (
            f"No row is marked as an anomaly in anomaly_status, {n_judged:,} are marked as normal"
        )
    if n_anomalies >= _FEWEST_ANOMALIES:
        return f"The {n_judged - n_anomalies:,} rows marked as normal are too few to learn from"
    return _too_few(n_anomalies)


def _too_few(n_anomalies: int) -> str:
    return (
        f"The {n_anomalies:,} rows marked in anomaly_status are too few to learn from, or too much "
        "of one time"
    )


def _from_deviations(own: Rows, normal: Rows, reason: str, steps: _Steps) -> Detector:
    features = learn_features(normal)
    distances = features.distance(own)
    steps.fitted(1.0)
    return Detector(
        detection=Detection(
            method="deviation from what is usual",
            has_signal=True,
            sentence=f"{reason}: rows are judged by how far their measurements, taken together, "
            "lie from what is usual for their VM or task. How many of them are real trouble is "
            "not known.",
            rows_learnt=len(normal),
            score=None,
        ),
        features=features,
        models=None,
        threshold=threshold_of(distances),
        spread=np.sort(distances),
    )


def _from_labels(
    own: Rows, normal: Rows, labels: SignalFinding | None, n_vms: int, steps: _Steps
) -> Detector | None:
    """Return a detector learnt from labels; None where they are too few, or all of one time."""
    folds = folds_for(own, n_vms)
    steps.fitted(0.0)
    score = _evaluation(normal, own, folds, steps)
    if score is None:
        return None
    if not _is_beyond_chance(score, labels):
        return _nothing(
            f"anomaly_status cannot be told from the measurements ({_measured(score)}): "
            "no causes are given.",
            len(own),
            score,
        )
    features = learn_features(normal)
    X, part = features.matrix(own), folds.of(own)
    fits = []
    for n in range(N_FOLDS):
        steps.fitted(0.5 + n / N_FOLDS / 2)
        fits.append(_fitted(X[part != n], own.label[part != n]))
    models = Models(fits=tuple(fits), folds=folds)
    said = models.probabilities(features, own)
    steps.fitted(1.0)
    return Detector(
        detection=Detection(
            method="learnt from anomaly_status",
            has_signal=True,
            sentence=f"Learnt from anomaly_status in {len(own):,} rows: {_measured(score)}.",
            rows_learnt=len(own),
            score=score,
        ),
        features=features,
        models=models,
        threshold=0.5,
        spread=np.sort(said),
    )


def _drawn(rows: Rows, candidates: BoolArray) -> Rows:
    """Return the candidates, or as many of them as a model needs, in their order."""
    order = np.flatnonzero(candidates)
    order = order[np.argsort(rows.number[order])]
    if order.size > _MODEL_ROWS:
        random = np.random.default_rng(_SEED)
        order = order[np.sort(random.choice(order.size, _MODEL_ROWS, replace=False))]
    return rows.where(order)


def _evaluation(normal: Rows, own: Rows, folds: Folds, steps: _Steps) -> DetectionScore | None:
    """Return how well later ones of the own rows are told, in VMs not learnt from.

    None where there are too few. What is usual is learnt from the earlier ones of the normal rows.
    """
    past = normal.where(folds.past(normal))
    if not len(past):
        return None
    features = learn_features(past)
    X = features.matrix(own)
    said = np.full(len(own), np.nan)
    for n, (learnt, asked) in enumerate(folds.evaluations(own)):
        steps.fitted(n / N_FOLDS / 2)
        if not asked.any():
            continue
        if len(set(own.label[learnt].tolist())) < 2:
            return None
        said[asked] = _fitted(X[learnt], own.label[learnt]).predict_proba(X[asked])[:, 1]
    asked = ~np.isnan(said)
    is_anomaly = own.label[asked] == 1
    if min(is_anomaly.sum(), (~is_anomaly).sum()) < _FEWEST_ANOMALIES // N_FOLDS:
        return None
    return evaluated(
        said[asked],
        features.largest_deviation(own)[asked],
        is_anomaly,
        folds.clusters(own.where(asked)),
        folds.split,
    )


def _fitted(X: FloatArray, label: Any) -> Any:
    """Return a fitted model: small trees, since anomalies are rare and labels are never clean."""
    from sklearn.ensemble import HistGradientBoostingClassifier
    from threadpoolctl import threadpool_limits

    model = HistGradientBoostingClassifier(
        max_iter=80,
        learning_rate=0.08,
        max_leaf_nodes=8,
        min_samples_leaf=30,
        l2_regularization=1.0,
        early_stopping=False,
        random_state=_SEED,
    )
    # The library finds no bins in a column without a value; a constant one is as silent.
    X = np.where(np.isnan(X).all(axis=0), 0.0, X)
    # Beside a busy app two threads that wait for one another take several times as long as one.
    with threadpool_limits(limits=1, user_api="openmp"):
        return model.fit(X, label)


def _is_beyond_chance(score: DetectionScore, labels: SignalFinding | None) -> bool:
    seen = labels is not None and labels.verdict == "signal"
    factor = _ABOVE_CHANCE if seen else _FAR_ABOVE_CHANCE
    return score.average_precision_interval[0] > factor * score.share


def _measured(score: DetectionScore) -> str:
    low, high = score.average_precision_interval
    better = "" if score.beats_baseline else ", which is no worse"
    return (
        f"average precision {score.average_precision:.2f} (95 % interval {low:.2f}-{high:.2f}) on "
        f"{score.rows:,} rows not learnt from ({score.split}), {score.anomalies:,} of them "
        f"anomalies; chance is {score.share:.2f}, the largest deviation alone reaches "
        f"{score.baseline_average_precision:.2f}{better}"
    )
