"""Recorded hosts: what the failure model trains on and is judged by, one record a host."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.metrics import FloatArray

__all__ = ["BoolArray", "HostRecord", "IntArray"]

BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HostRecord:
    """One host over time, oldest first.

    `at_s` of shape (n_steps,) is in seconds since 1970 (UTC); `values` of shape (n_steps, 10) is in
    the order of `METRIC_NAMES`, NaN where nothing was measured; `failed` of shape (n_steps,) is
    true while the host is down; `causes` of shape (n_steps,) names the metric at fault while a
    fault is in progress, else "". `fault` names the simulated kind of fault, "" where there is
    none or it is not known.
    """

    host: str
    at_s: FloatArray
    values: FloatArray
    failed: BoolArray
    causes: npt.NDArray[np.object_]
    fault: str = ""

    @property
    def interval_s(self) -> float:
        """The usual time between two steps, in seconds (median; 0 for a single step)."""
        if self.at_s.size < 2:
            return 0.0
        return float(np.median(np.diff(self.at_s)))
