"""What the failure model says about a host: the results that cross to pages and commands."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from core.metrics import FloatArray

__all__ = ["Cause", "FailureForecast", "HostState", "HostStatus", "PastAlarm"]

HostState = Literal["healthy", "watch", "failing", "not enough data", "no model"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """One metric's part in a forecast.

    `probability` is the cause head's (0-1, all causes sum to 1): how likely this metric is the one
    at fault, should the host fail. `contribution` is what this metric adds to the log-odds of
    failure (Shapley value); positive raises the risk.
    """

    metric: str
    probability: float
    contribution: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FailureForecast:
    """The answer for one window of ten steps.

    `causes` is ranked, most likely first, and leaves out metrics that were missing throughout.
    `cells` of shape (10, 10) spreads the contributions over (step, metric); NaN where missing.
    `window` is the scored window of shape (10, 10), NaN where missing; `ago_s` of shape (10,) says
    how many seconds before `at` each of its steps was measured, which need not be `interval_s`
    apart.
    `time_left_s` is (earliest, latest) where a metric is on its way to its limit, else None; the
    latest is infinite where it is more than a day away.
    """

    at: datetime
    probability: float
    threshold: float
    exit_threshold: float
    interval_s: float
    horizon_s: float
    reason: str
    causes: tuple[Cause, ...]
    cells: FloatArray
    window: FloatArray
    ago_s: FloatArray
    time_left_s: tuple[float, float] | None
    model_version: str

    @property
    def prediction(self) -> int:
        """1 where the probability reaches the alarm threshold, else 0."""
        return int(self.probability >= self.threshold)

    @property
    def is_raised(self) -> bool:
        """Whether the probability is too high for the all-clear: at the exit threshold or above."""
        return self.probability >= self.exit_threshold


@dataclass(frozen=True, slots=True, kw_only=True)
class PastAlarm:
    """An alarm from its first failing step to its last; `ended_at` is None while it lasts."""

    started_at: datetime
    ended_at: datetime | None
    peak_probability: float
    cause: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HostStatus:
    """What is known of a watched host right now.

    `steps` of `steps_needed` are there; `since` is when the present state began. `risk` holds the
    (at, probability) of each scored step of the recent past. `usual_percent` says for each metric
    which share (0-100) of this host's recent past lies below the present value; it leaves out
    metrics that are missing or have too short a past. `problem` says in one sentence what keeps the
    model from answering, with the command that mends it.
    """

    state: HostState
    since: datetime | None
    steps: int
    steps_needed: int
    forecast: FailureForecast | None
    risk: tuple[tuple[datetime, float], ...]
    usual_percent: dict[str, float]
    past_s: float
    median_lead_s: float | None
    problem: str | None
