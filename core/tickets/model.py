"""A trained ticket model and its file, model.pkl."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.artifacts import Manifest, load_version
from core.errors import ArtifactIncompatibleError
from core.tickets.abstain import CoveragePoint
from core.tickets.calibrate import Calibrator
from core.tickets.candidate import Candidate, FloatArray, class_scores
from core.tickets.familiar import Familiar
from core.tickets.features import Columns, Inputs
from core.tickets.holdout import KeyArray
from core.tickets.preprocess import Encoder
from core.tickets.registry import create_candidate
from core.tickets.report import TrainingReport, report_from_json
from core.tickets.similar import PastTickets

__all__ = ["AREA", "METRICS_FILE", "MODEL_FILE", "LoadedModel", "read_model", "write_model"]

AREA = "tickets"
MODEL_FILE = "model.pkl"
METRICS_FILE = "metrics.json"
# Part of model.pkl: raise it when what is in there changes.
LAYOUT = 1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LoadedModel:
    """Everything that answering needs; nothing in it changes, so threads may share it.

    `usual` is the matrix of a ticket without text and with all telemetry missing. `learnt` are the
    keys of the tickets that it was trained on (`core.tickets.holdout`), None where that is not on
    record. `familiar` tells texts that are like what was learnt.
    """

    manifest: Manifest
    report: TrainingReport
    candidate: Candidate
    encoder: Encoder
    usual: Any
    estimator: Any
    calibrator: Calibrator
    past: PastTickets
    familiar: Familiar
    learnt: KeyArray | None

    @property
    def categories(self) -> tuple[str, ...]:
        """The categories in the order of the probabilities."""
        return self.manifest.classes

    @property
    def curve(self) -> Sequence[CoveragePoint]:
        """Coverage and precision on held-out tickets."""
        return self.report.curve

    def probabilities(self, matrix: Any) -> FloatArray:
        """Return calibrated probabilities of shape (n, n_categories)."""
        return self.calibrator.probabilities(class_scores(self.estimator, matrix))


def write_model(
    folder: Path,
    *,
    candidate: Candidate,
    columns: Columns,
    categories: Sequence[str],
    preprocessor: Any,
    estimator: Any,
    calibrator: Calibrator,
    past: PastTickets,
    learnt: KeyArray,
) -> None:
    """Write model.pkl: the pipeline, its labels, what stands for a missing value, and the rest."""
    import joblib
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import LabelEncoder

    encoder = Encoder.of(columns, preprocessor)
    numbers = zip(columns.numeric, encoder.medians.tolist(), strict=True)
    words = zip(columns.categorical, encoder.usual_words, strict=True)
    labels = LabelEncoder()
    labels.classes_ = np.array(categories, dtype=object)
    bundle = {
        "pipeline": Pipeline([("preprocess", preprocessor), ("model", estimator)]),
        "label_encoder": labels,
        "default_template": dict(numbers) | dict(words),
        "schema": asdict(columns),
        "meta": {
            "layout": LAYOUT,
            "candidate": candidate.name,
            "calibrator": asdict(calibrator),
            "past": {"terms": past.terms, "texts": past.texts, "categories": past.categories},
            "learnt": learnt,
        },
    }
    joblib.dump(bundle, folder / MODEL_FILE, compress=("zlib", 6))


def read_model(models_dir: Path, version: str | None = None) -> LoadedModel:
    """Return a version of the ticket model (default: the active one), verified before it is read.

    Raises
    ------
    ArtifactError
        Where there is no such version, its files are not those that were written, or it was
        written by a program that keeps models differently.
    """
    import joblib

    manifest, folder = load_version(models_dir, AREA, version)
    # The hashes in the manifest were checked: this is the file that training wrote.
    try:
        bundle = joblib.load(folder / MODEL_FILE)
        meta = bundle["meta"]
        if meta["layout"] != LAYOUT:
            raise ValueError(f"its layout is {meta['layout']}, this program reads {LAYOUT}")
    except (ImportError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise ArtifactIncompatibleError(
            f"The tickets model {manifest.version} was written by another version of this program "
            f"or of its libraries ({error}); train one with "
            "`python -m core tickets train --data FILE`."
        ) from error
    columns = Columns(**bundle["schema"])
    pipeline = bundle["pipeline"]
    text = (folder / METRICS_FILE).read_text(encoding="utf-8")
    encoder = Encoder.of(columns, pipeline.named_steps["preprocess"])
    report = report_from_json(text, manifest.version)
    nothing = Inputs.of_texts([""], columns)
    past = PastTickets(**meta["past"])
    return LoadedModel(
        manifest=manifest,
        report=report,
        candidate=create_candidate(meta["candidate"]),
        encoder=encoder,
        usual=encoder.matrix(nothing, literal=report.is_literal),
        estimator=pipeline.named_steps["model"],
        calibrator=Calibrator(**meta["calibrator"]),
        past=past,
        familiar=Familiar.of(encoder.terms, past.terms, past.texts),
        learnt=meta.get("learnt"),
    )
