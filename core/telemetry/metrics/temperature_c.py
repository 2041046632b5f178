"""Hottest sensor of the host."""

from core.errors import MetricUnavailableError
from core.metrics import metric_spec
from core.telemetry.metric import Metric, Sources
from core.telemetry.registry import register

__all__ = ["TemperatureC"]


@register
class TemperatureC(Metric):
    """The hottest of the sensors that say something possible.

    An unconnected input often says -128 or some thousands; it must not hide the others.
    """

    spec = metric_spec("temperature_c")

    def read(self, sources: Sources, now: float) -> float:
        """Return °C; a gap without a sensor, as in most virtual machines."""
        readings = sources.host.temperatures_c()
        if not readings:
            raise MetricUnavailableError("no temperature sensor on this host")
        possible = [celsius for celsius in readings if self.is_possible(celsius)]
        if not possible:
            said = ", ".join(f"{celsius:g}" for celsius in readings)
            raise MetricUnavailableError(f"no temperature sensor says anything possible: {said} °C")
        return max(possible)
