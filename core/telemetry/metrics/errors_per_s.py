"""Network errors and drops, rate since the last sample."""

from core.metrics import metric_spec
from core.telemetry.metric import Metric, Sources
from core.telemetry.rates import CounterRate, outside_interfaces
from core.telemetry.registry import register

__all__ = ["ErrorsPerS"]


@register
class ErrorsPerS(Metric):
    """Errors and drops, in and out, of all interfaces to the outside."""

    spec = metric_spec("errors_per_s")

    def __init__(self) -> None:
        self._rate = CounterRate()

    def read(self, sources: Sources, now: float) -> float:
        """Return errors and drops per second."""
        interfaces = outside_interfaces(sources.host.network())
        return self._rate.update(now, {name: nic.errors_total for name, nic in interfaces.items()})
