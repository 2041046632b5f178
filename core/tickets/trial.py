"""Candidates side by side: fitted on the same tickets, judged on the same held-out ones."""

import io
import statistics
import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from core.tickets.calibrate import cross_fitted
from core.tickets.candidate import Candidate, FloatArray, class_scores
from core.tickets.evaluate import baseline_answers, evaluate
from core.tickets.features import Inputs
from core.tickets.permutation import PermutationDrop, permutation_drops
from core.tickets.preprocess import Encoder
from core.tickets.report import Evaluation
from core.tickets.split import Split

__all__ = ["Trial", "Tried", "fitted"]

IntArray = npt.NDArray[np.int64]

_SINGLE_TICKETS = 15
# Below this many values in the matrix, waiting for each other costs threads more than they save;
# so it does for the answer to a single ticket.
_FEWEST_FOR_THREADS = 500_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tried:
    """A candidate on the held-out tickets: its scores, and its cross-fitted probabilities."""

    candidate: Candidate
    estimator: Any
    evaluation: Evaluation
    scores: FloatArray
    probabilities: FloatArray
    notes: tuple[str, ...]

    @property
    def answers(self) -> IntArray:
        """The position of each ticket's most likely category."""
        answers: IntArray = self.probabilities.argmax(axis=1)
        return answers


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trial:
    """One split of the tickets, encoded once for all candidates.

    `test_groups` are the groups of near-duplicates of the held-out ones; `encode_s` is what one of
    them takes from text to matrix, in a batch.
    """

    categories: tuple[str, ...]
    seed: int
    is_literal: bool
    encoder: Encoder
    train: Any
    y_train: IntArray
    test_inputs: Inputs
    test: Any
    y_test: IntArray
    test_groups: IntArray
    encode_s: float

    @classmethod
    def of(
        cls,
        inputs: Inputs,
        y: IntArray,
        groups: IntArray,
        split: Split,
        categories: Sequence[str],
        seed: int,
        *,
        is_literal: bool,
    ) -> Self:
        """Return the trial of these tickets; SchemaError where their texts share no word."""
        encoder, _, train = Encoder.fit(inputs.rows(split.train), literal=is_literal)
        test_inputs = inputs.rows(split.test)
        started = time.perf_counter()
        test = encoder.matrix(test_inputs, literal=is_literal)
        return cls(
            categories=tuple(categories),
            seed=seed,
            is_literal=is_literal,
            encoder=encoder,
            train=train,
            y_train=y[split.train],
            test_inputs=test_inputs,
            test=test,
            y_test=y[split.test],
            test_groups=groups[split.test],
            encode_s=(time.perf_counter() - started) / len(split.test),
        )

    def run(self, candidate: Candidate) -> Tried:
        """Return how the candidate does; ImportError where its library is not installed."""
        started = time.perf_counter()
        estimator, notes = fitted(
            candidate, self.train, self.y_train, len(self.categories), self.seed, self.is_literal
        )
        training_s = time.perf_counter() - started
        started = time.perf_counter()
        scores = class_scores(estimator, self.test)
        score_s = (time.perf_counter() - started) / len(self.y_test)
        probabilities = cross_fitted(scores, self.y_test, self.seed)
        evaluation = evaluate(
            candidate.name,
            candidate.title,
            self.y_test,
            probabilities,
            self.categories,
            self.seed,
            training_s=training_s,
            one_ticket_ms=self._one_ticket_ms(estimator),
            tickets_per_s=1.0 / (self.encode_s + score_s),
            size_bytes=_size_bytes(estimator),
            groups=self.test_groups,
        )
        return Tried(
            candidate=candidate,
            estimator=estimator,
            evaluation=evaluation,
            scores=scores,
            probabilities=probabilities,
            notes=notes,
        )

    def permutation_drops(self, tried: Tried) -> tuple[PermutationDrop, ...]:
        """Return what this candidate loses on the held-out tickets, input by input."""
        return permutation_drops(
            tried.candidate,
            tried.estimator,
            self.encoder.owners,
            self.encoder.terms,
            self.test,
            self.y_test,
            self.seed,
        )

    def baselines(self) -> dict[str, tuple[str, IntArray]]:
        """Return title and answers of each baseline, by its name."""
        start = self.encoder.n_before_text
        return baseline_answers(self.y_train, self.train[:, start:], self.test[:, start:])

    def _one_ticket_ms(self, estimator: Any) -> float:
        """Return the median time from one text to its scores."""
        taken = []
        for i in range(min(_SINGLE_TICKETS, len(self.y_test))):
            started = time.perf_counter()
            row = self.encoder.matrix(self.test_inputs.rows([i]), literal=self.is_literal)
            class_scores(estimator, row)
            taken.append(time.perf_counter() - started)
        return 1000.0 * statistics.median(taken)


def fitted(
    candidate: Candidate, matrix: Any, y: IntArray, n_classes: int, seed: int, is_literal: bool
) -> tuple[Any, tuple[str, ...]]:
    """Return the candidate's estimator, fitted, and what is to be said about the fit."""
    from sklearn.exceptions import ConvergenceWarning

    estimator = candidate.build(seed, literal=is_literal, n_classes=n_classes)
    is_threaded = "n_jobs" in estimator.get_params()
    if is_threaded and matrix.nnz >= _FEWEST_FOR_THREADS:
        estimator.set_params(n_jobs=-1)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ConvergenceWarning)
        estimator.fit(matrix, y)
    stopped = any(issubclass(warning.category, ConvergenceWarning) for warning in caught)
    notes = (f"{candidate.title} stopped before it converged.",) if stopped else ()
    if is_threaded:
        estimator.set_params(n_jobs=1)
    return estimator, notes


def _size_bytes(estimator: Any) -> int:
    """Return the size of the model, compressed as it is when it is written."""
    import joblib

    buffer = io.BytesIO()
    joblib.dump(estimator, buffer, compress=("zlib", 1))
    return buffer.getbuffer().nbytes
