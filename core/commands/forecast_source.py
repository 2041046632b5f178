"""The history that `forecast` looks at: one machine or the fleet from a dataset, or one series."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.commands.output import say
from core.errors import DataError, MissingDataError, SchemaError, SettingsError

if TYPE_CHECKING:
    from core.forecast import FleetMetric, History

__all__ = ["ONE_SERIES", "history_of"]

ONE_SERIES = "value"
"""The metric's name where a file names none."""

_SHOWN_NAMES = 5


def history_of(
    path: Path, metric_name: str | None, vm: str | None, highest_limit: float
) -> "History":
    """Return what a file holds of a metric of one machine (`vm`) or of the fleet.

    A file with the columns timestamp and value is one series; without `metric_name`, its values are
    taken for percent where they lie between 0 and 100 and no limit is set beyond.

    Raises
    ------
    SettingsError
        The metric is unknown, missing or out of place.
    DataError
        The file cannot be used, or does not hold what was asked for.
    """
    from core.forecast.values_csv import holds_one_series

    metric = None if metric_name is None else _metric(metric_name)
    if holds_one_series(path):
        if vm is not None:
            raise SettingsError(f"{path.name} holds one series and no machines; leave --vm out.")
        return _one_series(path, metric, highest_limit)
    return _from_fleet(path, metric, vm)


def _metric(name: str) -> "FleetMetric":
    from core.forecast import FLEET_METRICS

    for metric in FLEET_METRICS:
        if name.strip().lower() in (metric.name, metric.name.partition("_")[0]):
            return metric
    known = ", ".join(metric.name for metric in FLEET_METRICS)
    raise SettingsError(f"--metric is {name[:40]!r}; it must be one of {known}.")


def _one_series(path: Path, metric: "FleetMetric | None", highest_limit: float) -> "History":
    import numpy as np

    from core.forecast import History
    from core.forecast.values_csv import read_values

    measured = read_values(path)
    if measured.n_unusable:
        say(
            f"{measured.n_unusable:,} lines of {path.name} cannot be read and were left out, the "
            f"first is line {measured.first_unusable}."
        )
    known = measured.values[np.isfinite(measured.values)]
    if not known.size:
        raise MissingDataError(f"{path.name} has no value in any row; bring rows with values.")
    low: float | None
    if metric is not None:
        name, low, high = metric.name, metric.low, metric.high
    else:
        name = ONE_SERIES
        low = 0.0 if known.min() >= 0 else None
        is_percent = low == 0 and 1 < known.max() <= 100 and highest_limit <= 100
        high = 100.0 if is_percent else None
        if is_percent:
            say("Values from 0 to 100 are taken for percent; if they are not, set --limit above.")
    return History(
        resource=path.name,
        metric=name,
        at_s=measured.at_s,
        values=measured.values,
        low=low,
        high=high,
    )


def _from_fleet(path: Path, metric: "FleetMetric | None", vm: str | None) -> "History":
    import numpy as np

    from core.dataset import read
    from core.forecast import FLEET_METRICS, fleet_history, machine_histories

    try:
        table, report = read(path)
    except SchemaError as error:
        raise SchemaError(
            f"{error} A file of one series has the columns timestamp and value."
        ) from error
    if metric is None:
        known = ", ".join(one.name for one in FLEET_METRICS)
        raise SettingsError(f"{path.name} is a fleet dataset; say --metric, one of {known}.")
    if report.kind == "tickets":
        raise DataError(f"{path.name} holds tickets and no telemetry; name a fleet dataset.")
    at = table["timestamp"].to_numpy()
    at_s = np.where(np.isnat(at), np.nan, at.astype("datetime64[us]").astype(np.int64) / 1e6)
    machines = table["vm_id"].to_numpy()
    values = table[metric.name].to_numpy().astype(float)
    if vm is not None:
        is_wanted = machines == vm
        if not is_wanted.any():
            raise MissingDataError(f"{path.name} has no machine {vm[:60]!r}; {_some(machines)}.")
        machines, at_s, values = machines[is_wanted], at_s[is_wanted], values[is_wanted]
    histories = machine_histories(machines, at_s, values, metric)
    if not histories:
        of = "the fleet" if vm is None else vm
        raise MissingDataError(f"{path.name} has no {metric.name} of {of}; bring rows with values.")
    return histories[0] if vm is not None else fleet_history(histories, metric)


def _some(machines: Any) -> str:
    known = sorted({str(name) for name in machines})
    shown = ", ".join(known[:_SHOWN_NAMES])
    more = len(known) - _SHOWN_NAMES
    return f"there are {shown}" + (f" and {more} more" if more > 0 else "")
