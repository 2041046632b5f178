"""Time since boot."""

from core.metrics import metric_spec
from core.telemetry.metric import Metric, Sources
from core.telemetry.registry import register

__all__ = ["UptimeS"]


@register
class UptimeS(Metric):
    """Time since the kernel booted; inside a container it is the host's."""

    spec = metric_spec("uptime_s")

    def read(self, sources: Sources, now: float) -> float:
        """Return seconds."""
        return sources.host.uptime_s()
