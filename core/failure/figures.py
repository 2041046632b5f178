"""What is worth looking at in a failure model's tests beyond its scores; kept as metrics.json."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import numpy as np

from core.drift import bin_edges, in_bins
from core.errors import ArtifactCorruptError
from core.failure.decisions import CurvePoint, alarmed_by_outcome, precision_curve
from core.failure.evaluation import N_CALIBRATION_BINS, judged, leads_of
from core.failure.hosts import BoolArray, IntArray
from core.failure.importance import MetricImportance
from core.failure.windows import Windows
from core.metrics import METRIC_NAMES, FloatArray
from core.plain import restored

__all__ = [
    "METRICS_FILE",
    "NETWORK",
    "FailureFigures",
    "FaultScore",
    "InputProfile",
    "ModelCost",
    "ReliabilityBin",
    "JudgedFigures",
    "figures_of",
    "input_profiles",
    "read_figures",
    "write_figures",
]

METRICS_FILE = "metrics.json"
# What the failure model is called among those that it is compared with.
NETWORK = "LSTM"
# A host whose values lie beyond these shares of the training is outside of what was learnt.
_USUAL_RANGE = (0.001, 0.999)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReliabilityBin:
    """Windows of like probability: what was said on average, and what share failed (0-1)."""

    said: float
    happened: float
    n_windows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultScore:
    """One simulated kind of fault and its metric: failures, how many were alarmed, how early.

    `cause_right` is the share of windows within the horizon whose cause was named right; None where
    there is no such window.
    """

    fault: str
    cause: str
    n_failures: int
    n_caught: int
    lead_median_s: float | None
    cause_right: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedFigures:
    """The figures of one test.

    `leads_s` holds the lead of each failure that was alarmed, shortest first. `confusion[i][j]`
    counts windows within the horizon of a failure by `METRIC_NAMES[i]` whose cause was named
    `METRIC_NAMES[j]`; empty for a model that names none. `faults` is empty where the kinds are not
    known. `alarmed` counts windows by what was ahead (rows: nothing, a failure) and by the alarm
    (columns: off, on); it and `curve` are empty in versions that were made before they were kept.
    """

    bins: tuple[ReliabilityBin, ...]
    leads_s: tuple[float, ...]
    n_failures: int
    confusion: tuple[tuple[int, ...], ...]
    faults: tuple[FaultScore, ...]
    alarmed: tuple[tuple[int, ...], ...] = ()
    curve: tuple[CurvePoint, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class InputProfile:
    """The values of one metric in training, to tell later whether a host's are like them.

    `counts` are over the bins that `edges` bound (`core.drift.in_bins`); `low` and `high` enclose
    all but a thousandth on each side.
    """

    metric: str
    edges: tuple[float, ...]
    counts: tuple[int, ...]
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCost:
    """What a model or baseline takes: processor seconds to fit, bytes stored; None: not kept."""

    name: str
    training_s: float | None
    size_bytes: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureFigures:
    """The figures of a version: by test, the loss of each epoch, and what was learnt from.

    `importances` are of the main test; `costs` has the network first.
    """

    tests: Mapping[str, JudgedFigures] = field(default_factory=dict)
    losses: tuple[float, ...] = ()
    inputs: tuple[InputProfile, ...] = ()
    importances: tuple[MetricImportance, ...] = ()
    costs: tuple[ModelCost, ...] = ()

    def with_size(self, size_bytes: int) -> "FailureFigures":
        """Return the same with what the network takes on the disk."""
        costs = [
            replace(one, size_bytes=size_bytes) if one.name == NETWORK else one
            for one in self.costs
        ]
        return replace(self, costs=tuple(costs))


def figures_of(
    windows: Windows,
    probabilities: FloatArray,
    causes: FloatArray | None,
    alarm: BoolArray,
    intervals_s: Sequence[float],
    faults: Sequence[str] = (),
) -> JudgedFigures:
    """Return the figures of a test; arguments as for `evaluate`.

    `faults` names each host's simulated kind of fault, "" where it has none.
    """
    counts = judged(windows, probabilities)
    failures, caught = leads_of(windows, alarm)
    leads_s = {host: steps * intervals_s[host] for host, steps in caught.items()}
    last = counts & windows.fails & (windows.cause >= 0)
    named = None if causes is None else causes.argmax(axis=1)
    return JudgedFigures(
        bins=_bins(probabilities[counts], windows.fails[counts]),
        leads_s=tuple(sorted(leads_s.values())),
        n_failures=len(failures),
        confusion=() if named is None else _confusion(windows.cause[last], named[last]),
        faults=_by_fault(windows, failures, leads_s, named, last, faults),
        alarmed=alarmed_by_outcome(alarm[counts], windows.fails[counts]),
        curve=precision_curve(probabilities[counts], windows.fails[counts]),
    )


def input_profiles(windows: Windows) -> tuple[InputProfile, ...]:
    """Return the distribution of each metric over the last steps of these windows."""
    values = windows.x[windows.enough & ~windows.down, -1].astype(float)
    found = []
    for name, column in zip(METRIC_NAMES, values.T, strict=True):
        known = column[np.isfinite(column)]
        if not known.size:
            continue
        edges = bin_edges(known)
        low, high = np.quantile(known, _USUAL_RANGE)
        found.append(
            InputProfile(
                metric=name,
                edges=tuple(edges.tolist()),
                counts=tuple(in_bins(known, edges).tolist()),
                low=float(low),
                high=float(high),
            )
        )
    return tuple(found)


def write_figures(folder: Path, figures: FailureFigures) -> None:
    """Write metrics.json."""
    text = json.dumps(asdict(figures), indent=1, allow_nan=False) + "\n"
    (folder / METRICS_FILE).write_text(text, encoding="utf-8", newline="\n")


def read_figures(folder: Path) -> FailureFigures | None:
    """Return the figures of a verified version; None for one that was made before they were kept.

    Raises
    ------
    ArtifactCorruptError
        Where they cannot be read.
    """
    path = folder / METRICS_FILE
    try:
        found: FailureFigures = restored(FailureFigures, json.loads(path.read_text("utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ArtifactCorruptError(
            f"{METRICS_FILE} of the failure model {folder.name} cannot be read ({error}); train a "
            "new version with `python -m core failure train`."
        ) from error
    return found


def _bins(said: FloatArray, fails: BoolArray) -> tuple[ReliabilityBin, ...]:
    """Return the bins of the calibration error, those without a window left out."""
    bins = np.minimum((said * N_CALIBRATION_BINS).astype(int), N_CALIBRATION_BINS - 1)
    n = np.bincount(bins, minlength=N_CALIBRATION_BINS)
    sums = np.bincount(bins, said, N_CALIBRATION_BINS)
    happened = np.bincount(bins, fails.astype(float), N_CALIBRATION_BINS)
    return tuple(
        ReliabilityBin(
            said=float(sums[i] / n[i]), happened=float(happened[i] / n[i]), n_windows=int(n[i])
        )
        for i in np.flatnonzero(n)
    )


def _confusion(true: IntArray, named: IntArray) -> tuple[tuple[int, ...], ...]:
    counts = np.zeros((len(METRIC_NAMES), len(METRIC_NAMES)), dtype=np.int64)
    np.add.at(counts, (true, named), 1)
    return tuple(map(tuple, counts.tolist()))


def _by_fault(
    windows: Windows,
    failures: Sequence[int],
    leads_s: Mapping[int, float],
    named: IntArray | None,
    last: BoolArray,
    faults: Sequence[str],
) -> tuple[FaultScore, ...]:
    kinds = np.array(faults, dtype=object)
    found = []
    for kind in sorted({faults[host] for host in failures if host < len(faults)} - {""}):
        own = [host for host in failures if faults[host] == kind]
        rows = last & (kinds[windows.host] == kind)
        leads = [leads_s[host] for host in own if host in leads_s]
        right = None
        if named is not None and rows.any():
            right = float((named[rows] == windows.cause[rows]).mean())
        causes = windows.cause[rows]
        found.append(
            FaultScore(
                fault=kind,
                cause=METRIC_NAMES[int(np.bincount(causes).argmax())] if causes.size else "",
                n_failures=len(own),
                n_caught=len(leads),
                lead_median_s=float(np.median(leads)) if leads else None,
                cause_right=right,
            )
        )
    return tuple(found)
