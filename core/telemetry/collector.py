"""One sample of a host: every metric a value, or a gap with its reason."""

from collections.abc import Sequence

from core.errors import MetricUnavailableError
from core.metrics import Reading, Sample
from core.telemetry.host import Host
from core.telemetry.metric import Metric, Probe, Sources
from core.telemetry.registry import create_metrics

__all__ = ["Collector"]


class Collector:
    """Takes samples of one host; for one thread at a time.

    Parameters
    ----------
    host_name : str
        Name of the host in its samples.
    host : Host
        The door to it.
    metrics : sequence of Metric, optional
        What to measure; every registered metric by default. They keep their past, so they belong
        to this collector alone.
    probe : Probe, optional
        What response_time_ms reads.
    """

    def __init__(
        self,
        host_name: str,
        host: Host,
        *,
        metrics: Sequence[Metric] | None = None,
        probe: Probe | None = None,
    ) -> None:
        self.host_name = host_name
        self._host = host
        self._sources = Sources(host=host, probe=probe)
        self._metrics = create_metrics() if metrics is None else tuple(metrics)

    def sample(self) -> Sample:
        """Return all metrics as they are now; rates are since the last call, a gap at the first."""
        now = self._host.monotonic_s()
        return Sample(
            host=self.host_name,
            at=self._host.utc_now(),
            readings=tuple(self._reading(metric, now) for metric in self._metrics),
        )

    def _reading(self, metric: Metric, now: float) -> Reading:
        spec = metric.spec
        try:
            value = metric.read(self._sources, now)
        except MetricUnavailableError as gap:
            return Reading(metric=spec.name, value=None, gap=str(gap))
        if not metric.is_possible(value):
            to = "on" if spec.high is None else f"to {spec.high:g}"
            gap_reason = f"the host says {value:g}, which is no number from {spec.low:g} {to}"
            return Reading(metric=spec.name, value=None, gap=gap_reason)
        return Reading(metric=spec.name, value=value)
