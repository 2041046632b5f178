"""Used share of memory; inside a container, of the container's limit."""

from core.metrics import metric_spec
from core.telemetry.metric import Metric, Sources
from core.telemetry.registry import register

__all__ = ["MemoryPercent"]


@register
class MemoryPercent(Metric):
    """What programs cannot get any more: cache that the kernel gives back counts as free."""

    spec = metric_spec("memory_percent")

    def read(self, sources: Sources, now: float) -> float:
        """Return 0-100."""
        return sources.host.memory().percent()
