"""What kind of ticket this is, how sure the model is, and why; one ticket or a file of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from core import quantities
from core.tickets.abstain import LEAST_CONFIDENCE, Routing, routing
from core.tickets.candidate import FloatArray
from core.tickets.evaluate import evaluate
from core.tickets.explain import DecidingInput, DecidingWord, deciding, given
from core.tickets.familiar import STRANGE_SHARE, Familiar
from core.tickets.features import Columns, Inputs, TextArray, inputs_of, inputs_of_one
from core.tickets.holdout import KeyArray
from core.tickets.labelled import labelled_tickets, sampled
from core.tickets.model import LoadedModel, read_model
from core.tickets.near_duplicates import near_duplicate_groups
from core.tickets.report import Evaluation, TrainingReport
from core.tickets.similar import SimilarTicket
from core.tickets.split import without_forms

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["BatchPrediction", "CategoryScore", "TicketModel", "TicketPrediction", "load_model"]

_CHUNK = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryScore:
    """A category and its calibrated probability (0-1)."""

    category: str
    probability: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketPrediction:
    """The answer for one ticket.

    `confidence` (0-1) is the calibrated probability of `category`, the first of `top`. `is_unsure`
    says that a person should decide; `reason` is then the sentence why, else "". `inputs_missing`
    are columns that the model knows and this ticket does not have; what is typical in training
    stood for them.
    """

    category: str
    confidence: float
    top: tuple[CategoryScore, ...]
    is_unsure: bool
    reason: str
    routing: Routing
    words: tuple[DecidingWord, ...]
    inputs: tuple[DecidingInput, ...]
    inputs_used: tuple[str, ...]
    inputs_missing: tuple[str, ...]
    similar: tuple[SimilarTicket, ...]
    model: str
    model_version: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BatchPrediction:
    """The answers for n tickets in their order, each array of shape (n,).

    `is_familiar` is false for a ticket that reads like none that the model has learnt from: it is
    unsure at any confidence.
    """

    categories: TextArray
    confidence: FloatArray
    is_familiar: npt.NDArray[np.bool_]
    routing: Routing
    model_version: str

    def __len__(self) -> int:
        return len(self.categories)

    @property
    def is_unsure(self) -> npt.NDArray[np.bool_]:
        """Which tickets a person should decide."""
        return (self.confidence < self.routing.threshold) | ~self.is_familiar

    def rows(self, which: npt.NDArray[np.int64]) -> "BatchPrediction":
        """Return the answers at these positions."""
        return replace(
            self,
            categories=self.categories[which],
            confidence=self.confidence[which],
            is_familiar=self.is_familiar[which],
        )

    def rerouted(self, route: Routing) -> "BatchPrediction":
        """Return the same answers under another demanded precision."""
        return replace(self, routing=route)


class TicketModel:
    """A loaded version of the ticket model; threads may share it."""

    def __init__(self, loaded: LoadedModel) -> None:
        self._loaded = loaded

    @property
    def report(self) -> TrainingReport:
        """How it was trained, and how good it is."""
        return self._loaded.report

    @property
    def categories(self) -> tuple[str, ...]:
        """The categories it knows, in alphabetical order."""
        return self._loaded.categories

    @property
    def columns(self) -> tuple[str, ...]:
        """The telemetry that it reads beside the text."""
        return self._loaded.encoder.columns.names[:-1]

    @property
    def input_columns(self) -> Columns:
        """The same by kind, for `inputs_of`."""
        return self._loaded.encoder.columns

    @property
    def version(self) -> str:
        """The version that was loaded."""
        return self._loaded.manifest.version

    @property
    def learnt(self) -> KeyArray | None:
        """The keys of the tickets that it was trained on; None where that is not on record."""
        return self._loaded.learnt

    def choices(self, name: str) -> tuple[str, ...]:
        """Return the values of a category column that it learnt from, in alphabetical order."""
        encoder = self._loaded.encoder
        return tuple(encoder.known_words[encoder.columns.categorical.index(name)])

    def routing(self, precision: float | None = None) -> Routing:
        """Return what a demanded precision (0-1) comes to; None takes that of the training."""
        return routing(self.report.curve, self.report.precision if precision is None else precision)

    def predict(
        self,
        text: str,
        telemetry: Mapping[str, float | str | None] | None = None,
        *,
        precision: float | None = None,
        top_k: int = 3,
        n_similar: int = 3,
    ) -> TicketPrediction:
        """Return the answer for one ticket.

        Parameters
        ----------
        text : str
            The ticket as it was written; may be empty.
        telemetry : mapping of str to float or str
            Columns of the fleet dataset; what is absent or None is missing.
        precision : float or None
            The precision (0-1) that is demanded of tickets that no person looks at.
        top_k, n_similar : int
            How many categories and how many past tickets to return.

        Raises
        ------
        SchemaError
            Where the telemetry has an unknown name or is no number.
        """
        loaded = self._loaded
        encoder = loaded.encoder
        ticket = inputs_of_one(text, telemetry or {}, encoder.columns)
        terms = encoder.text(ticket)
        row = encoder.join(encoder.telemetry(ticket), terms, literal=self.report.is_literal)
        probabilities = loaded.probabilities(row)[0]
        ranked = np.argsort(-probabilities, kind="stable")
        k = int(ranked[0])
        words, inputs = deciding(
            loaded.candidate, loaded.estimator, encoder, ticket, row, loaded.usual, k
        )
        route = self.routing(precision)
        reason = _why_strange(terms, ticket.texts, loaded.familiar) or _why_unsure(
            float(probabilities[k]), route
        )
        used = given(ticket)
        return TicketPrediction(
            category=loaded.categories[k],
            confidence=float(probabilities[k]),
            top=tuple(
                CategoryScore(category=loaded.categories[i], probability=float(probabilities[i]))
                for i in ranked[:top_k]
            ),
            is_unsure=bool(reason),
            reason=reason,
            routing=route,
            words=words,
            inputs=inputs,
            inputs_used=tuple(used),
            inputs_missing=tuple(name for name in self.columns if name not in used),
            similar=loaded.past.nearest(terms, n_similar),
            model=loaded.candidate.title,
            model_version=loaded.manifest.version,
        )

    def predict_many(
        self,
        frame: "pd.DataFrame",
        *,
        precision: float | None = None,
        progress: Callable[[float], None] = lambda fraction: None,
    ) -> BatchPrediction:
        """Return the answers for the tickets of a frame.

        `progress` is called with the fraction (0-1) that is done, every 2,000 tickets; what it
        raises ends the work.

        Raises
        ------
        SchemaError
            Where the frame has no column `ticket_text`.
        """
        inputs = inputs_of(frame, self._loaded.encoder.columns)
        probabilities, is_familiar = self._answers(inputs, progress)
        return BatchPrediction(
            categories=np.array(self.categories, dtype=object)[probabilities.argmax(axis=1)],
            confidence=probabilities.max(axis=1),
            is_familiar=is_familiar,
            routing=self.routing(precision),
            model_version=self._loaded.manifest.version,
        )

    def probabilities(self, texts: Sequence[str]) -> FloatArray:
        """Return calibrated probabilities of shape (n, n_categories), by the texts alone."""
        return self._answers(Inputs.of_texts(texts, self._loaded.encoder.columns))[0]

    def evaluate(self, frame: "pd.DataFrame", *, seed: int = 7) -> Evaluation:
        """Return how good the answers are for labelled tickets.

        Tickets that the model was trained on make it look better than it is. A category that it
        does not know counts, and its tickets are wrong.

        Raises
        ------
        DataError
            Where there are no labelled tickets.
        """
        loaded = self._loaded
        tickets = labelled_tickets(frame, loaded.encoder.columns)
        categories = [*self.categories, *sorted(set(tickets.labels) - set(self.categories))]
        position = {category: i for i, category in enumerate(categories)}
        y = np.array([position[label] for label in tickets.labels], dtype=np.int64)
        return evaluate(
            loaded.candidate.name,
            loaded.candidate.title,
            y,
            self._answers(tickets.inputs)[0],
            categories,
            seed,
            groups=without_forms(near_duplicate_groups(tickets.inputs.texts.tolist())),
        )

    def seen(self, frame: "pd.DataFrame") -> tuple[bool, int]:
        """Return whether the model learnt from just these tickets, and how many it remembers.

        Raises
        ------
        DataError
            Where there are no labelled tickets.
        """
        loaded = self._loaded
        tickets = labelled_tickets(frame, loaded.encoder.columns)
        learnt = sampled(tickets, self.report.seed)
        is_training_data = learnt.data_hash == loaded.manifest.data_hash
        return is_training_data, self.remembers(tickets.inputs.texts)

    def remembers(self, texts: TextArray) -> int:
        """Return how many of these texts the model is known to have learnt from.

        It remembers up to 8,000 tickets, one of each that read alike, by their beginnings: of more,
        the answer is the least.
        """
        return self._loaded.past.n_remembered(texts)

    def _answers(
        self, inputs: Inputs, progress: Callable[[float], None] = lambda fraction: None
    ) -> tuple[FloatArray, npt.NDArray[np.bool_]]:
        """Return the probabilities, and which tickets read like what the model has learnt from."""
        loaded = self._loaded
        probabilities = np.empty((len(inputs), len(self.categories)))
        is_familiar = np.zeros(len(inputs), dtype=bool)
        for start in range(0, len(inputs), _CHUNK):
            part = slice(start, start + _CHUNK)
            tickets = inputs.rows(part)
            terms = loaded.encoder.text(tickets)
            is_familiar[part] = loaded.familiar.knows(terms, tickets.texts)
            matrix = loaded.encoder.join(
                loaded.encoder.telemetry(tickets), terms, literal=self.report.is_literal
            )
            probabilities[part] = loaded.probabilities(matrix)
            progress(min(start + _CHUNK, len(inputs)) / len(inputs))
        return probabilities, is_familiar


def load_model(models_dir: Path, version: str | None = None) -> TicketModel:
    """Return a version of the ticket model (default: the active one), verified.

    Raises
    ------
    ArtifactError
        Where it cannot be used; the message names the command that mends it.
    """
    return TicketModel(read_model(models_dir, version))


def _why_strange(terms: Any, texts: TextArray, familiar: Familiar) -> str:
    """Return the sentence why the one text is unlike what was learnt; "" where it is not."""
    if not terms.nnz:
        return "The model knows no word of this text, and numbers do not say what a person wants."
    if familiar.knows(terms, texts)[0]:
        return ""
    # Without a number: the likeness that is shown with past tickets is that of all words.
    return (
        "This reads like no ticket that the model learnt from: it shares fewer rare words with the "
        f"nearest one than {100.0 * (1.0 - STRANGE_SHARE):.1f} % of those do with theirs."
    )


def _why_unsure(confidence: float, route: Routing) -> str:
    """Return the sentence why a person should decide; "" where the model may."""
    demanded = quantities.percent(route.demanded)
    if route.precision is None:
        return f"No confidence of this model has been right {demanded} of the time."
    if confidence < LEAST_CONFIDENCE:
        return f"With {quantities.percent(confidence)} it is rather wrong than right."
    if confidence < route.threshold:
        return (
            f"Confidence is {quantities.percent(confidence)}; from "
            f"{quantities.percent(route.threshold)} on, {demanded} of tickets are right."
        )
    return ""
