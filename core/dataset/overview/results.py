"""What the Dashboard draws: figures, series and maps of the rows that the filters leave."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import numpy as np
import numpy.typing as npt

from core.metrics import FloatArray

__all__ = [
    "Choice",
    "Choices",
    "EventKind",
    "IntArray",
    "LoadMap",
    "LoadPoints",
    "Machine",
    "MachineEvent",
    "MachineTicket",
    "MomentArray",
    "Overview",
    "Status",
    "StatusCount",
    "StatusSeries",
    "Summary",
    "TaskCount",
    "TaskCounts",
    "TimeSeries",
    "ValueSeries",
]

IntArray = npt.NDArray[np.int64]
MomentArray = npt.NDArray[np.datetime64]
Status = Literal["normal", "anomaly", "not judged"]
EventKind = Literal["anomaly", "task failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The figures above the charts.

    `vms` is an estimate (within some percent) where `vms_are_estimated`. `since` and `until` are
    the first and the last measurement, None where no row has a time. `anomaly_rate` (0-1) is the
    share of the `judged` rows, those with an `anomaly_status`; None where there are none.
    `preceding_rate` is that of the `preceding_judged` rows in the time of the same length before,
    `rate_change` the difference of the two (-1 to 1). Where there is none, `no_change_reason`
    says why.
    """

    rows: int
    vms: int
    vms_are_estimated: bool
    judged: int
    anomalies: int
    anomaly_rate: float | None
    preceding_judged: int
    preceding_rate: float | None
    rate_change: float | None
    no_change_reason: str | None
    since: datetime | None
    until: datetime | None
    tickets: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StatusSeries:
    """A measurement over time in rows of one status.

    All arrays have shape (n_buckets,), leaving out buckets without a row: `at` is the middle of the
    bucket (UTC), `low`, `mean` and `high` are over its `rows`, so that no spike is lost.
    """

    status: Status
    at: MomentArray
    low: FloatArray
    mean: FloatArray
    high: FloatArray
    rows: IntArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TimeSeries:
    """CPU in percent over time by status, in buckets of `bucket_s` seconds.

    `empty_reason` says in a sentence why there is nothing to draw, None where there is something.
    """

    bucket_s: float
    series: tuple[StatusSeries, ...]
    empty_reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskCount:
    """How many rows have a task type; `anomaly_rate` (0-1) of those judged, None without any."""

    task_type: str
    rows: int
    anomalies: int
    anomaly_rate: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskCounts:
    """The most frequent task types, and how many rows (`other_rows`) have another one."""

    types: tuple[TaskCount, ...]
    other_rows: int
    empty_reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusCount:
    """How many rows have a status, and their share (0-1) of all."""

    status: Status
    rows: int
    share: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LoadPoints:
    """Rows one by one, arrays of shape (n,): CPU and memory in percent, and what each is.

    `at` is NaT where the row has no time.
    """

    cpu: FloatArray
    memory: FloatArray
    vm_ids: tuple[str, ...]
    at: MomentArray
    statuses: tuple[Status, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LoadMap:
    """CPU against memory: the rows themselves (`points`) where they are few, else a density grid.

    `rows` and `anomalies` of shape (n_memory, n_cpu) count rows with both values per cell, between
    the edges `cpu_edges` of shape (n_cpu + 1,) and `memory_edges` of shape (n_memory + 1,), in
    percent. All four are empty where there are points.
    """

    points: LoadPoints | None
    cpu_edges: FloatArray
    memory_edges: FloatArray
    rows: IntArray
    anomalies: IntArray
    empty_reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Overview:
    """One view of the Dashboard.

    `anomaly_split` has one entry per status that occurs; `split_empty_reason` says why there is
    none.
    """

    summary: Summary
    cpu: TimeSeries
    tasks: TaskCounts
    anomaly_split: tuple[StatusCount, ...]
    split_empty_reason: str | None
    load: LoadMap


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A value that can be filtered by, and how many rows have it (None where not counted)."""

    value: str
    rows: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What can be filtered by, most frequent first.

    `vms` are some of `n_vms`, the others are found by `Fleet.search_vms`; where there are very many
    they are the first by name, without counts. `since` and `until` are the first and the last
    measurement of all.
    """

    since: datetime | None
    until: datetime | None
    n_vms: int
    vms: tuple[Choice, ...]
    task_types: tuple[Choice, ...]
    priorities: tuple[Choice, ...]
    statuses: tuple[Choice, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ValueSeries:
    """One measurement of one VM over time; the arrays are those of `StatusSeries`.

    `column` is its name in the dataset.
    """

    column: str
    at: MomentArray
    low: FloatArray
    mean: FloatArray
    high: FloatArray
    rows: IntArray


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineEvent:
    """A row that was marked as an anomaly, or whose task failed."""

    at: datetime | None
    kind: EventKind
    task_type: str
    task_status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineTicket:
    """A ticket about a VM, as far as the page shows it."""

    at: datetime | None
    category: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Machine:
    """One VM: its measurements in buckets of `bucket_s` seconds, its newest events and tickets.

    `events` and `tickets` are the newest of `n_events` and `n_tickets`; those without a time come
    last. `empty_reason` says why there is no series, None where there is one.
    """

    vm_id: str
    rows: int
    bucket_s: float
    series: tuple[ValueSeries, ...]
    empty_reason: str | None
    n_events: int
    events: tuple[MachineEvent, ...]
    n_tickets: int
    tickets: tuple[MachineTicket, ...]
