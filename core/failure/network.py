"""The LSTM in Keras: its layers, fitting, calibration and export; a door to TensorFlow."""

import os

# TensorFlow tells standard error of its build on import; only its errors are for people. It trains
# this network as fast without oneDNN, which cannot be silenced otherwise.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")

import contextlib
import io
import logging
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
from keras import layers, ops

from core.failure.hosts import BoolArray
from core.failure.scaling import IS_LINEAR, Float32Array, scale
from core.failure.windows import LENGTH, Windows
from core.metrics import METRIC_NAMES, FloatArray

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

# Each network that is fitted or asked is traced anew, and there are many here by intent.
logging.getLogger("tensorflow").setLevel(logging.ERROR)

__all__ = ["FitPlan", "build", "calibrate", "export_onnx", "fit", "load", "predict", "save"]

N_METRICS = len(METRIC_NAMES)
N_USUAL = 3
# Two that learn apart and are averaged: what one alone says of hosts unlike its own varies more.
N_MEMBERS = 2
LSTM_UNITS = 56
CAUSE_WEIGHT = 0.3
LEAST_SLOPE = 1e-3  # of the calibration: it never turns the order of probabilities round
NO_LIMIT = 1e6


@keras.saving.register_keras_serializable(package="capacity_forecasting")
class Encoding(layers.Layer):  # type: ignore[misc]
    """Eight views of each metric: level, room to the limit, trend, and how it stands to its past.

    Missing values are masked: they are zero in every view, and one view says so. Differences go
    through asinh, so that a slow climb shows as well as a jump. `full` holds each metric's limit
    in scaled units, a large number where it has none.
    """

    def __init__(self, full: list[float], **options: Any) -> None:
        super().__init__(**options)
        self.full = full

    def call(self, x: Any, usual: Any) -> tuple[Any, Any]:
        """Return (views of shape (n, 10, 80), known of shape (n, 10, 10)) of scaled inputs."""
        full = np.array(self.full, np.float32)
        known = 1.0 - ops.cast(ops.isnan(x), "float32")
        level = ops.where(ops.isnan(x), 0.0, x)
        past_known = 1.0 - ops.cast(ops.isnan(usual), "float32")
        past = ops.where(ops.isnan(usual), 0.0, usual)
        low, middle, high = past[:, 0:1, :], past[:, 1:2, :], past[:, 2:3, :]
        comparable = known * past_known[:, 1:2, :]
        away = (level - middle) * comparable
        # 98 and 99.9 percent are a world apart, 48 and 50 are not.
        limited = ops.convert_to_tensor((full < NO_LIMIT).astype("float32"))
        room = ops.log(ops.maximum(ops.convert_to_tensor(full) - level, 0.0) + 0.03) * limited
        views = [
            level,
            known,
            room * known,
            self._expanded(self._centred(level, known)) * known,
            self._expanded(self._centred(room, known)) * known,
            self._expanded(away),
            ops.arcsinh(away / (high - low + 0.05)),
            ops.relu(level - high) * comparable - ops.relu(low - level) * comparable,
        ]
        return ops.concatenate(views, axis=-1), known

    def _centred(self, values: Any, known: Any) -> Any:
        n_known = ops.maximum(ops.sum(known, axis=1, keepdims=True), 1.0)
        return values - ops.sum(values * known, axis=1, keepdims=True) / n_known

    def _expanded(self, difference: Any) -> Any:
        return ops.arcsinh(difference * 20.0) / 2.0

    def get_config(self) -> dict[str, Any]:
        """Return what is needed to build this layer again."""
        return {**super().get_config(), "full": self.full}


@keras.saving.register_keras_serializable(package="capacity_forecasting")
class Scaling(layers.Layer):  # type: ignore[misc]
    """The fitted scaler as a layer, so that the served graph takes values as they are measured."""

    def __init__(self, mean: list[float], spread: list[float], **options: Any) -> None:
        super().__init__(**options)
        self.mean, self.spread = mean, spread

    def call(self, values: Any) -> Any:
        """Return scaled values; NaN stays NaN."""
        linear = ops.convert_to_tensor(IS_LINEAR)
        raised = ops.where(linear, values, ops.log(1.0 + ops.maximum(values, 0.0)))
        mean = ops.convert_to_tensor(np.array(self.mean, np.float32))
        spread = ops.convert_to_tensor(np.array(self.spread, np.float32))
        return (raised - mean) / spread

    def get_config(self) -> dict[str, Any]:
        """Return what is needed to build this layer again."""
        return {**super().get_config(), "mean": self.mean, "spread": self.spread}


def build(scaler: "Pipeline", seed: int) -> Any:
    """Return an untrained network on scaled inputs.

    Inputs `sequence` of shape (n, 10, 10) and `usual` of shape (n, 3, 10), NaN where missing;
    outputs `probability` of shape (n, 1) and `cause` of shape (n, 10). A metric that is missing in
    all ten steps cannot be the cause. The network is an LSTM (Hochreiter and Schmidhuber, Long
    short-term memory, Neural Computation 9(8), 1997, doi:10.1162/neco.1997.9.8.1735) over the
    views of `Encoding`, in N_MEMBERS members whose log-odds are averaged (Lakshminarayanan,
    Pritzel, Blundell, Simple and scalable predictive uncertainty estimation using deep ensembles,
    NeurIPS 2017); the last dense layer is the calibration and is not trained with the rest.
    """
    keras.utils.set_random_seed(seed)
    standard = scaler.steps[-1][1]
    limits = np.array([100.0 if name.endswith("_percent") else np.inf for name in METRIC_NAMES])
    full = np.minimum((limits - standard.mean_) / standard.scale_, NO_LIMIT)
    sequence = keras.Input((LENGTH, N_METRICS), name="sequence")
    usual = keras.Input((N_USUAL, N_METRICS), name="usual")
    views, known = Encoding(full.tolist(), name="encoding")(sequence, usual)
    never_seen = (1.0 - ops.max(known, axis=1)) * 1e4
    members = [_member(number, views, never_seen) for number in range(N_MEMBERS)]
    logit = layers.Average(name="mean_logit")([logit for logit, _ in members])
    logit = layers.Dense(1, kernel_initializer="ones", trainable=False, name="calibration")(logit)
    cause = layers.Average(name="mean_cause")([cause for _, cause in members])
    outputs = {
        "probability": layers.Activation("sigmoid", name="probability")(logit),
        "cause": layers.Softmax(name="cause")(cause),
    }
    return keras.Model([sequence, usual], outputs)


def _member(number: int, views: Any, never_seen: Any) -> tuple[Any, Any]:
    """Return one member's logits: of failure, shape (n, 1), and of each cause, shape (n, 10)."""
    memory = layers.LSTM(LSTM_UNITS, unroll=True, name=f"lstm_{number}")(views)
    both = layers.Concatenate(name=f"both_{number}")([memory, views[:, -1, :]])
    both = layers.Dropout(0.1, name=f"forget_{number}")(both)
    risk = layers.Dense(64, activation="relu", name=f"risk_{number}")(both)
    risk = layers.Dropout(0.2, name=f"doubt_{number}")(risk)
    suspicion = layers.Dense(48, activation="relu", name=f"suspicion_{number}")(both)
    named = layers.Dense(N_METRICS, name=f"named_{number}")(suspicion)
    return (
        layers.Dense(1, name=f"logit_{number}")(risk),
        layers.Subtract(name=f"cause_{number}")([named, never_seen]),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class FitPlan:
    """How long and how fast to fit. Learning rate falls from `rate` to 0 along a cosine.

    `layers` names the kinds of layers that may change; all of them where it is None.
    """

    epochs: int
    batch_size: int
    rate: float
    seed: int
    layers: tuple[str, ...] | None = None


def fit(
    network: Any,
    scaler: "Pipeline",
    windows: Windows,
    weights: FloatArray,
    plan: FitPlan,
    progress: Callable[[float, str], None],
) -> tuple[float, ...]:
    """Fit the network on windows, each counted `weights` times, shape (n,); return the loss of
    each epoch.

    The cause is learnt only where a fault is in progress and its metric is measured.
    """
    x, usual = scale(scaler, windows.x), scale(scaler, windows.usual)
    rows = np.arange(len(windows))
    cause = np.maximum(windows.cause, 0)
    n_measured = np.count_nonzero(~np.isnan(windows.x), axis=1)
    measured = n_measured[rows, cause] > 0
    cause_weights = ((windows.cause >= 0) & measured) * np.where(windows.fails, 1.5, 1.0)
    for layer in network.layers:
        layer.trainable = layer.name != "calibration" and (
            plan.layers is None or layer.name.partition("_")[0] in plan.layers
        )
    n_steps = plan.epochs * max(len(windows) // plan.batch_size, 1)
    members = _apart(network)
    members.compile(
        optimizer=keras.optimizers.AdamW(
            keras.optimizers.schedules.CosineDecay(plan.rate, n_steps),
            weight_decay=0.01,
            clipnorm=5.0,
            # The mean of the last steps' weights does better on hosts not seen than the last step.
            use_ema=True,
            ema_momentum=0.99,
        ),
        loss={
            name: keras.losses.BinaryCrossentropy(from_logits=True)
            if name.startswith("logit")
            else keras.losses.SparseCategoricalCrossentropy(from_logits=True)
            for name in members.output_names
        },
        loss_weights={
            name: 1.0 if name.startswith("logit") else CAUSE_WEIGHT for name in members.output_names
        },
        # Unrolled as it is, the network trains faster on a CPU without XLA, which takes a minute to
        # compile it.
        jit_compile=False,
    )

    losses: list[float] = []

    def say(epoch: int, logs: dict[str, float] | None = None) -> None:
        loss = float((logs or {}).get("loss", float("nan")))
        losses.append(loss)
        progress((epoch + 1) / plan.epochs, f"epoch {epoch + 1} of {plan.epochs}, loss {loss:.4f}")

    keras.utils.set_random_seed(plan.seed)
    fails = windows.fails.astype(np.float32)[:, None]
    targets = {"logit": (fails, weights), "cause": (cause, cause_weights)}
    wanted = {name: targets[name.partition("_")[0]] for name in members.output_names}
    members.fit(
        {"sequence": x, "usual": usual},
        {name: target for name, (target, _) in wanted.items()},
        sample_weight={name: counted for name, (_, counted) in wanted.items()},
        batch_size=plan.batch_size,
        epochs=plan.epochs,
        verbose=0,
        callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=say)],
    )
    return tuple(losses)


def _apart(network: Any) -> Any:
    """Return the members of a network beside one another: each has to learn for itself."""
    kinds = [f"{kind}_{number}" for number in range(N_MEMBERS) for kind in ("logit", "cause")]
    return keras.Model(network.inputs, {name: network.get_layer(name).output for name in kinds})


def predict(network: Any, scaler: "Pipeline", windows: Windows) -> tuple[FloatArray, FloatArray]:
    """Return (probability of shape (n,), NaN for windows not full; cause of shape (n, 10))."""
    inputs = {"sequence": scale(scaler, windows.x), "usual": scale(scaler, windows.usual)}
    answer = network.predict(inputs, batch_size=8192, verbose=0)
    probability = np.where(windows.enough, answer["probability"][:, 0], np.nan)
    return probability.astype(float), answer["cause"].astype(float)


def calibrate(network: Any, probabilities: FloatArray, fails: BoolArray) -> None:
    """Set the calibration layer so that the probabilities of unseen hosts come true.

    `probabilities` and `fails` of shape (n,) are of hosts that the network was not fitted on and
    the network's own, before any calibration. Method: Platt scaling (Platt, Probabilistic outputs
    for support vector machines, 1999), a logistic regression on the log-odds. Where the network is
    no better than chance there, every probability becomes about the share that fails.
    """
    from sklearn.linear_model import LogisticRegression

    clipped = np.clip(probabilities, 1e-7, 1 - 1e-7)
    logits = np.log(clipped / (1 - clipped))
    regression = LogisticRegression(C=1e6).fit(logits[:, None], fails)
    kernel, bias = float(regression.coef_[0, 0]), float(regression.intercept_[0])
    if kernel < LEAST_SLOPE:
        # The intercept belongs to a slope that would turn the order of the probabilities round.
        kernel, bias = LEAST_SLOPE, float(np.log(fails.mean() / (1 - fails.mean())))
    network.get_layer("calibration").set_weights([np.array([[kernel]]), np.array([bias])])


def save(network: Any, path: Path) -> None:
    """Write the network, on scaled inputs, as a .keras file."""
    clone(network, unroll=False).save(path)


def load(path: Path) -> Any:
    """Return the network of a .keras file, without running any code stored in it."""
    return keras.models.load_model(path, safe_mode=True, compile=False)


def clone(network: Any, *, unroll: bool) -> Any:
    """Return a network with the same weights that can be fitted on its own.

    Unrolled it trains two to four times as fast on a CPU; rolled up its graph is small.
    """

    def copied(layer: Any) -> Any:
        config = layer.get_config()
        if isinstance(layer, layers.LSTM):
            config["unroll"] = unroll
        return layer.__class__.from_config(config)

    twin = keras.models.clone_model(network, clone_function=copied)
    twin.set_weights(network.get_weights())
    return twin


def export_onnx(network: Any, scaler: "Pipeline", path: Path) -> None:
    """Write the served graph: measured values in, scaling inside, probability and cause out."""
    standard = scaler.steps[-1][1]
    scaling = Scaling(standard.mean_.tolist(), standard.scale_.tolist(), name="scaling")
    sequence = keras.Input((LENGTH, N_METRICS), name="sequence")
    usual = keras.Input((N_USUAL, N_METRICS), name="usual")
    rolled = clone(network, unroll=False)
    answer = rolled({"sequence": scaling(sequence), "usual": scaling(usual)})
    served = keras.Model({"sequence": sequence, "usual": usual}, answer)
    blank: dict[str, Float32Array] = {
        "sequence": np.zeros((1, LENGTH, N_METRICS), np.float32),
        "usual": np.zeros((1, N_USUAL, N_METRICS), np.float32),
    }
    served(blank)
    # The exporter prints and logs what concerns nobody; an error is still raised.
    logging.getLogger("tf2onnx").setLevel(logging.ERROR)
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        served.export(str(path), format="onnx", verbose=False)
