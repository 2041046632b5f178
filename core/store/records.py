"""What comes out of the store; every time is an aware UTC datetime."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from core.metrics import FloatArray

__all__ = [
    "AlarmRecord",
    "AuditEntry",
    "Correction",
    "JobRecord",
    "JobState",
    "RiskRecord",
    "SampleTable",
    "SavedReply",
]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SampleTable:
    """The samples of one host, the oldest first.

    `values` is of shape (len(at), len(metric_names)), NaN for gaps.
    """

    metric_names: tuple[str, ...]
    at: tuple[datetime, ...]
    values: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskRecord:
    """One scored window of a host.

    `probability` (0-1) is that of a failure; `cause` is the metric most likely at fault, None where
    the model named none.
    """

    at: datetime
    probability: float
    cause: str | None
    model_version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmRecord:
    """One alarm of a host; `ended_at` is None while it lasts."""

    id: int
    host: str
    started_at: datetime
    ended_at: datetime | None
    peak_probability: float
    cause: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """A person's word on a ticket: its category is `new`, not `old`.

    `telemetry` is what was measured with it, by column of the fleet dataset.
    """

    text: str
    old: str
    new: str
    who: str
    at: datetime
    telemetry: Mapping[str, float | str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedReply:
    """A reply that a person kept with its ticket, and what they thought of it.

    `provider` and `model` wrote it ("" where no language model did), by the prompt of
    `prompt_version`; `text` is as it was kept, edits included. `thumb` is 1 for up, -1 for down and
    0 for no word. `id` is 0 until it is stored.
    """

    at: datetime
    ticket: str
    text: str
    provider: str
    model: str
    prompt_version: str
    is_edited: bool = False
    thumb: int = 0
    comment: str = ""
    id: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """Which entries of the audit trail are meant; what is left empty leaves nothing out.

    `words` stand anywhere in subject or detail, in any case.
    """

    actions: tuple[str, ...] = ()
    who: str = ""
    words: str = ""
    since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """Who (`who`, from `origin`) did what (`action`) to what (`subject`); never changed again."""

    at: datetime
    who: str
    origin: str
    action: str
    subject: str
    detail: str = ""
    id: int = 0


JobState = Literal["running", "done", "failed", "cancelled", "interrupted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRecord:
    """A piece of work in a process of its own, begun by `who`.

    `owner` is the lock's word for whoever runs it (`core.jobs.lock`): a running job whose owner no
    longer holds the lock was interrupted. `fraction` (0-1) and `message` say how far it is, `log`
    is the end of what it printed, `result` what it answered (None until it is done). `id` is 0
    until it is stored.
    """

    kind: str
    who: str
    owner: str
    started_at: datetime
    ended_at: datetime | None = None
    state: JobState = "running"
    fraction: float = 0.0
    message: str = ""
    log: str = ""
    result: Mapping[str, Any] | None = None
    id: int = 0
