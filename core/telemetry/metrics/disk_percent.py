"""Used share of the watched filesystem, as df shows it."""

from core.metrics import metric_spec
from core.telemetry.metric import Metric, Sources
from core.telemetry.registry import register

__all__ = ["DiskPercent"]


@register
class DiskPercent(Metric):
    """Used, of what is used and what unprivileged users may still fill (df rounds it up)."""

    spec = metric_spec("disk_percent")

    def read(self, sources: Sources, now: float) -> float:
        """Return 0-100; a gap on a filesystem without blocks, such as /proc."""
        return sources.host.disk().percent()
