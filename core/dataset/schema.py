"""The columns of the fleet dataset, and how the names in a file are matched to them."""

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

__all__ = [
    "CATEGORIES",
    "COLUMNS",
    "COLUMN_NAMES",
    "DEMO_COLUMN",
    "NUMBER_NAMES",
    "PERCENT_NAMES",
    "TASK_NAMES",
    "TICKET_NAMES",
    "ColumnKind",
    "ColumnSpec",
    "column_spec",
    "nearest",
    "normalised",
]

ColumnKind = Literal["name", "time", "number", "category", "flag", "text"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnSpec:
    """What a column is called, what its cells hold and what they mean.

    `low` and `high` bound what is possible, in the unit that is stored; None: no bound.
    """

    name: str
    kind: ColumnKind
    meaning: str
    low: float | None = None
    high: float | None = None


def _number(name: str, meaning: str) -> ColumnSpec:
    return ColumnSpec(name=name, kind="number", meaning=meaning, low=0.0)


def _percent(name: str, meaning: str) -> ColumnSpec:
    return ColumnSpec(name=name, kind="number", meaning=meaning, low=0.0, high=100.0)


DEMO_COLUMN = "demo"
COLUMNS: tuple[ColumnSpec, ...] = (
    ColumnSpec(name="vm_id", kind="name", meaning="name of the virtual machine"),
    ColumnSpec(name="timestamp", kind="time", meaning="when it was measured (UTC)"),
    _percent("cpu_usage", "busy share of its cores, 0-100"),
    _percent("memory_usage", "used share of its memory, 0-100"),
    _number("network_traffic", "bytes in and out, in the unit of the file"),
    _number("power_consumption", "power drawn, in the unit of the file"),
    _number("num_executed_instructions", "instructions executed, in the unit of the file"),
    _number("execution_time", "time the task took, in the unit of the file"),
    _number("energy_efficiency", "work done per energy, in the unit of the file"),
    ColumnSpec(name="task_type", kind="category", meaning="kind of task that ran"),
    ColumnSpec(name="task_priority", kind="category", meaning="priority of the task"),
    ColumnSpec(name="task_status", kind="category", meaning="what became of the task"),
    ColumnSpec(name="anomaly_status", kind="flag", meaning="1 where the row was found unusual"),
    ColumnSpec(name="ticket_text", kind="text", meaning="what the person wrote"),
    ColumnSpec(name="ticket_category", kind="category", meaning="where the ticket belonged"),
    ColumnSpec(name=DEMO_COLUMN, kind="flag", meaning="1 where the row was made up"),
)
COLUMN_NAMES = tuple(spec.name for spec in COLUMNS)
NUMBER_NAMES = tuple(spec.name for spec in COLUMNS if spec.kind == "number")
PERCENT_NAMES = tuple(spec.name for spec in COLUMNS if spec.high == 100.0)
TASK_NAMES = ("task_type", "task_priority", "task_status")
TICKET_NAMES = ("ticket_text", "ticket_category")
CATEGORIES = (
    "Anomaly",
    "Capacity-Planning",
    "General",
    "Network",
    "Performance-CPU",
    "Performance-Memory",
    "Power",
)

# What other exports call these columns; a hint in the report, never taken silently.
_OTHER_NAMES: Mapping[str, tuple[str, ...]] = {
    "vm_id": ("vm", "host", "hostname", "instance", "instance_id", "machine", "node", "server"),
    "timestamp": ("time", "date", "datetime", "ts", "created", "created_at"),
    "cpu_usage": ("cpu", "cpu_percent", "cpu_utilization"),
    "memory_usage": ("mem", "ram", "memory", "memory_percent", "memory_utilization"),
    "network_traffic": ("network", "traffic"),
    "power_consumption": ("power", "watts"),
    "anomaly_status": ("anomaly", "is_anomaly", "anomalous"),
    "ticket_text": ("text", "description", "document", "body", "message", "ticket", "subject"),
    "ticket_category": ("category", "label", "class", "topic", "topic_group", "queue"),
}
_ALIKE = 0.75  # difflib's ratio; `mem_usage` against `memory_usage` has 0.86, `cpu` has 0.5


def column_spec(name: str) -> ColumnSpec:
    """Return the spec of a column of the dataset; KeyError for any other name."""
    for spec in COLUMNS:
        if spec.name == name:
            return spec
    raise KeyError(name)


def normalised(name: str) -> str:
    """Return a column's name in lower case, with underscores for blanks and hyphens.

    Examples
    --------
    >>> normalised(" CPU Usage ")
    'cpu_usage'
    """
    return re.sub(r"[\s-]+", "_", name.strip("\ufeff \t\r\n'\"").casefold())


def nearest(name: str, candidates: Iterable[str]) -> str | None:
    """Return the candidate that was probably meant by the column `name`, or by whose name `name`
    was probably meant; None where nothing is alike.

    Examples
    --------
    >>> nearest("cpu_usage", ["cpu usage %", "disk"])
    'cpu usage %'
    """
    bare = {_bare(candidate): candidate for candidate in candidates}
    wanted = [name, *_OTHER_NAMES.get(normalised(name), ())]
    wanted += [known for known, others in _OTHER_NAMES.items() if normalised(name) in others]
    return _closest([_bare(text) for text in wanted], bare)


def _bare(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "", normalised(name))


def _closest(wanted: Sequence[str], bare: Mapping[str, str]) -> str | None:
    for text in wanted:
        if text in bare:
            return bare[text]
    close = difflib.get_close_matches(wanted[0], bare, n=1, cutoff=_ALIKE)
    return bare[close[0]] if close else None
