"""Training: every candidate on the same split, the best one refitted and written as a version."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from core.artifacts import write_version
from core.errors import DataError
from core.store import Correction
from core.tickets.abstain import coverage_curve, routing
from core.tickets.calibrate import fit_calibrator
from core.tickets.candidate import Candidate
from core.tickets.corpus import Corpus, prepare
from core.tickets.evaluate import compare
from core.tickets.explain import drivers
from core.tickets.model import AREA, METRICS_FILE, write_model
from core.tickets.preprocess import Encoder
from core.tickets.profile import profile_of
from core.tickets.progress import Progress, ProgressCallback, Stages
from core.tickets.registry import candidate_names, create_candidate
from core.tickets.report import (
    Baseline,
    Evaluation,
    HiddenColumns,
    TrainingReport,
    report_to_json,
)
from core.tickets.similar import PastTickets
from core.tickets.trial import Trial, Tried, fitted

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["train"]

PRECISION = 0.9
_READING_COST, _WRITING_COST = 4.0, 2.0


def _silent(progress: Progress) -> None:
    """Tell nobody."""


def train(
    frame: "pd.DataFrame",
    models_dir: Path,
    *,
    candidates: Sequence[str] | None = None,
    corrections: Sequence[Correction] = (),
    is_derived_by_rule: bool = False,
    deciding_columns: Sequence[str] = (),
    is_demo: bool = False,
    is_literal: bool = False,
    source: str = "a data frame",
    seed: int = 7,
    progress: ProgressCallback = _silent,
) -> TrainingReport:
    """Train the candidates, write the best one as a new version and return what came out.

    The version is not activated. Candidates are compared on a fifth of the tickets that is held out
    (see `split_tickets`) by weighted F1; the best is then fitted again on all tickets but those
    that no version learns from (`core.tickets.holdout`). Its
    probabilities are calibrated on the held-out scores, and every score of a calibrated probability
    is of tickets that its calibrator has not seen.

    Parameters
    ----------
    frame : DataFrame
        Columns of the fleet dataset, at least `ticket_text` and `ticket_category`.
    models_dir : Path
        The models folder.
    candidates : sequence of str or None
        Names of candidates; None takes all. One whose library is not installed is left out and
        mentioned in the notes.
    corrections : sequence of Correction
        Replace or add labels before training.
    is_derived_by_rule, deciding_columns : bool, sequence of str
        The labels follow by a rule from these columns; the best candidate is then also scored
        without them.
    is_demo : bool
        The tickets were generated.
    is_literal : bool
        Train with the settings that the methods are usually quoted with: slow, not better.
    source : str
        In plain words, for the manifest: what the model was made from.
    seed : int
        The same seed, data and candidates give the same model.
    progress : callable
        Called with a `Progress` at every stage; what it raises ends the training. Nothing is
        written before the last stage, and that whole or not at all.

    Raises
    ------
    DataError
        Where the tickets cannot be learnt from; the message says why.
    UnknownNameError
        Where there is no candidate of a name.
    ArtifactError
        Where the version cannot be written.
    """
    chosen = [create_candidate(name) for name in dict.fromkeys(candidates or candidate_names())]
    costs = [candidate.cost for candidate in chosen]
    stages = Stages(_READING_COST + sum(costs) + max(costs) + _WRITING_COST, progress)
    stages.start("Reading the tickets")
    corpus = prepare(frame, corrections, seed)
    trial = corpus.trial(seed, is_literal=is_literal)
    stages.finish(_READING_COST)
    tried, notes = _try(chosen, trial, stages)
    best = tried[0]
    hidden = None
    if is_derived_by_rule and not set(corpus.tickets.inputs.columns.names) - set(deciding_columns):
        notes += ("The file has nothing but what its categories were derived from.",)
    elif is_derived_by_rule and deciding_columns:
        stages.start(f"Training {best.candidate.title} without {', '.join(deciding_columns)}")
        hidden = _without(corpus, best.candidate, deciding_columns, seed)
    stages.expect(best.candidate.cost + _WRITING_COST)
    stages.start(f"Training {best.candidate.title} on all {len(corpus.y):,} tickets")
    served = _Served.fit(corpus, best, seed, is_literal=is_literal)
    stages.finish(best.candidate.cost)
    stages.start("Writing the model")
    report = TrainingReport(
        version="",
        best=best.candidate.name,
        candidates=tuple(one.evaluation for one in tried),
        baselines=_baselines(trial, best),
        split=corpus.split_report,
        curve=coverage_curve(best.probabilities.max(axis=1), best.answers == trial.y_test),
        precision=PRECISION,
        drivers=drivers(best.candidate, served.estimator, served.encoder, served.matrix),
        hidden=hidden,
        notes=(*corpus.notes, *notes),
        n_tickets=len(corpus.y),
        n_corrections=len(corrections),
        is_derived_by_rule=is_derived_by_rule,
        is_demo=is_demo,
        is_literal=is_literal,
        seed=seed,
        training_s=stages.elapsed_s,
        permutation=trial.permutation_drops(best),
        profile=profile_of(corpus.tickets.inputs, corpus.tickets.labels, corpus.tickets.moments),
    )
    version = _write(models_dir, corpus, served, report, seed, source)
    return replace(report, version=version)


def _try(
    chosen: Sequence[Candidate], trial: Trial, stages: Stages
) -> tuple[list[Tried], tuple[str, ...]]:
    """Return how each candidate does, best first, and what is to be said about them."""
    tried: list[Tried] = []
    notes: list[str] = []
    for candidate in chosen:
        stages.start(f"Training: {candidate.title}")
        try:
            tried.append(trial.run(candidate))
            notes.extend(tried[-1].notes)
        except ImportError as error:
            notes.append(f"{candidate.title} was left out: {error.name} is not installed.")
            stages.start(notes[-1])
        stages.finish(candidate.cost)
    if not tried:
        raise DataError(f"No ticket model could be trained. {' '.join(notes)}")
    return sorted(tried, key=lambda one: -one.evaluation.weighted_f1.value), tuple(notes)


def _baselines(trial: Trial, best: Tried) -> tuple[Baseline, ...]:
    return tuple(
        compare(
            name,
            title,
            trial.y_test,
            answers,
            best.answers,
            len(trial.categories),
            trial.seed,
            trial.test_groups,
        )
        for name, (title, answers) in trial.baselines().items()
    )


def _without(
    corpus: Corpus, candidate: Candidate, columns: Sequence[str], seed: int
) -> HiddenColumns:
    """Return the candidate's score when it may not read these columns."""
    evaluation = corpus.trial(seed, is_literal=False, hidden=columns).run(candidate).evaluation
    return HiddenColumns(
        columns=tuple(columns), weighted_f1=evaluation.weighted_f1, accuracy=evaluation.accuracy
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Served:
    """The best candidate, fitted on all tickets."""

    best: Tried
    encoder: Encoder
    preprocessor: Any
    matrix: Any
    estimator: Any

    @classmethod
    def fit(cls, corpus: Corpus, best: Tried, seed: int, *, is_literal: bool) -> Self:
        encoder, preprocessor, matrix = Encoder.fit(corpus.tickets.inputs, literal=is_literal)
        estimator, _ = fitted(
            best.candidate, matrix, corpus.y, len(corpus.categories), seed, is_literal
        )
        return cls(
            best=best,
            encoder=encoder,
            preprocessor=preprocessor,
            matrix=matrix,
            estimator=estimator,
        )


def _write(
    models_dir: Path,
    corpus: Corpus,
    served: _Served,
    report: TrainingReport,
    seed: int,
    source: str,
) -> str:
    """Write the version and return its name."""
    tickets, best = corpus.tickets, served.best
    past = PastTickets.of(
        served.matrix[:, served.encoder.n_before_text :],
        tickets.inputs.texts,
        tickets.labels,
        corpus.groups,
        tickets.moments,
        seed,
    )

    def fill(folder: Path) -> None:
        write_model(
            folder,
            candidate=best.candidate,
            columns=tickets.inputs.columns,
            categories=corpus.categories,
            preprocessor=served.preprocessor,
            estimator=served.estimator,
            calibrator=fit_calibrator(best.scores, corpus.y[corpus.split.test]),
            past=past,
            learnt=np.unique(corpus.keys),
        )
        text = report_to_json(report)
        (folder / METRICS_FILE).write_text(text, encoding="utf-8", newline="\n")

    route = routing(report.curve, PRECISION)
    manifest = write_version(
        models_dir,
        AREA,
        fill=fill,
        data_hash=corpus.data_hash,
        seed=seed,
        columns=tickets.inputs.columns.names,
        classes=corpus.categories,
        window=None,
        horizon=None,
        thresholds={} if route.precision is None else {"confidence": route.threshold},
        scores={"model": best.candidate.name, **_headline(best.evaluation)},
        baseline_scores={baseline.name: _headline(baseline) for baseline in report.baselines},
        source=source,
        training={
            "n_rows": report.n_tickets,
            "n_held_back": len(corpus.held_back.keys),
            "n_corrections": report.n_corrections,
            "seconds": report.training_s,
        },
    )
    return manifest.version


def _headline(scored: Evaluation | Baseline) -> dict[str, dict[str, float]]:
    return {
        "accuracy": asdict(scored.accuracy),
        "weighted_f1": asdict(scored.weighted_f1),
        "macro_f1": asdict(scored.macro_f1),
    }
