"""Bytes in and out, rate since the last sample."""

from core.metrics import metric_spec
from core.telemetry.metric import Metric, Sources
from core.telemetry.rates import CounterRate, outside_interfaces
from core.telemetry.registry import register

__all__ = ["NetworkBytesPerS"]


@register
class NetworkBytesPerS(Metric):
    """Bytes in and out of all interfaces to the outside."""

    spec = metric_spec("network_bytes_per_s")

    def __init__(self) -> None:
        self._rate = CounterRate()

    def read(self, sources: Sources, now: float) -> float:
        """Return bytes per second."""
        interfaces = outside_interfaces(sources.host.network())
        return self._rate.update(now, {name: nic.bytes_total for name, nic in interfaces.items()})
