"""What was found out about anomalies, and how much it is worth."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

__all__ = ["Anomalies", "Anomaly", "Cause", "Detection", "DetectionScore", "Method", "Progress"]

Progress = Callable[[float], None]
"""Told how much is done, from 0 to 1; what it raises ends the work and reaches who asked for it."""

Method = Literal["learnt from anomaly_status", "deviation from what is usual", "none"]
Interval = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectionScore:
    """How well anomalies were told apart in `rows` rows that were not learnt from.

    `average_precision` stands beside that of the baseline, the largest deviation of a single
    measurement from what is usual, and `share` (0-1), the share of the `anomalies` among the rows,
    which is what chance reaches. `lead` is the difference to the baseline. The intervals hold 95 %
    of 200 bootstrap draws of whole VMs (days where there are few VMs, hours where days are few
    too). `split` says what kept the rows apart from those learnt from.
    """

    rows: int
    anomalies: int
    share: float
    average_precision: float
    average_precision_interval: Interval
    baseline_average_precision: float
    baseline_average_precision_interval: Interval
    lead: float
    lead_interval: Interval
    split: str

    @property
    def beats_baseline(self) -> bool:
        """Whether the lead over the baseline is beyond chance."""
        return self.lead_interval[0] > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection:
    """How anomalies are detected in a version of the dataset.

    Where `has_signal` is false nothing can be told from the data, and no causes are given;
    `sentence` says why, or how good the detection is. `score` is None where nothing was learnt from
    labels.
    """

    method: Method
    has_signal: bool
    sentence: str
    rows_learnt: int
    score: DetectionScore | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """A measurement that lies where it usually does not, and in words.

    `low` and `high` bound the middle 90 % of what is usual for `compared_with` ("this VM",
    "inference tasks" or "all rows"). Values are in the unit of the dataset.
    """

    column: str
    value: float
    low: float
    high: float
    compared_with: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Anomaly:
    """A row that is unusual.

    `labelled` is what `anomaly_status` says, None where it says nothing. `probability` (0-1) comes
    from models that have not seen this VM, and is None where nothing was learnt from labels;
    `less_unusual` (0-1) is the share of rows that are less unusual, None where there is no signal.
    """

    at: datetime | None
    vm_id: str
    task_type: str
    task_priority: str
    task_status: str
    labelled: bool | None
    probability: float | None
    less_unusual: float | None
    causes: tuple[Cause, ...]
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Anomalies:
    """The most unusual of the `n_found` anomalies among `n_rows` rows, newest first.

    `empty_reason` says in a sentence why there is none, None where there is one.
    """

    rows: tuple[Anomaly, ...]
    n_rows: int
    n_found: int
    empty_reason: str | None
