"""The failure model as it is served: ONNX Runtime, no TensorFlow, safe to share between threads."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from core import artifacts
from core.artifacts import Manifest
from core.errors import ArtifactCorruptError, ArtifactIncompatibleError
from core.failure.alarm import AlarmPolicy
from core.failure.forecast import FailureForecast
from core.failure.reasons import explain
from core.failure.scaling import Float32Array
from core.failure.windows import HORIZON_STEPS, LENGTH, Windows
from core.metrics import METRIC_NAMES, FloatArray

if TYPE_CHECKING:
    import onnxruntime

__all__ = ["MODEL_FILES", "FailureModel", "load_model", "policy_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _ModelFiles:
    keras: str = "lstm_failure_predictor.keras"
    scaler: str = "feature_scaler.pkl"
    onnx: str = "lstm_failure_predictor.onnx"


MODEL_FILES = _ModelFiles()
N_USUAL = 3
# What lies between the layers then stays in the processor's cache: 10,000 take two thirds of the
# time that they take at once.
BATCH = 512


class FailureModel:
    """Answers for windows of shape (n, 10, 10) of measured values, NaN where missing.

    Takes the values as they are measured: scaling is part of the graph. One session serves all
    threads; ONNX Runtime's `run` is safe to call from several.
    """

    def __init__(
        self,
        session: "onnxruntime.InferenceSession",
        policy: AlarmPolicy,
        version: str,
        lead_median_steps: float | None,
    ) -> None:
        self._session = session
        self._inputs = {item.name for item in session.get_inputs()}
        outputs = [item.name for item in session.get_outputs()]
        self._names = ["probability", "cause"] if "cause" in outputs else ["probability"]
        self.policy = policy
        self.version = version
        self.lead_median_steps = lead_median_steps

    @classmethod
    def open(
        cls,
        path: Path,
        policy: AlarmPolicy,
        version: str = "",
        lead_median_steps: float | None = None,
    ) -> "FailureModel":
        """Return the model of an .onnx file; ArtifactCorruptError where it cannot be served.

        `lead_median_steps` is how long before a failure its alarms came in its own test.
        """
        import onnxruntime
        from onnxruntime.capi.onnxruntime_pybind11_state import (
            Fail,
            InvalidArgument,
            InvalidGraph,
            InvalidProtobuf,
            NoSuchFile,
        )
        from onnxruntime.capi.onnxruntime_pybind11_state import (
            NotImplemented as NotServed,
        )

        unservable = (Fail, InvalidArgument, InvalidGraph, InvalidProtobuf, NoSuchFile, NotServed)
        options = onnxruntime.SessionOptions()
        # One window takes 0.1 ms on one thread; waking others costs more than they save.
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        try:
            session = onnxruntime.InferenceSession(
                str(path), options, providers=["CPUExecutionProvider"]
            )
        except unservable as error:
            raise ArtifactCorruptError(
                f"{path.name} cannot be served ({str(error)[:200]}); train a new version with "
                "`python -m core failure train`."
            ) from error
        return cls(session, policy, version, lead_median_steps)

    @property
    def names_causes(self) -> bool:
        """Whether the model has a cause head; an imported one has none."""
        return len(self._names) == 2

    def probabilities(
        self, x: Float32Array, usual: Float32Array | None = None
    ) -> tuple[Float32Array, Float32Array | None]:
        """Return (probability of shape (n,), cause of shape (n, 10) or None).

        `usual` of shape (n, 3, 10) says what is usual for the host (`usual_levels`); without it the
        windows are judged as those of a host without a past.
        """
        inputs = {"sequence": x}
        if "usual" in self._inputs:
            if usual is None:
                usual = np.full((len(x), N_USUAL, len(METRIC_NAMES)), np.nan, np.float32)
            inputs["usual"] = usual
        answer = self._session.run(self._names, inputs)
        return answer[0][:, 0], answer[1] if len(answer) == 2 else None

    def score(self, windows: Windows) -> tuple[FloatArray, FloatArray | None]:
        """Return (probability of shape (n,), cause of shape (n, 10) or None) of many windows.

        NaN where a window is not full.
        """
        said, causes = np.full(len(windows), np.nan), np.full((len(windows), 10), np.nan)
        rows = np.flatnonzero(windows.enough)
        for start in range(0, rows.size, BATCH):
            part = rows[start : start + BATCH]
            said[part], named = self.probabilities(windows.x[part], windows.usual[part])
            if named is not None:
                causes[part] = named
        return said, causes if self.names_causes else None

    def forecast(
        self,
        window: FloatArray,
        usual: Float32Array | None = None,
        at: datetime | None = None,
        interval_s: float = 5.0,
        at_s: FloatArray | None = None,
    ) -> FailureForecast:
        """Return what the model says of one window of shape (10, 10), with its reasons.

        `at` is the time of the last step (now, where not given). `at_s` of shape (10,) says when
        each step was measured, in seconds from any moment; without it the steps are taken to be
        `interval_s` apart, as those of a host that is measured without a pause.
        """
        x = np.asarray(window, dtype=np.float32)
        if at_s is None:
            at_s = np.arange(len(x), dtype=float) * interval_s
        explanation = explain(self, x, usual, at_s)
        return FailureForecast(
            at=at or datetime.now(UTC),
            probability=explanation.probability,
            threshold=self.policy.enter,
            exit_threshold=self.policy.exit,
            interval_s=interval_s,
            horizon_s=HORIZON_STEPS * interval_s,
            reason=explanation.reason,
            causes=explanation.causes,
            cells=explanation.cells,
            window=np.asarray(window, dtype=float),
            ago_s=at_s[-1] - at_s,
            time_left_s=explanation.time_left_s,
            model_version=self.version,
        )


def policy_of(manifest: Manifest) -> AlarmPolicy:
    """Return the alarm policy that a manifest holds; ArtifactCorruptError where it holds none."""
    held = manifest.thresholds
    # Numbers they are, the manifest's own check says so, but perhaps not these three.
    enter, leave, min_steps = (held.get(name, -1.0) for name in ("enter", "exit", "min_steps"))
    if not (0 <= leave <= enter <= 1 <= min_steps < math.inf):
        raise ArtifactCorruptError(
            f"The failure model {manifest.version} cannot be used: its manifest must hold the "
            "thresholds 'exit' and 'enter', from 0 to 1 and the first not above the second, and "
            f"'min_steps' from 1 on, and holds {dict(held)}. Train a new version with "
            "`python -m core failure train`."
        )
    return AlarmPolicy(enter=float(enter), exit=float(leave), min_steps=int(min_steps))


def load_model(models_dir: Path, version: str | None = None) -> FailureModel:
    """Return a verified version (default: the active one), ready to serve.

    Raises
    ------
    ArtifactError
        Where there is none, or it is damaged, or made for other columns; the sentence names the
        command that mends it.
    """
    manifest, folder = artifacts.load_version(models_dir, "failure", version)
    if manifest.columns != METRIC_NAMES or manifest.window != LENGTH:
        raise ArtifactIncompatibleError(
            f"The failure model {manifest.version} reads {manifest.window} steps of "
            f"{', '.join(manifest.columns)}; this program measures {LENGTH} steps of "
            f"{', '.join(METRIC_NAMES)}. Train a new version with `python -m core failure train`."
        )
    test = manifest.scores.get("test")
    lead = test.get("lead_median_steps") if isinstance(test, Mapping) else None
    return FailureModel.open(folder / MODEL_FILES.onnx, policy_of(manifest), manifest.version, lead)
