"""Round trip of the response probe."""

from core.errors import MetricUnavailableError
from core.metrics import metric_spec
from core.telemetry.metric import Metric, Sources
from core.telemetry.registry import register

__all__ = ["ResponseTimeMs"]


@register
class ResponseTimeMs(Metric):
    """The probe's latest answer; the probe waits for it beside the samples."""

    spec = metric_spec("response_time_ms")

    def read(self, sources: Sources, now: float) -> float:
        """Return milliseconds."""
        if sources.probe is None:
            raise MetricUnavailableError("no response probe is running")
        return sources.probe.response_time_ms()
