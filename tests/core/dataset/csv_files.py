"""Small fleet files for the tests, as text."""

import csv
import io
from collections.abc import Mapping, Sequence

ROW = {
    "vm_id": "vm-001",
    "timestamp": "2025-03-01 10:00:00",
    "cpu_usage": "41.5",
    "memory_usage": "60",
    "network_traffic": "120.5",
    "power_consumption": "210",
    "num_executed_instructions": "1500",
    "execution_time": "3.5",
    "energy_efficiency": "7.1",
    "task_type": "web",
    "task_priority": "high",
    "task_status": "completed",
    "anomaly_status": "0",
}


def fleet_csv(
    *changes: Mapping[str, str], names: Mapping[str, str] | None = None, separator: str = ","
) -> str:
    """Return a fleet file with one row for each of `changes` to `ROW`, a second apart.

    `names` replaces names of the header.
    """
    rows = [
        {**ROW, "timestamp": f"2025-03-01 10:{n // 60:02d}:{n % 60:02d}", **change}
        for n, change in enumerate(changes)
    ]
    header = list(dict.fromkeys(name for row in rows for name in row))
    written = io.StringIO()
    writer = csv.writer(written, delimiter=separator, lineterminator="\n")
    writer.writerow([(names or {}).get(name, name) for name in header])
    writer.writerows([row.get(name, "") for name in header] for row in rows)
    return written.getvalue()


def column_csv(name: str, cells: Sequence[str], separator: str = ",") -> str:
    """Return a fleet file whose column `name` has these cells."""
    return fleet_csv(*({name: cell} for cell in cells), separator=separator)


def ticket_csv(rows: Sequence[tuple[str, str]]) -> str:
    """Return a ticket file."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(["ticket_text", "ticket_category"])
    writer.writerows(rows)
    return written.getvalue()
