"""One version of the fleet dataset, opened for questions."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from core.dataset.archive import current
from core.dataset.manifest import ImportedDataset
from core.dataset.overview.charts import cpu_over_time, load_map, status_split, task_counts
from core.dataset.overview.choices import choices, search_vms
from core.dataset.overview.engine import MEMORY_MB, THREADS, Engine
from core.dataset.overview.filters import Filters
from core.dataset.overview.machine import machine
from core.dataset.overview.reasons import empty_reason
from core.dataset.overview.results import Choice, Choices, Machine, Overview
from core.dataset.overview.summary import moment_at, summed_up

__all__ = ["Fleet"]


class Fleet:
    """Answers questions about one version of the dataset; several threads may ask at once.

    Memory does not grow with the rows: every answer is an aggregate that DuckDB streams.

    Parameters
    ----------
    dataset : ImportedDataset
        The version, as `current` returns it.
    memory_mb, threads : int
        What DuckDB may use.

    Raises
    ------
    DataError
        Its Parquet file cannot be read.
    """

    def __init__(
        self, dataset: ImportedDataset, *, memory_mb: int = MEMORY_MB, threads: int = THREADS
    ) -> None:
        self.dataset = dataset
        self.engine = Engine(dataset.parquet, memory_mb=memory_mb, threads=threads)
        sql = "SELECT min(epoch_us(timestamp)), max(epoch_us(timestamp)) FROM fleet"
        first_us, last_us = self.engine.rows(sql)[0]
        self._extent: tuple[datetime | None, datetime | None] = (
            moment_at(first_us),
            moment_at(last_us),
        )

    @classmethod
    def open(cls, data_dir: Path) -> Self:
        """Return the active version, opened.

        Raises
        ------
        MissingDataError
            Nothing was imported yet.
        DataError
            The active version cannot be used.
        """
        return cls(current(data_dir))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self.engine.close()

    @property
    def _n_vms(self) -> int:
        return self.dataset.report.vm_count or 0

    def overview(self, filters: Filters) -> Overview:
        """Return the figures and the charts of the rows that count."""
        summary = summed_up(self.engine, filters, n_vms=self._n_vms, last=self._extent[1])
        condition = filters.condition()

        def why(*columns: str) -> str:
            return empty_reason(self.dataset.report, filters, summary.rows, columns)

        split = (
            status_split(summary.rows, summary.judged, summary.anomalies) if summary.judged else ()
        )
        return Overview(
            summary=summary,
            cpu=cpu_over_time(self.engine, condition, summary, why("timestamp", "cpu_usage")),
            tasks=task_counts(self.engine, condition, summary.rows, why("task_type")),
            anomaly_split=split,
            split_empty_reason=None if split else why("anomaly_status"),
            load=load_map(
                self.engine,
                condition,
                self.dataset.report,
                summary.rows,
                why("cpu_usage", "memory_usage"),
            ),
        )

    def choices(self) -> Choices:
        """Return what can be filtered by, the same for all filters."""
        since, until = self._extent
        return choices(self.engine, n_vms=self._n_vms, since=since, until=until)

    def search_vms(self, text: str, limit: int = 50) -> tuple[Choice, ...]:
        """Return at most `limit` VMs whose name contains `text`, whatever its case."""
        return search_vms(self.engine, text, n_vms=self._n_vms, limit=limit)

    def vms_among(self, names: Sequence[str], filters: Filters) -> frozenset[str]:
        """Return which of the VMs `names` have a row that counts."""
        condition = filters.condition()
        sql = (
            "SELECT DISTINCT vm_id FROM fleet "  # noqa: S608 - values are bound
            f"WHERE list_contains($names::VARCHAR[], vm_id) AND {condition.sql}"
        )
        found = self.engine.rows(sql, {"names": list(names), **condition.parameters})
        return frozenset(name for (name,) in found)

    def machine(self, vm_id: str, filters: Filters) -> Machine:
        """Return one VM; of `filters`, those for the VM do not apply."""
        return machine(self.engine, self.dataset.report, vm_id, filters)
