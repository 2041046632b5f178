"""Judge whole files of recorded hosts: every window scored, and how good those scores are."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from core.failure.alarm import AlarmPolicy, alarm_steps
from core.failure.baselines import ThresholdRule
from core.failure.evaluation import EvaluationReport, evaluate
from core.failure.hosts import HostRecord
from core.failure.serving import FailureModel
from core.failure.windows import stack_windows
from core.metrics import METRIC_NAMES

__all__ = ["ScoredWindow", "evaluate_hosts", "score_hosts"]

# The rule says a quarter for each of its four lines that is crossed: one is enough for an alarm.
RULE_POLICY = AlarmPolicy(enter=0.25, exit=0.25, min_steps=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredWindow:
    """What the model says at one step of one host; `cause` is "" for a model without causes."""

    host: str
    at: datetime
    probability: float
    alarm: bool
    cause: str


def score_hosts(model: FailureModel, records: Sequence[HostRecord]) -> Iterator[ScoredWindow]:
    """Yield the score of every full window, host by host in order of time."""
    windows = stack_windows(records)
    said, causes = model.score(windows)
    alarm = alarm_steps(said, windows.host, model.policy)
    for row in np.flatnonzero(windows.enough):
        record = records[windows.host[row]]
        yield ScoredWindow(
            host=record.host,
            at=datetime.fromtimestamp(record.at_s[windows.step[row]], tz=UTC),
            probability=float(said[row]),
            alarm=bool(alarm[row]),
            cause="" if causes is None else METRIC_NAMES[int(causes[row].argmax())],
        )


def evaluate_hosts(
    model: FailureModel, records: Sequence[HostRecord]
) -> tuple[EvaluationReport, EvaluationReport]:
    """Return (the model's scores, those of the threshold rule) on recorded hosts.

    The hosts must not be ones that the model was trained on; nothing here can tell.
    """
    windows = stack_windows(records)
    intervals_s = [record.interval_s for record in records]
    said, causes = model.score(windows)
    alarm = alarm_steps(said, windows.host, model.policy)
    rule = ThresholdRule().probabilities(windows)
    rule[~windows.enough] = np.nan
    rule_alarm = alarm_steps(rule, windows.host, RULE_POLICY)
    return (
        evaluate(windows, said, causes, alarm, intervals_s),
        evaluate(windows, rule, None, rule_alarm, intervals_s),
    )
