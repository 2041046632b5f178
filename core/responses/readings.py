"""Which measured values are high, and which speak for or against a category."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from core.responses.evidence import Evidence

__all__ = ["Reading", "readings", "telling"]

# Metrics of a live host and columns of the fleet dataset that measure the same.
_GROUPS = {
    "cpu_percent": "cpu",
    "cpu_usage": "cpu",
    "memory_percent": "memory",
    "memory_usage": "memory",
    "disk_percent": "disk",
    "temperature_c": "temperature",
    "errors_per_s": "errors",
    "response_time_ms": "response",
    "anomaly_status": "flag",
}
# From where on a value is high whatever is usual: between the default warning and hard limits of
# the settings for shares; a second for an answer that a person waits for.
_HIGH: Mapping[str, float] = {
    "cpu": 90.0,
    "memory": 90.0,
    "disk": 85.0,
    "temperature": 85.0,
    "errors": 1.0,
    "response": 1000.0,
    "flag": 1.0,
}
_UNUSUAL_PERCENT = 97.0
# What being high in the host's own past means nothing for.
_NEVER_UNUSUAL = frozenset({"uptime_s", "flag", "anomaly_status"})
_TELLING: Mapping[str, frozenset[str]] = {
    "performance-cpu": frozenset({"cpu"}),
    "performance-memory": frozenset({"memory"}),
    "performance-disk": frozenset({"disk"}),
    "network": frozenset({"errors", "response"}),
    "power": frozenset({"temperature"}),
    "anomaly": frozenset({"flag"}),
    "capacity-planning": frozenset({"disk"}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A measured item of evidence: its group ("" for none), and whether it is high or unusual."""

    evidence: Evidence
    group: str
    is_high: bool
    is_unusual: bool

    @property
    def label(self) -> str:
        """The metric's name on screen."""
        return self.evidence.text.partition(":")[0]

    @property
    def words(self) -> str:
        """The value with its unit."""
        return self.evidence.text.partition(": ")[2].partition(";")[0]


def readings(evidence: Iterable[Evidence]) -> tuple[Reading, ...]:
    """Return the measured items, those that are high first."""
    found = []
    for item in evidence:
        if item.kind != "measured" or item.value is None:
            continue
        group = _GROUPS.get(item.topic, "")
        usual = item.usual_percent
        found.append(
            Reading(
                evidence=item,
                group=group,
                is_high=group in _HIGH and item.value >= _HIGH[group],
                is_unusual=usual is not None
                and usual >= _UNUSUAL_PERCENT
                and item.topic not in _NEVER_UNUSUAL,
            )
        )
    return tuple(sorted(found, key=lambda one: (not one.is_high, not one.is_unusual)))


def telling(measured: Iterable[Reading], category: str) -> tuple[Reading, ...]:
    """Return the readings that speak for or against this category."""
    groups = _TELLING.get(category.casefold(), frozenset())
    return tuple(one for one in measured if one.group in groups)
