"""What a stored fleet dataset says, summed up for charts: DuckDB over its Parquet file.

`Fleet` answers for one version of the dataset; `Filters` says which rows count. DuckDB is loaded
when a `Fleet` is opened, not when this package is imported.
"""

from core.dataset.overview.filters import NOT_GIVEN, Filters
from core.dataset.overview.fleet import Fleet
from core.dataset.overview.results import (
    Choice,
    Choices,
    LoadMap,
    LoadPoints,
    Machine,
    MachineEvent,
    MachineTicket,
    Overview,
    StatusCount,
    StatusSeries,
    Summary,
    TaskCount,
    TaskCounts,
    TimeSeries,
    ValueSeries,
)

__all__ = [
    "NOT_GIVEN",
    "Choice",
    "Choices",
    "Filters",
    "Fleet",
    "LoadMap",
    "LoadPoints",
    "Machine",
    "MachineEvent",
    "MachineTicket",
    "Overview",
    "StatusCount",
    "StatusSeries",
    "Summary",
    "TaskCount",
    "TaskCounts",
    "TimeSeries",
    "ValueSeries",
]
