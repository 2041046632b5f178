"""Busy share of all cores since the last sample."""

from core.errors import MetricUnavailableError
from core.metrics import metric_spec
from core.telemetry.host import CpuTimes
from core.telemetry.metric import Metric, Sources
from core.telemetry.rates import FIRST_SAMPLE
from core.telemetry.registry import register

__all__ = ["CpuPercent"]


@register
class CpuPercent(Metric):
    """Busy over busy and idle seconds, so that no clock is needed.

    Waiting for a disk counts as idle and stolen time as busy (see `CpuTimes`).
    """

    spec = metric_spec("cpu_percent")

    def __init__(self) -> None:
        self._last: CpuTimes | None = None

    def read(self, sources: Sources, now: float) -> float:
        """Return 0-100; a gap at first, and where the counters stood still or went backwards."""
        times = sources.host.cpu_times()
        last, self._last = self._last, times
        if last is None:
            raise MetricUnavailableError(FIRST_SAMPLE)
        busy_s = times.busy_s - last.busy_s
        # Linux may correct a core's idle time downwards by a little: no reason for a gap.
        idle_s = max(times.idle_s - last.idle_s, 0.0)
        if busy_s < 0:
            raise MetricUnavailableError("the CPU counters restarted")
        if busy_s + idle_s <= 0:
            raise MetricUnavailableError("the CPU counters did not move since the last sample")
        return 100.0 * busy_s / (busy_s + idle_s)
