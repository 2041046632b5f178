"""A learnt detector: it goes through the rows in batches and keeps the most unusual."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from core.dataset.anomalies.features import Features
from core.dataset.anomalies.folds import Folds
from core.dataset.anomalies.reasons import causes_of, sentence_of
from core.dataset.anomalies.results import Anomalies, Anomaly, Cause, Detection, Progress
from core.dataset.anomalies.rows import Rows, batches
from core.dataset.overview.filters import NOT_GIVEN, Filters
from core.dataset.overview.fleet import Fleet
from core.dataset.overview.reasons import empty_reason
from core.dataset.overview.results import IntArray
from core.dataset.overview.summary import moment_at
from core.dataset.schema import TASK_NAMES
from core.metrics import FloatArray

__all__ = ["Detector", "Models", "threshold_of"]

_MOST_ROWS = 200
_MARKED = "Marked as an anomaly in the data; its measurements do not tell why."


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Models:
    """Models of `anomaly_status`, the n-th of which has not learnt from the n-th of `folds`."""

    fits: tuple[Any, ...]
    folds: Folds

    def probabilities(self, features: Features, rows: Rows) -> FloatArray:
        """Return how probable it is that rows are anomalies (0-1), shape (n,)."""
        from threadpoolctl import threadpool_limits

        X, part = features.matrix(rows), self.folds.of(rows)
        said = np.zeros(len(rows))
        # One thread, for the reason that holds for the fit.
        with threadpool_limits(limits=1, user_api="openmp"):
            for n, model in enumerate(self.fits):
                own = part == n
                if own.any():
                    said[own] = model.predict_proba(X[own])[:, 1]
        return said


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Detector:
    """Finds anomalies in the version of the dataset that it has learnt from.

    `features` is None where there is no signal, `models` where nothing was learnt from labels.
    A row is an anomaly from `threshold` on, or where it is marked as one; `spread` holds the scores
    of a sample of rows in rising order.
    """

    detection: Detection
    features: Features | None
    models: Models | None
    threshold: float
    spread: FloatArray

    def find(
        self, fleet: Fleet, filters: Filters, progress: Progress, *, limit: int = _MOST_ROWS
    ) -> Anomalies:
        """Return the most unusual of the rows that count, newest first.

        Where there is no signal these are the newest of the rows marked as anomalies, without a
        probability and without causes. Memory does not grow with the rows.

        Parameters
        ----------
        fleet : Fleet
            The version that was learnt from.
        filters : Filters
        progress : callable
            Told how much is done (0-1) before each batch; what it raises ends the work.
        limit : int
            How many anomalies are returned at most.

        Raises
        ------
        DataError
            The dataset cannot be read.
        """
        condition = filters.condition()
        n_rows = fleet.engine.rows(
            f"SELECT count(*) FROM fleet WHERE {condition.sql}",  # noqa: S608 - see Filters
            condition.parameters,
        )[0][0]
        best = _Best(limit)
        n_done = 0
        progress(0.0)
        for rows in batches(fleet.engine, condition):
            scores = self._score(rows)
            is_anomaly = (scores >= self.threshold) | (rows.label == 1)
            best.add(rows.where(is_anomaly), scores[is_anomaly])
            n_done += len(rows)
            progress(n_done / n_rows)
        listed: tuple[Anomaly, ...] = ()
        if best.rows is not None and len(best.rows):
            listed = self._listed(best.rows, is_demo=fleet.dataset.report.is_demo)
        why = None if listed else self._why_none(fleet, filters, n_rows)
        return Anomalies(rows=listed, n_rows=n_rows, n_found=best.n_added, empty_reason=why)

    def _score(self, rows: Rows) -> FloatArray:
        """Return how unusual rows are, shape (n,): a probability, or a distance."""
        if self.features is None:
            return np.zeros(len(rows))
        if self.models is None:
            return self.features.distance(rows)
        return self.models.probabilities(self.features, rows)

    def _listed(self, rows: Rows, *, is_demo: bool) -> tuple[Anomaly, ...]:
        rows = rows.where(np.lexsort((rows.number, _newest_first(rows))))
        scores = self._score(rows)
        causes: list[tuple[Cause, ...]] = [()] * len(rows)
        if self.features is not None:
            causes = causes_of(rows, self.features, self._score, is_demo=is_demo)
        below = np.searchsorted(self.spread, scores) / max(self.spread.size, 1)
        return tuple(
            self._described(rows, n, float(scores[n]), float(below[n]), causes[n])
            for n in range(len(rows))
        )

    def _described(
        self, rows: Rows, n: int, score: float, below: float, causes: tuple[Cause, ...]
    ) -> Anomaly:
        vm_id, task_type, priority, status = (
            getattr(rows, name)[n].as_py() or NOT_GIVEN for name in ("vm_id", *TASK_NAMES)
        )
        unmarked = score >= self.threshold
        return Anomaly(
            at=None if np.isnat(rows.at[n]) else moment_at(int(rows.at[n].astype(np.int64))),
            vm_id=vm_id,
            task_type=task_type,
            task_priority=priority,
            task_status=status,
            labelled=None if rows.label[n] < 0 else bool(rows.label[n]),
            probability=None if self.models is None else score,
            less_unusual=None if self.features is None else below,
            causes=causes,
            sentence=sentence_of(causes) if causes or unmarked else _MARKED,
        )

    def _why_none(self, fleet: Fleet, filters: Filters, n_rows: int) -> str:
        if not n_rows:
            return empty_reason(fleet.dataset.report, filters, 0, ())
        if not self.detection.has_signal:
            return self.detection.sentence
        return f"None of the {n_rows:,} rows is unusual enough to be called an anomaly."


def threshold_of(distances: FloatArray) -> float:
    """Return from which distance on a row is far out: the third quartile and three times the range
    between the quartiles.

    Source: Tukey, Exploratory data analysis, 1977 (the outer fence).
    """
    first, third = np.percentile(distances, [25, 75])
    return float(third + 3 * (third - first))


class _Best:
    """The rows of highest score among those added, of equal ones the newest."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._scores = np.empty(0)
        self.rows: Rows | None = None
        self.n_added = 0

    def add(self, rows: Rows, scores: FloatArray) -> None:
        """Let rows take part."""
        self.n_added += len(rows)
        if self.rows is not None:
            rows = Rows.joined([self.rows, rows])
        scores = np.concatenate([self._scores, scores])
        order = np.lexsort((rows.number, _newest_first(rows), -scores))[: self._limit]
        self.rows, self._scores = rows.where(order), scores[order]


def _newest_first(rows: Rows) -> IntArray:
    """Return keys that sort the newest row first and rows without a time last."""
    micros = rows.at.astype(np.int64)
    return np.where(np.isnat(rows.at), np.iinfo(np.int64).max, -micros)
