"""The live metrics, found in `core/telemetry/metrics/`: one module each."""

from core.metrics import METRIC_NAMES
from core.registry import Registry
from core.telemetry.metric import Metric

__all__ = ["LIVE_METRICS", "create_metric", "create_metrics", "metric_names", "register"]

LIVE_METRICS: Registry[Metric] = Registry(
    "core.telemetry.metrics", "metric", lambda metric: metric.spec.name, first=METRIC_NAMES
)
register = LIVE_METRICS.register
metric_names = LIVE_METRICS.names


def create_metric(name: str) -> Metric:
    """Return a new metric without a past.

    Raises
    ------
    UnknownNameError
        No metric has this name; the message lists those there are.
    """
    return LIVE_METRICS.find(name)()


def create_metrics() -> tuple[Metric, ...]:
    """Return one new metric of every name, in the order of `metric_names`."""
    return tuple(create_metric(name) for name in metric_names())
