"""The columns that follow from others: parts of the time, and ratios of measurements."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from core.metrics import FloatArray

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["DERIVED_NAMES", "RATIOS", "TIME_PARTS", "derived", "with_derived"]

IntArray = npt.NDArray[np.int64]
MomentArray = npt.NDArray[np.datetime64]

_HOUR_US = 3_600_000_000
_DAY_US = 24 * _HOUR_US


def _hour(micros: IntArray) -> IntArray:
    return (micros % _DAY_US) // _HOUR_US


def _weekday(micros: IntArray) -> IntArray:
    return (micros // _DAY_US + 3) % 7  # 1970 began on a Thursday


def _month(micros: IntArray) -> IntArray:
    months = micros.astype("datetime64[us]").astype("datetime64[M]").astype(np.int64)
    return months % 12 + 1


TIME_PARTS: Mapping[str, Callable[[IntArray], IntArray]] = {
    "ts_hour": _hour,
    "ts_dayofweek": _weekday,
    "ts_month": _month,
}
RATIOS: Mapping[str, tuple[str, str]] = {
    "cpu_mem_ratio": ("cpu_usage", "memory_usage"),
    "net_per_exec_time": ("network_traffic", "execution_time"),
    "power_per_instruction": ("power_consumption", "num_executed_instructions"),
}
DERIVED_NAMES = (*TIME_PARTS, *RATIOS)


def derived(
    columns: Mapping[str, FloatArray], moments: MomentArray | None
) -> dict[str, FloatArray]:
    """Return the derived columns, each of shape (n,), NaN where a part is missing.

    Parameters
    ----------
    columns : mapping of str to ndarray of shape (n,)
        Measurements by their name, NaN where missing.
    moments : ndarray of shape (n,) or None
        Moments in UTC, NaT where missing.

    Returns
    -------
    dict of str to ndarray
        `ts_hour` 0-23, `ts_dayofweek` 0-6 (0: Monday), `ts_month` 1-12, and the ratios of `RATIOS`,
        NaN where they are not finite. A column is left out whose parts are not there.
    """
    found: dict[str, FloatArray] = {}
    if moments is not None:
        known = ~np.isnat(moments)
        micros = moments.astype("datetime64[us]").astype(np.int64)
        for name, part in TIME_PARTS.items():
            found[name] = np.where(known, part(micros), np.nan)
    for name, (above, below) in RATIOS.items():
        if above in columns and below in columns:
            with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
                ratio = columns[above] / columns[below]
            found[name] = np.where(np.isfinite(ratio), ratio, np.nan)
    return found


def with_derived(frame: "pd.DataFrame") -> "pd.DataFrame":
    """Return a copy of a frame of the dataset's columns with the derived ones beside them."""
    measured = {part for parts in RATIOS.values() for part in parts} & set(frame.columns)
    columns = {name: frame[name].to_numpy(dtype=np.float64, na_value=np.nan) for name in measured}
    moments = None
    if "timestamp" in frame.columns:
        moments = frame["timestamp"].dt.tz_convert(None).to_numpy(dtype="datetime64[us]")
    return frame.assign(**derived(columns, moments))
