"""What training and evaluation say about ticket models: results, kept as metrics.json."""

import json
from dataclasses import asdict, dataclass
from typing import Literal

from core.errors import ArtifactCorruptError
from core.plain import restored
from core.tickets.abstain import CoveragePoint
from core.tickets.permutation import PermutationDrop
from core.tickets.profile import TicketProfile

__all__ = [
    "Baseline",
    "ClassScore",
    "ConfidenceBin",
    "Driver",
    "Evaluation",
    "HiddenColumns",
    "Interval",
    "SplitReport",
    "TrainingReport",
    "report_from_json",
    "report_to_json",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A score (0-1) on held-out tickets with its 95 % bootstrap interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassScore:
    """One category: precision, recall and F1 (0-1) over its held-out tickets."""

    category: str
    precision: float
    recall: float
    f1: float
    n_tickets: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfidenceBin:
    """Held-out tickets of like confidence: what was promised, and what share was right (0-1)."""

    confidence: float
    accuracy: float
    n_tickets: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """How good a model is on labelled tickets that it has not seen.

    `confusion[i][j]` counts tickets of `categories[i]` taken for `categories[j]`. `training_s` is
    the fit, `one_ticket_ms` the median for one ticket and `tickets_per_s` the rate in a batch, text
    to probabilities; these and `size_bytes` (the compressed model) are None where not measured.
    """

    name: str
    title: str
    n_tickets: int
    categories: tuple[str, ...]
    accuracy: Interval
    weighted_f1: Interval
    macro_f1: Interval
    per_class: tuple[ClassScore, ...]
    confusion: tuple[tuple[int, ...], ...]
    calibration_error: float
    bins: tuple[ConfidenceBin, ...]
    training_s: float | None
    one_ticket_ms: float | None
    tickets_per_s: float | None
    size_bytes: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """What a person would try first, on the same held-out tickets.

    `gain` is how much more weighted F1 the best model has, paired over tickets; the model is better
    for sure where `gain.low` is above 0.
    """

    name: str
    title: str
    accuracy: Interval
    weighted_f1: Interval
    macro_f1: Interval
    gain: Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitReport:
    """How tickets were held out: the newest where there is time, else at random by category.

    `n_set_aside` newer tickets have a near-duplicate among the older ones and prove nothing.
    """

    kind: Literal["newest", "random"]
    n_train: int
    n_test: int
    n_set_aside: int
    n_near_duplicates: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HiddenColumns:
    """The best model's score when it may not read the columns that its labels were derived from."""

    columns: tuple[str, ...]
    weighted_f1: Interval
    accuracy: Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Driver:
    """How much of the best model's decisions an input makes up (0-1, all inputs sum to 1)."""

    name: str
    kind: Literal["word", "telemetry"]
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingReport:
    """What came out of one training; `version` is the new, not yet active version.

    `candidates` is ranked, best first; the first is the served model. `notes` are sentences for the
    person who started it: what was left out, and why. Versions that were made before they were kept
    have no `permutation` (on held-out tickets, by the best candidate) and no `profile`.
    """

    version: str
    best: str
    candidates: tuple[Evaluation, ...]
    baselines: tuple[Baseline, ...]
    split: SplitReport
    curve: tuple[CoveragePoint, ...]
    precision: float
    drivers: tuple[Driver, ...]
    hidden: HiddenColumns | None
    notes: tuple[str, ...]
    n_tickets: int
    n_corrections: int
    is_derived_by_rule: bool
    is_demo: bool
    is_literal: bool
    seed: int
    training_s: float
    permutation: tuple[PermutationDrop, ...] = ()
    profile: TicketProfile | None = None

    @property
    def beats_baselines(self) -> bool:
        """Whether the best model is better than every baseline, beyond chance."""
        return all(baseline.gain.low > 0 for baseline in self.baselines)


def report_to_json(report: TrainingReport) -> str:
    """Return the report as JSON text."""
    return json.dumps(asdict(report), indent=1) + "\n"


def report_from_json(text: str, version: str) -> TrainingReport:
    """Return the report that `report_to_json` wrote; `version` is where it was found.

    Raises
    ------
    ArtifactCorruptError
        Where the text is no such report.
    """
    try:
        report: TrainingReport = restored(TrainingReport, json.loads(text) | {"version": version})
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ArtifactCorruptError(
            f"metrics.json of the tickets model {version} cannot be read ({error}); "
            f"train one with `python -m core tickets train --data FILE`."
        ) from error
    return report
