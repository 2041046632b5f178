"""The live metrics, found in `core/telemetry/metrics/`: one module each."""

import importlib
import pkgutil

from core.errors import UnknownNameError
from core.metrics import METRIC_NAMES
from core.telemetry.metric import Metric

__all__ = ["create_metric", "create_metrics", "metric_names", "register"]

_PACKAGE = "core.telemetry.metrics"
_registered: dict[str, type[Metric]] = {}
_loaded = False


def register(metric: type[Metric]) -> type[Metric]:
    """Make `metric` known under the name in its spec; a class decorator.

    Raises
    ------
    ValueError
        The name is no identifier (it becomes a column), or another metric has it.
    """
    name = metric.spec.name
    if not name.isidentifier():
        raise ValueError(f"a metric is named like a variable, not {name!r}")
    other = _registered.get(name)
    # The same class again is a module that failed on its first import and is tried once more.
    if other is not None and _origin(other) != _origin(metric):
        raise ValueError(f"two metrics are named {name!r}: {_origin(other)} and {_origin(metric)}")
    _registered[name] = metric
    return metric


def metric_names() -> tuple[str, ...]:
    """Return the names of all metrics: the ten in their order, then further ones by name."""
    known = _load()
    ten = [name for name in METRIC_NAMES if name in known]
    return (*ten, *sorted(known.keys() - set(METRIC_NAMES)))


def create_metric(name: str) -> Metric:
    """Return a new metric without a past.

    Raises
    ------
    UnknownNameError
        No metric has this name; the message lists those there are.
    """
    known = _load()
    if name not in known:
        raise UnknownNameError(
            f"No metric is named {name!r}; there are {', '.join(metric_names())}."
        )
    return known[name]()


def create_metrics() -> tuple[Metric, ...]:
    """Return one new metric of every name, in the order of `metric_names`."""
    return tuple(create_metric(name) for name in metric_names())


def _load() -> dict[str, type[Metric]]:
    global _loaded
    if not _loaded:
        package = importlib.import_module(_PACKAGE)
        for module in pkgutil.iter_modules(package.__path__):
            importlib.import_module(f"{_PACKAGE}.{module.name}")
        _loaded = True
    return _registered


def _origin(metric: type[Metric]) -> str:
    return f"{metric.__module__}.{metric.__qualname__}"
