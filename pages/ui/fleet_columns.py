"""What the columns of the fleet dataset are called on screen, and the unit of their numbers."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from core import quantities
from core.dataset.anomalies.words import unit_of

__all__ = ["FLEET_COLUMNS", "FleetColumn", "fleet_column", "value_in_words"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetColumn:
    """A column's label and unit; "" where the file alone knows the unit, "/s" where per second."""

    label: str
    unit: str = ""

    @property
    def on_axis(self) -> str:
        """What an axis of its values is called."""
        is_known = self.unit and not self.unit.startswith("/")
        return self.unit if is_known else f"unit of the file{self.unit}"


FLEET_COLUMNS: Mapping[str, FleetColumn] = {
    "cpu_usage": FleetColumn(label="CPU", unit="%"),
    "memory_usage": FleetColumn(label="Memory", unit="%"),
    "network_traffic": FleetColumn(label="Network traffic"),
    "power_consumption": FleetColumn(label="Power"),
    "num_executed_instructions": FleetColumn(label="Instructions"),
    "execution_time": FleetColumn(label="Execution time"),
    "energy_efficiency": FleetColumn(label="Energy efficiency"),
    "anomaly_status": FleetColumn(label="Anomaly flag"),
    "task_type": FleetColumn(label="Task type"),
    "task_priority": FleetColumn(label="Task priority"),
    "task_status": FleetColumn(label="Task status"),
    "ts_hour": FleetColumn(label="Hour of day"),
    "ts_dayofweek": FleetColumn(label="Day of week"),
    "ts_month": FleetColumn(label="Month"),
    "cpu_mem_ratio": FleetColumn(label="CPU per memory"),
    "net_per_exec_time": FleetColumn(label="Traffic per execution time"),
    "power_per_instruction": FleetColumn(label="Power per instruction"),
}


def fleet_column(name: str, *, is_demo: bool) -> FleetColumn:
    """Return a column with the unit that its numbers have in this dataset, where that is known."""
    return replace(FLEET_COLUMNS[name], unit=unit_of(name, is_demo=is_demo))


def value_in_words(name: str, value: float | str) -> str:
    """Return a value of a column as people read it, with its unit where there is one."""
    if isinstance(value, str):
        return value
    if name == "anomaly_status":
        return "raised" if value else "not raised"
    return quantities.quantity(value, FLEET_COLUMNS[name].unit)
