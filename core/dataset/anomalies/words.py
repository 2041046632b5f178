"""How measurements of the fleet are called, and their values with their units."""

from core.dataset.schema import PERCENT_NAMES
from core.quantities import rounded

__all__ = ["LABELS", "range_in_words", "unit_of"]

LABELS = {
    "cpu_usage": "CPU",
    "memory_usage": "memory",
    "network_traffic": "network traffic",
    "power_consumption": "power",
    "num_executed_instructions": "instructions executed",
    "execution_time": "execution time",
    "energy_efficiency": "energy efficiency",
    "cpu_mem_ratio": "CPU per memory",
    "net_per_exec_time": "network traffic per execution time",
    "power_per_instruction": "power per instruction",
}
# A file does not tell its units; the demo data are ours.
_DEMO_UNITS = {"network_traffic": "MB/s", "power_consumption": "W", "execution_time": "s"}


def unit_of(column: str, *, is_demo: bool) -> str:
    """Return the unit of a measurement; empty where it is not known."""
    if column in PERCENT_NAMES:
        return "%"
    return _DEMO_UNITS.get(column, "") if is_demo else ""


def range_in_words(column: str, value: float, low: float, high: float, unit: str) -> str:
    """Return a value beside its usual range.

    Examples
    --------
    >>> range_in_words("power_consumption", 412.0, 180.2, 259.7, "W")
    'power 412 W, usual 180-260'
    """
    shown, *ends = (_number(number) for number in (value, low, high))
    if shown in ends:  # rounded until it no longer shows what is unusual about it
        shown, *ends = (f"{number:.5g}" for number in (value, low, high))
    usual = ends[0] if ends[0] == ends[1] else f"{ends[0]}-{ends[1]}"
    return f"{LABELS[column]} {shown}{' ' * bool(unit)}{unit}, usual {usual}"


def _number(value: float) -> str:
    """Return a number in three digits, also a small one."""
    return f"{value:.2g}" if 0 < abs(value) < 0.01 else rounded(value)
