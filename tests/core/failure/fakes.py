"""Stand-ins for trained models, and small hosts whose right answers are known."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from core import artifacts
from core.failure.alarm import AlarmPolicy
from core.failure.forecast import Cause, FailureForecast
from core.failure.hosts import HostRecord
from core.failure.windows import HORIZON_STEPS, LENGTH, Windows
from core.metrics import METRIC_NAMES, FloatArray, Reading, Sample

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
N = len(METRIC_NAMES)
CALM = {
    "cpu_percent": 20.0,
    "memory_percent": 40.0,
    "disk_percent": 50.0,
    "temperature_c": 45.0,
    "errors_per_s": 0.0,
    "response_time_ms": 10.0,
    "network_bytes_per_s": 1e6,
    "uptime_s": 86_400.0,
    "process_count": 120.0,
    "thread_count": 500.0,
}


def column(metric: str) -> int:
    return METRIC_NAMES.index(metric)


def steps(n: int, **metrics: float | Sequence[float] | None) -> FloatArray:
    """Return `n` calm steps, shape (n, 10), with some metrics as given (None: not measured)."""
    values = np.tile([CALM[name] for name in METRIC_NAMES], (n, 1))
    for name, value in metrics.items():
        values[:, column(name)] = np.nan if value is None else value
    return values


def record(values: FloatArray, *, host: str = "web-1", interval_s: float = 60.0) -> HostRecord:
    """Return a host that measured `values` and never failed."""
    n = len(values)
    return HostRecord(
        host=host,
        at_s=NOON.timestamp() + np.arange(n) * interval_s,
        values=values,
        failed=np.zeros(n, dtype=bool),
        causes=np.full(n, "", dtype=object),
    )


def failing_record(
    values: FloatArray,
    *,
    onset: int,
    down: int,
    cause: str = "memory_percent",
    host: str = "web-1",
    interval_s: float = 60.0,
) -> HostRecord:
    """Return a host with a fault from step `onset` on that is down from step `down` on."""
    calm = record(values, host=host, interval_s=interval_s)
    calm.failed[down:] = True
    calm.causes[onset:] = cause
    return calm


def leaking_hosts(runs: Sequence[str] = ("r1", "r2"), n_steps: int = 150) -> list[HostRecord]:
    """Return two hosts a run; memory of the first leaks over 40 steps until the host is down."""
    rng = np.random.default_rng(5)
    found = []
    for run in runs:
        for number in (1, 2):
            values = steps(n_steps)
            values[:, :3] += rng.normal(0, 1.5, (n_steps, 3))
            if number == 1:
                values[95:135, column("memory_percent")] += np.linspace(1, 55, 40)
                values[135:] = np.nan
                leaking = failing_record(values, onset=95, down=135, host=f"{run}-web-{number}")
                found.append(leaking)
            else:
                found.append(record(values, host=f"{run}-web-{number}"))
    return found


def sample(at: datetime, host: str = "web-1", **metrics: float | None) -> Sample:
    """Return a calm sample with some metrics as given (None: a gap)."""
    values = CALM | metrics
    return Sample(
        host=host,
        at=at,
        readings=tuple(
            Reading(metric=name, value=values[name], gap="no sensor" * (values[name] is None))
            for name in METRIC_NAMES
        ),
    )


def judged_windows(
    *, fails: Sequence[int], down: Sequence[int], fault: Sequence[int], host: Sequence[int]
) -> Windows:
    """Return windows of which only the labels matter; the fault is one of memory."""
    n = len(host)
    return Windows(
        x=np.zeros((n, LENGTH, N), np.float32),
        usual=np.zeros((n, 3, N), np.float32),
        host=np.array(host),
        step=np.arange(n),
        enough=np.ones(n, dtype=bool),
        fails=np.array(fails, dtype=bool),
        down=np.array(down, dtype=bool),
        cause=np.where(np.array(fault, dtype=bool), column("memory_percent"), -1),
    )


def sigmoid(odds: FloatArray) -> FloatArray:
    return 1 / (1 + np.exp(-odds))


@dataclass
class AdditiveModel:
    """Log-odds are a sum over metrics of weight times mean, a missing value counting nothing.

    Names no causes unless `names` says how likely each metric is the one at fault.
    """

    weights: dict[str, float]
    bias: float = 0.0
    policy: AlarmPolicy = field(default_factory=lambda: AlarmPolicy(enter=0.6, exit=0.4))
    names: dict[str, float] | None = None

    def probabilities(
        self, x: FloatArray, usual: FloatArray | None = None
    ) -> tuple[FloatArray, FloatArray | None]:
        vector = np.zeros(N)
        for name, weight in self.weights.items():
            vector[column(name)] = weight
        odds = self.bias + np.nan_to_num(x).sum(axis=1) @ vector / LENGTH
        if self.names is None:
            return sigmoid(odds).astype(np.float32), None
        causes = np.zeros((len(x), N), np.float32)
        for name, probability in self.names.items():
            causes[:, column(name)] = probability
        return sigmoid(odds).astype(np.float32), causes


@dataclass
class ProductModel:
    """Log-odds are the product of two metrics' last values: neither says anything alone."""

    first: str
    second: str

    def probabilities(
        self, x: FloatArray, usual: FloatArray | None = None
    ) -> tuple[FloatArray, None]:
        last = np.nan_to_num(x[:, -1])
        odds = last[:, column(self.first)] * last[:, column(self.second)]
        return sigmoid(odds).astype(np.float32), None


@dataclass
class CpuModel:
    """A served model that takes the last cpu value for the probability, in percent.

    It keeps what it was asked.
    """

    version: str = "v0001"
    policy: AlarmPolicy = field(
        default_factory=lambda: AlarmPolicy(enter=0.6, exit=0.4, min_steps=2)
    )
    lead_median_steps: float | None = 12.0
    asked: list[tuple[FloatArray, FloatArray | None]] = field(default_factory=list)

    def forecast(
        self,
        window: FloatArray,
        usual: FloatArray | None = None,
        at: datetime | None = None,
        interval_s: float = 5.0,
        at_s: FloatArray | None = None,
    ) -> FailureForecast:
        self.asked.append((window, usual))
        at_s = interval_s * np.arange(LENGTH) if at_s is None else at_s
        probability = float(window[-1, 0]) / 100
        return FailureForecast(
            at=at or NOON,
            probability=probability,
            threshold=self.policy.enter,
            exit_threshold=self.policy.exit,
            interval_s=interval_s,
            horizon_s=HORIZON_STEPS * interval_s,
            reason=f"CPU {probability:.0%}.",
            causes=(Cause(metric="cpu_percent", probability=1.0, contribution=1.0),),
            cells=np.zeros((LENGTH, N)),
            window=window,
            ago_s=at_s[-1] - at_s,
            time_left_s=None,
            model_version=self.version,
        )


def every(seconds: float, n: int, start: datetime = NOON) -> list[datetime]:
    """Return `n` moments, `seconds` apart."""
    return [start + timedelta(seconds=seconds * number) for number in range(n)]


def write_memory_model(
    models_dir: Path, *, active: bool = True, graph: bytes | None = None, **facts: object
) -> str:
    """Write a version whose graph is made by hand, and return its name.

    The probability is the sigmoid of (last memory value - 80) / 4, at 40 % where memory is missing;
    the cause is the percentage that was highest in the last step.
    """

    def fill(folder: Path) -> None:
        served = memory_graph() if graph is None else graph
        (folder / "lstm_failure_predictor.onnx").write_bytes(served)

    manifest = artifacts.write_version(
        models_dir,
        "failure",
        **{
            "fill": fill,
            "data_hash": "",
            "seed": 1,
            "columns": METRIC_NAMES,
            "classes": METRIC_NAMES,
            "window": LENGTH,
            "horizon": HORIZON_STEPS,
            "thresholds": {"enter": 0.6, "exit": 0.4, "min_steps": 2},
            "scores": {"test": {"lead_median_steps": 7.5}},
            "baseline_scores": {},
            "source": "made by hand",
            **facts,
        },
    )
    if active:
        artifacts.activate(models_dir, "failure", manifest.version)
    return manifest.version


def memory_graph(*, names_causes: bool = True) -> bytes:
    """Return the ONNX graph of `write_memory_model`.

    Without causes it is such a graph as an imported model has: one input, one output.
    """
    from onnx import TensorProto, helper, numpy_helper

    def constant(name: str, values: object, kind: type = np.float32) -> object:
        return numpy_helper.from_array(np.array(values, kind), name)

    weights = np.zeros((N, N), np.float32)
    for name in ("cpu_percent", "memory_percent", "disk_percent"):
        weights[column(name), column(name)] = 0.2
    nodes = [
        helper.make_node("Gather", ["sequence", "nine"], ["last"], axis=1),
        helper.make_node("IsNaN", ["last"], ["missing"]),
        helper.make_node("Where", ["missing", "calm", "last"], ["filled"]),
        helper.make_node("Gather", ["filled", "memory"], ["memory_last"], axis=1),
        helper.make_node("Sub", ["memory_last", "eighty"], ["over"]),
        helper.make_node("Div", ["over", "four"], ["odds"]),
        helper.make_node("Sigmoid", ["odds"], ["probability"]),
        helper.make_node("MatMul", ["filled", "weights"], ["levels"]),
        helper.make_node("Where", ["missing", "never", "levels"], ["suspicion"]),
        helper.make_node("Softmax", ["suspicion"], ["cause"], axis=1),
    ]
    calm = [CALM[name] for name in METRIC_NAMES]
    info = helper.make_tensor_value_info
    inputs = [
        info("sequence", TensorProto.FLOAT, ["n", LENGTH, N]),
        info("usual", TensorProto.FLOAT, ["n", 3, N]),
    ]
    outputs = [
        info("probability", TensorProto.FLOAT, ["n", 1]),
        info("cause", TensorProto.FLOAT, ["n", N]),
    ]
    graph = helper.make_graph(
        nodes,
        "memory",
        inputs if names_causes else inputs[:1],
        outputs if names_causes else outputs[:1],
        [
            constant("nine", LENGTH - 1, np.int64),
            constant("memory", [column("memory_percent")], np.int64),
            constant("calm", calm),
            constant("eighty", 80.0),
            constant("four", 4.0),
            constant("weights", weights),
            constant("never", -1e4),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    return model.SerializeToString()
