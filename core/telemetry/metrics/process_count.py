"""Number of processes."""

from core.metrics import metric_spec
from core.telemetry.metric import Metric, Sources
from core.telemetry.registry import register

__all__ = ["ProcessCount"]


@register
class ProcessCount(Metric):
    """All processes that this host (or this container) sees."""

    spec = metric_spec("process_count")

    def read(self, sources: Sources, now: float) -> float:
        """Return a count."""
        return float(sources.host.process_count())
