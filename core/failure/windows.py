"""Windows of ten steps by ten metrics, each with what is usual for its host."""

from collections.abc import Iterable
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from core.failure.hosts import BoolArray, HostRecord, IntArray
from core.metrics import METRIC_NAMES, METRICS, FloatArray

__all__ = [
    "HORIZON_STEPS",
    "LENGTH",
    "Windows",
    "host_windows",
    "stack_windows",
    "usual_levels",
    "without_absurd",
]

LENGTH = 10
HORIZON_STEPS = 10
# A window may reach back over gaps, up to this many steps; beyond it the host is unknown.
MAX_SPAN_STEPS = 30
# Fewer earlier steps than this say nothing about what is usual for a host.
MIN_PAST_STEPS = 20
MAX_PAST_STEPS = 1440
USUAL_QUANTILES = (0.1, 0.5, 0.9)

Float32Array = npt.NDArray[np.float32]

_LOWS = np.array([spec.low for spec in METRICS])
_HIGHS = np.array([np.inf if spec.high is None else spec.high for spec in METRICS])
# A host that answers has processes and uses memory: zeros there are a monitor's empty answer.
_NEVER_ZERO = [METRIC_NAMES.index(name) for name in ("memory_percent", "process_count")]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Windows:
    """Windows of one or more hosts, in order of host and time.

    `x` of shape (n, 10, 10) is (window, step, metric), oldest step first, NaN where missing;
    `usual` of shape (n, 3, 10) holds the 10th, 50th and 90th percentile of each metric in the
    host's past before the window, NaN where that past is too short. `host` of shape (n,) indexes
    the hosts in the order given, `step` of shape (n,) is the row of the window's last step.
    `enough` of shape (n,) is false where there are not ten steps to judge; the rest of such a row
    is NaN. `fails` is true where the host fails within the horizon, `down` where it is down
    already; `cause` indexes the metric at fault, -1 where none is.
    """

    x: Float32Array
    usual: Float32Array
    host: IntArray
    step: IntArray
    enough: BoolArray
    fails: BoolArray
    down: BoolArray
    cause: IntArray

    def __len__(self) -> int:
        return len(self.host)

    def where(self, rows: BoolArray | IntArray) -> "Windows":
        """Return the chosen windows (a copy)."""
        return Windows(
            x=self.x[rows],
            usual=self.usual[rows],
            host=self.host[rows],
            step=self.step[rows],
            enough=self.enough[rows],
            fails=self.fails[rows],
            down=self.down[rows],
            cause=self.cause[rows],
        )

    @classmethod
    def joined(cls, parts: Iterable["Windows"]) -> "Windows":
        """Return the windows of all parts, one after the other."""
        several = list(parts)
        arrays = {
            field.name: np.concatenate([getattr(part, field.name) for part in several])
            for field in fields(cls)
        }
        return cls(**arrays)


def without_absurd(values: FloatArray) -> FloatArray:
    """Return `values` of shape (n_steps, 10) with NaN for what no running host can have.

    Values out of a metric's bounds become gaps; a step with no memory in use or no process is a
    monitor's empty answer and becomes a gap as a whole.
    """
    values = np.where(np.isfinite(values), values, np.nan)
    with np.errstate(invalid="ignore"):
        values = np.where((values < _LOWS) | (values > _HIGHS), np.nan, values)
        empty = (values[:, _NEVER_ZERO] == 0).any(axis=1)
    values[empty] = np.nan
    return values


def usual_levels(past: FloatArray) -> Float32Array:
    """Return the 10th, 50th and 90th percentile of each metric, shape (3, 10).

    `past` has shape (n_steps, 10). Percentiles are by nearest rank over the values that are there;
    NaN for a metric with fewer than MIN_PAST_STEPS of them. Sorting once and picking ranks is ten
    times faster than numpy.nanquantile, and this runs with every sample.
    """
    ranked = np.sort(past, axis=0)
    known = np.count_nonzero(~np.isnan(past), axis=0)
    usual = np.full((len(USUAL_QUANTILES), past.shape[1]), np.nan, dtype=np.float32)
    columns = np.flatnonzero(known >= MIN_PAST_STEPS)
    for row, quantile in enumerate(USUAL_QUANTILES):
        ranks = np.rint(quantile * (known[columns] - 1)).astype(int)
        usual[row, columns] = ranked[ranks, columns]
    return usual


def host_windows(record: HostRecord, host_index: int = 0) -> Windows:
    """Return the window that ends at each step of one host, shape (n_steps, ...).

    Steps at which nothing was measured are passed over: a window holds the last ten steps that say
    something, as long as they lie within MAX_SPAN_STEPS. The past that says what is usual ends
    where the window begins, and never looks ahead.
    """
    n = record.at_s.size
    values = without_absurd(record.values)
    interval_s = max(record.interval_s, 1e-9)
    spoken = np.flatnonzero(~np.isnan(values).all(axis=1))
    # For each step: how many speaking steps there are up to and including it.
    count = np.searchsorted(spoken, np.arange(n), side="right")
    enough = count >= LENGTH
    first = np.where(enough, count - LENGTH, 0)
    members = first[:, None] + np.arange(LENGTH)
    if spoken.size < LENGTH:
        members = np.zeros((n, LENGTH), dtype=int)
        spoken = np.zeros(1, dtype=int) if spoken.size == 0 else spoken
    rows = spoken[np.minimum(members, spoken.size - 1)]
    span_steps = (record.at_s - record.at_s[rows[:, 0]]) / interval_s
    enough &= span_steps <= MAX_SPAN_STEPS
    x = values[rows].astype(np.float32)
    x[~enough] = np.nan
    usual = _usual_before(values, rows[:, 0])
    usual[~enough] = np.nan
    return Windows(
        x=x,
        usual=usual,
        host=np.full(n, host_index),
        step=np.arange(n),
        enough=enough,
        fails=_fails_soon(record, HORIZON_STEPS * interval_s),
        down=record.failed.copy(),
        cause=np.array([METRIC_NAMES.index(name) if name else -1 for name in record.causes]),
    )


def _usual_before(values: FloatArray, starts: IntArray) -> Float32Array:
    """Return the usual levels before each start, shape (n, 3, 10).

    They are worked out anew each time the past has grown by a tenth, not at every step: what is
    usual changes slowly.
    """
    usual = np.full((starts.size, len(USUAL_QUANTILES), values.shape[1]), np.nan, np.float32)
    known_up_to, current = -1, usual[0].copy() if starts.size else None
    for row, start in enumerate(starts):
        grown = start - known_up_to
        if start >= MIN_PAST_STEPS and (known_up_to < 0 or grown >= max(known_up_to // 10, 1)):
            current = usual_levels(values[max(start - MAX_PAST_STEPS, 0) : start])
            known_up_to = int(start)
        usual[row] = current
    return usual


def _fails_soon(record: HostRecord, horizon_s: float) -> BoolArray:
    """Return where the host, still up, goes down within `horizon_s`, shape (n_steps,)."""
    begins = record.failed & ~np.concatenate(([False], record.failed[:-1]))
    failures_s = record.at_s[begins]
    if failures_s.size == 0:
        return np.zeros(record.at_s.size, dtype=bool)
    following = np.searchsorted(failures_s, record.at_s, side="right")
    next_s = np.append(failures_s, np.inf)[following]
    # Half a step of slack: timestamps of real recorders wander a little.
    slack_s = record.interval_s / 2
    return (next_s - record.at_s <= horizon_s + slack_s) & ~record.failed


def stack_windows(records: Iterable[HostRecord]) -> Windows:
    """Return the windows of all hosts, one after the other."""
    return Windows.joined(host_windows(record, index) for index, record in enumerate(records))
