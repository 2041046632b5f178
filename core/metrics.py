"""The ten metrics of a host, in the one order used everywhere, and one measurement of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt

__all__ = ["METRICS", "METRIC_NAMES", "MetricSpec", "Reading", "Sample", "metric_spec"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricSpec:
    """What a metric is called, in which unit, and between which bounds its values lie.

    `low` and `high` are what is physically possible, not what is usual; `high` is None where there
    is no upper bound.
    """

    name: str
    label: str
    unit: str
    meaning: str
    low: float = 0.0
    high: float | None = None


METRICS: tuple[MetricSpec, ...] = (
    MetricSpec(
        name="cpu_percent",
        label="CPU",
        unit="%",
        meaning="busy share of all cores since the last sample",
        high=100.0,
    ),
    MetricSpec(
        name="memory_percent",
        label="Memory",
        unit="%",
        meaning="used share of memory; inside a container, of the container's limit",
        high=100.0,
    ),
    MetricSpec(
        name="disk_percent",
        label="Disk",
        unit="%",
        meaning="used share of the watched filesystem, as df shows it",
        high=100.0,
    ),
    MetricSpec(
        name="temperature_c",
        label="Temperature",
        unit="°C",
        meaning="hottest sensor",
        low=-60.0,
        high=250.0,
    ),
    MetricSpec(
        name="errors_per_s",
        label="Network errors",
        unit="1/s",
        meaning="network errors and drops, rate since the last sample",
    ),
    MetricSpec(
        name="response_time_ms",
        label="Response time",
        unit="ms",
        meaning="round trip of the response probe",
    ),
    MetricSpec(
        name="network_bytes_per_s",
        label="Network traffic",
        unit="B/s",
        meaning="bytes in and out, rate since the last sample",
    ),
    MetricSpec(name="uptime_s", label="Uptime", unit="s", meaning="time since boot"),
    MetricSpec(name="process_count", label="Processes", unit="", meaning="number of processes"),
    MetricSpec(
        name="thread_count",
        label="Threads",
        unit="",
        meaning="threads of all processes",
    ),
)
METRIC_NAMES: tuple[str, ...] = tuple(spec.name for spec in METRICS)


def metric_spec(name: str) -> MetricSpec:
    """Return the spec of one of the ten metrics; KeyError for any other name."""
    for spec in METRICS:
        if spec.name == name:
            return spec
    raise KeyError(name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One metric at one moment: a value, or a gap with the reason for it."""

    metric: str
    value: float | None
    gap: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """All metrics of one host at one moment (`at` is an aware UTC datetime)."""

    host: str
    at: datetime
    readings: tuple[Reading, ...]

    def __iter__(self) -> Iterator[Reading]:
        return iter(self.readings)

    def reading(self, metric: str) -> Reading:
        """Return the reading of `metric`; a gap where the sample does not hold it."""
        for reading in self.readings:
            if reading.metric == metric:
                return reading
        return Reading(metric=metric, value=None, gap="not measured")

    def vector(self, names: tuple[str, ...] = METRIC_NAMES) -> FloatArray:
        """Return the values of shape (len(names),) in the order of `names`, NaN for gaps."""
        values = [self.reading(name).value for name in names]
        return np.array([np.nan if value is None else value for value in values], dtype=float)
