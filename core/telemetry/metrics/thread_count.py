"""Threads of all processes."""

from core.metrics import metric_spec
from core.telemetry.metric import Metric, Sources
from core.telemetry.registry import register

__all__ = ["ThreadCount"]


@register
class ThreadCount(Metric):
    """Threads of all processes, the kernel's own included where it lists them."""

    spec = metric_spec("thread_count")

    def read(self, sources: Sources, now: float) -> float:
        """Return a count."""
        return float(sources.host.thread_count())
