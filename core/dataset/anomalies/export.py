"""Anomalies as lines of cells, to be taken away."""

from collections.abc import Iterable, Iterator

from core.dataset.anomalies.results import Anomaly

__all__ = ["EXPORT_COLUMNS", "export_lines"]

EXPORT_COLUMNS = (
    "timestamp",
    "vm_id",
    "task_type",
    "task_priority",
    "task_status",
    "anomaly_status",
    "probability",
    "less_unusual",
    "why",
)


def export_lines(rows: Iterable[Anomaly]) -> Iterator[tuple[str, ...]]:
    """Yield the cells of each anomaly in the order of `EXPORT_COLUMNS`, empty where not known.

    Names stand as they are in the dataset: whoever writes them for a spreadsheet sees to it that
    none is taken for a formula.
    """
    for row in rows:
        yield (
            "" if row.at is None else row.at.isoformat(),
            row.vm_id,
            row.task_type,
            row.task_priority,
            row.task_status,
            "" if row.labelled is None else str(int(row.labelled)),
            "" if row.probability is None else f"{row.probability:.3f}",
            "" if row.less_unusual is None else f"{row.less_unusual:.4f}",
            row.sentence,
        )
