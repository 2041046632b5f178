"""Demo data: a made-up fleet and its tickets, marked as such in every row."""

import gzip
import io
import math
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from core.dataset.demo_fleet import Fleet, Incident, fleet
from core.dataset.demo_tickets import TicketWriter
from core.dataset.schema import CATEGORIES, COLUMN_NAMES, DEMO_COLUMN
from core.errors import DataError
from core.metrics import FloatArray
from core.named_files import written

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["generate", "write"]

ObjectArray = npt.NDArray[np.object_]

_START = datetime(2025, 1, 6, tzinfo=UTC)  # a Monday
_MOST_ROWS = 10_000_000
_DECIMALS = {
    "cpu_usage": 1,
    "memory_usage": 1,
    "network_traffic": 1,
    "power_consumption": 0,
    "num_executed_instructions": 0,
    "execution_time": 2,
    "energy_efficiency": 2,
}
_MISSING_SHARE = 0.004
# Tickets per row that are no incident's: wishes for more room, and everything else.
_PLANNING_SHARE = 0.014
_GENERAL_SHARE = 0.021
_MISFILED_SHARE = 0.05
_PRIORITIES = ("low", "medium", "high")
_PRIORITY_CHANCES = (0.3, 0.5, 0.2)


def generate(rows: int, seed: int) -> "pd.DataFrame":
    """Return demo data: hourly telemetry of a made-up fleet, with tickets in one row of eleven.

    The fleet grows with the square root of `rows`: 25 machines over 27 days for 16,000 rows. About
    one row in ten lies in an incident; its tickets are written from the hour on in which it is
    plain to see, some of them after it is over. One ticket in twenty is filed wrongly, a fifth of
    those about incidents only say that something is slow or down, some guess, most of them wrongly,
    and some tell two problems: about nine in ten can be told by who reads them carefully.

    Parameters
    ----------
    rows : int
        From 1 to 10 million.
    seed : int
        The same seed gives the same data.

    Returns
    -------
    DataFrame
        All columns of the dataset, ordered by time; `demo` is 1 in every row.

    Raises
    ------
    DataError
        `rows` or `seed` is out of range.
    """
    import pandas as pd

    if not 1 <= rows <= _MOST_ROWS or seed < 0:
        raise DataError(
            f"Demo data have from 1 to {_MOST_ROWS:,} rows and a seed of at least 0; "
            f"asked for were {rows:,} rows with seed {seed}."
        )
    random = np.random.default_rng(seed)
    n_machines = max(1, round(math.sqrt(rows) / 5))
    n_steps = math.ceil(rows / n_machines)
    history = fleet(n_machines, n_steps, random)
    names = np.array([f"vm-{n:03d}" for n in range(1, n_machines + 1)], dtype=object)
    texts, categories = _tickets(history, names, random, seed)
    columns: dict[str, object] = {
        "vm_id": np.tile(names, n_steps),
        "timestamp": pd.date_range(_START, periods=n_steps, freq="h").repeat(n_machines),
        **{name: _measured(history, name, random) for name in _DECIMALS},
        **_tasks(history, random),
        "anomaly_status": history.anomaly.astype(np.int8).ravel(),
        "ticket_text": texts.ravel(),
        "ticket_category": categories.ravel(),
        DEMO_COLUMN: np.ones(history.anomaly.size, np.int8),
    }
    return pd.DataFrame(columns)[list(COLUMN_NAMES)].head(rows)


def write(path: Path, rows: int, seed: int) -> int:
    """Write demo data as CSV (gzipped where the name ends in .gz) and return its size in bytes.

    Raises
    ------
    DataError
        `rows` or `seed` is out of range, or the file cannot be written.
    """
    frame = generate(rows, seed)
    frame["timestamp"] = frame["timestamp"].dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    text = frame.to_csv(index=False, lineterminator="\n").encode()
    if path.suffix == ".gz":
        packed = io.BytesIO()
        # Without a name and a time in it the same data are the same bytes.
        with gzip.GzipFile(filename="", mode="wb", fileobj=packed, mtime=0) as file:
            file.write(text)
        text = packed.getvalue()
    with written(path) as file:
        file.write(text)
    return len(text)


def _measured(history: Fleet, name: str, random: np.random.Generator) -> FloatArray:
    """Return a column as monitoring would have written it: rounded, with a few gaps."""
    values = np.round(history.columns[name], _DECIMALS[name]).ravel()
    values[random.random(values.size) < _MISSING_SHARE] = np.nan
    return np.asarray(values)


def _tasks(history: Fleet, random: np.random.Generator) -> dict[str, ObjectArray]:
    """Return what ran, how urgent it was and what became of it."""
    shape = history.anomaly.shape
    which = random.integers(0, history.task_types.shape[1], shape)
    types = history.task_types[np.arange(shape[1]), which]
    priorities = random.choice(_PRIORITIES, shape, p=_PRIORITY_CHANCES)
    slow = history.columns["execution_time"]
    failing = 0.02 + 0.10 * (slow > np.median(slow, axis=0) * 2.2)
    draw = random.random(shape)
    status = np.where(draw < failing, "failed", np.where(draw < 0.25, "running", "completed"))
    return {
        "task_type": types.ravel(),
        "task_priority": priorities.astype(object).ravel(),
        "task_status": status.astype(object).ravel(),
    }


def _tickets(
    history: Fleet,
    names: ObjectArray,
    random: np.random.Generator,
    seed: int,
) -> tuple[ObjectArray, ObjectArray]:
    """Return texts and categories of shape (n_steps, n_machines), None where nobody wrote."""
    shape = history.anomaly.shape
    writer = TicketWriter(seed)
    texts = np.full(shape, None, dtype=object)
    categories = np.full(shape, None, dtype=object)

    def file(step: int, machine: int, category: str) -> None:
        if step < shape[0] and texts[step, machine] is None:
            texts[step, machine] = writer.write(category, str(names[machine]))
            misfiled = random.random() < _MISFILED_SHARE
            categories[step, machine] = str(random.choice(CATEGORIES)) if misfiled else category

    for incident in history.incidents:
        for step in _noticed(incident, random):
            file(step, incident.machine, incident.kind)
    crowded = np.quantile(history.level, 0.6)
    chances = _PLANNING_SHARE * np.where(history.level > crowded, 1.7, 0.53)
    for share, category in ((chances, "Capacity-Planning"), (_GENERAL_SHARE, "General")):
        for step, machine in np.argwhere(_office_hours(shape) * share > random.random(shape)):
            file(int(step), int(machine), category)
    return texts, categories


def _noticed(incident: Incident, random: np.random.Generator) -> list[int]:
    """Return when people write about an incident: not before it is plain to see."""
    first = incident.seen + int(random.random() < 0.5)
    steps = np.arange(first, max(incident.end, first + 1) + 1)
    n_tickets = min(steps.size, 1 + random.poisson(3.5))
    return sorted(random.choice(steps, n_tickets, replace=False).tolist())


def _office_hours(shape: tuple[int, int]) -> FloatArray:
    """Return how much likelier than on average people write at each step; its mean is about 1."""
    hours = np.arange(shape[0])
    in_office = (hours % 24 >= 7) & (hours % 24 < 19) & (hours // 24 % 7 < 5)
    weight = np.where(in_office, 2.4, 0.25)[:, None]
    return np.asarray(np.broadcast_to(weight, shape))
