"""A user's own Keras model and scaler, checked, converted to ONNX and registered as a version."""

import contextlib
import io
import json
import os
import sys
import tempfile
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from core.artifacts import Manifest, write_version
from core.errors import ArtifactIncompatibleError, DataError, MissingDataError, SchemaError
from core.failure.bring_own_scaler import Scaling, in_short, load_scaler, scaling_of
from core.failure.windows import HORIZON_STEPS, LENGTH
from core.metrics import METRIC_NAMES, FloatArray

__all__ = ["import_model"]

N_METRICS = len(METRIC_NAMES)
# As in the files that people bring; the name is what they know from their own project.
MODEL_NAME = "lstm_failure_predictor"
SCALER_FILE = "feature_scaler.pkl"
# Nothing is known of the calibration of such a model: the middle, with room against flapping.
THRESHOLDS = {"enter": 0.5, "exit": 0.35, "min_steps": 2}
# How far the served network may be from the user's own Keras and scaler.
TOLERANCE = 1e-5

_HDF5_MAGIC = b"\x89HDF\r\n\x1a\n"
_ZIP_MAGIC = b"PK\x03\x04"


def import_model(
    model_path: Path,
    scaler_path: Path,
    models_dir: Path,
    *,
    horizon_steps: int = HORIZON_STEPS,
) -> Manifest:
    """Write a (10, 10) -> 1 Keras model and its pickled scaler as a version; not activated.

    The files are trusted as far as whoever names them trusts them: unpickling a scaler runs the
    code in it. The network is served through ONNX with the scaling inside: input "sequence" of
    shape (n, 10, 10) in raw units and the order of METRIC_NAMES, output "probability" of shape
    (n, 1). Such a model has no idea of missing: a missing value becomes the scaler's centre, that
    of an unremarkable step. How far ahead it looks stands in no file: `horizon_steps` tells.

    Raises
    ------
    MissingDataError
        Where a file is not there, or empty.
    SchemaError
        Where model or scaler are of another shape or kind than needed.
    ArtifactIncompatibleError
        Where Keras cannot load the model, or its conversion does not answer as it does.
    ArtifactError
        Where the version cannot be written.
    """
    received = _read(model_path, "model")
    loadable, suffix = _checked_config(received, model_path)
    pickled = _read(scaler_path, "scaler")
    with _quiet(), tempfile.TemporaryDirectory() as folder:
        scaler = load_scaler(pickled, scaler_path)
        scaling = scaling_of(scaler, scaler_path)
        model = _load_model(loadable, Path(folder) / f"model{suffix}", model_path)
        windows = _probes(scaling)
        expected = _probe(model, scaler, scaling, windows, model_path)
        network = _converted(model, scaling, Path(folder) / "model.onnx", model_path)
    _check_export(network, windows, expected, model_path)

    def fill(folder: Path) -> None:
        (folder / f"{MODEL_NAME}{suffix}").write_bytes(received)
        (folder / SCALER_FILE).write_bytes(pickled)
        (folder / f"{MODEL_NAME}.onnx").write_bytes(network)

    return write_version(
        models_dir,
        "failure",
        fill=fill,
        data_hash="",
        seed=0,
        columns=METRIC_NAMES,
        classes=(),
        window=LENGTH,
        horizon=horizon_steps,
        thresholds=THRESHOLDS,
        scores={},
        baseline_scores={},
        source=f"imported from {model_path.name}; not evaluated: "
        "run `python -m core failure evaluate --data FILE`",
    )


def _read(path: Path, what: str) -> bytes:
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise MissingDataError(f"There is no {what} file {path}.") from error
    except OSError as error:
        raise DataError(f"The {what} {path} cannot be read: {error.strerror or error}.") from error
    if not data:
        raise MissingDataError(f"The {what} file {path} is empty.")
    return data


def _checked_config(data: bytes, path: Path) -> tuple[bytes, str]:
    """Return a model file that today's Keras can load, and the suffix of its format.

    The format is told by the content, so a wrong suffix does no harm. Files of Keras 2 name an
    option of LSTM that Keras 3 refuses; where it is off, as by default, it is taken out.
    """
    if data.startswith(_HDF5_MAGIC):
        suffix, config = ".h5", _hdf5_config(data, path)
    elif data.startswith(_ZIP_MAGIC):
        suffix, config = ".keras", _zip_config(data, path)
    else:
        raise SchemaError(f"{path} is no Keras model: it is neither a .keras nor an .h5 file.")
    parts = list(_dicts(config))
    if any(part.get("class_name") == "Lambda" for part in parts):
        raise SchemaError(
            f"{path} has a Lambda layer, which would run code that is hidden in the file; save "
            "the model with a layer of Keras in its place."
        )
    if any(part.get("stateful") for part in parts):
        raise SchemaError(f"{path} has a stateful layer, which mixes hosts up; save it without.")
    if any(part.get("time_major") for part in parts):
        raise SchemaError(f"{path} has an LSTM with time_major=True; save it with steps second.")
    if suffix == ".h5" and any("time_major" in part for part in parts):
        for part in parts:
            part.pop("time_major", None)
        data = _with_hdf5_config(data, config)
    return data, suffix


def _hdf5_config(data: bytes, path: Path) -> Any:
    import h5py  # type: ignore[import-untyped]

    try:
        with h5py.File(io.BytesIO(data), "r") as file:
            text = file.attrs.get("model_config")
    except (OSError, KeyError, RuntimeError, ValueError) as error:
        raise SchemaError(f"{path} is a damaged .h5 file; save or copy it again.") from error
    if text is None:
        raise SchemaError(
            f"{path} is an .h5 file without a model in it, only weights perhaps; save the whole "
            "model with model.save()."
        )
    return _json(text, path)


def _with_hdf5_config(data: bytes, config: Any) -> bytes:
    import h5py

    file = io.BytesIO(data)
    with h5py.File(file, "r+") as model:
        model.attrs["model_config"] = json.dumps(config).encode()
    return file.getvalue()


def _zip_config(data: bytes, path: Path) -> Any:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _json(archive.read("config.json"), path)
    except KeyError as error:
        raise SchemaError(f"{path} is a zip file without a Keras model in it.") from error
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:
        raise SchemaError(f"{path} is a damaged .keras file; save or copy it again.") from error


def _json(text: str | bytes, path: Path) -> Any:
    try:
        return json.loads(text)
    except (TypeError, ValueError, RecursionError) as error:
        raise SchemaError(f"{path} is damaged: what it says of its layers is no JSON.") from error


def _dicts(config: Any) -> Iterator[dict[str, Any]]:
    """Yield every object within a JSON value."""
    pending = [config]
    while pending:
        part = pending.pop()
        if isinstance(part, dict):
            yield part
            pending.extend(part.values())
        elif isinstance(part, list):
            pending.extend(part)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep standard output clean, and warnings away: of Keras and TensorFlow about themselves, of
    scikit-learn about versions and column names. What would matter, probing finds out.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with warnings.catch_warnings(), contextlib.redirect_stdout(sys.stderr):
        warnings.simplefilter("ignore")
        yield


def _load_model(data: bytes, copy: Path, path: Path) -> Any:
    """Return the Keras model, its shapes checked."""
    import keras

    copy.write_bytes(data)
    try:
        # What the model was compiled with matters for training only, and old files name metrics
        # that Keras no longer knows.
        model = keras.saving.load_model(copy, compile=False, safe_mode=True)
    except Exception as error:  # Keras raises whatever its layers do
        raise ArtifactIncompatibleError(
            f"Keras {keras.__version__} cannot load {path}: {in_short(error)}."
        ) from error
    inputs, outputs = getattr(model, "inputs", None), getattr(model, "outputs", None)
    if not inputs or not outputs:
        raise SchemaError(f"{path} was saved before its input shape was known; call it once first.")
    if len(inputs) != 1 or len(outputs) != 1:
        raise SchemaError(
            f"{path} has {len(inputs)} inputs and {len(outputs)} outputs; needed is one of each."
        )
    takes, gives = tuple(inputs[0].shape[1:]), tuple(outputs[0].shape[1:])
    if len(takes) != 2 or takes[0] not in (LENGTH, None) or takes[1] not in (N_METRICS, None):
        raise SchemaError(
            f"{path} takes sequences of shape {takes}; needed is ({LENGTH}, {N_METRICS}), "
            "steps by metrics."
        )
    if gives and set(gives) != {1}:
        raise SchemaError(
            f"{path} gives values of shape {gives} for a sequence; needed is one probability."
        )
    return model


def _probes(scaling: Scaling) -> FloatArray:
    """Return windows, shape (256, 10, 10), near and far from what is usual, some values missing."""
    rng = np.random.default_rng(7)
    size = np.repeat([0.3, 1.0, 3.0, 10.0], 64)[:, None, None]
    away = size * rng.standard_normal((256, LENGTH, N_METRICS))
    unit = np.where(scaling.factor == 0, 1.0, np.abs(scaling.factor))
    windows = scaling.center + away / unit
    windows[::4][rng.random(windows[::4].shape) < 0.2] = np.nan
    windows[0] = np.nan
    # Served values are 32-bit: both sides are asked about the same numbers.
    return windows.astype(np.float32).astype(np.float64)


def _probe(
    model: Any, scaler: Any, scaling: Scaling, windows: FloatArray, path: Path
) -> FloatArray:
    """Return what the user's own model and scaler answer to `windows`, shape (n, 1)."""
    import keras

    filled = np.where(np.isnan(windows), scaling.center, windows).reshape(-1, N_METRICS)
    scaled = np.asarray(scaler.transform(filled)).reshape(windows.shape).astype(np.float32)
    try:
        (answer,) = keras.tree.flatten(model(scaled, training=False))
        answers = np.asarray(answer, dtype=float).reshape(-1, 1)
    except Exception as error:  # a layer may raise anything
        raise ArtifactIncompatibleError(
            f"{path} cannot answer a sequence of {LENGTH} x {N_METRICS}: {in_short(error)}."
        ) from error
    if not np.isfinite(answers).all():
        raise SchemaError(f"{path} answers some sequences with no number; train it anew.")
    low, high = float(answers.min()), float(answers.max())
    if low < -1e-6 or high > 1 + 1e-6:
        raise SchemaError(
            f"{path} answers with {low:.3g} to {high:.3g}, which is no probability (0 to 1); "
            "end the model with a sigmoid."
        )
    return answers


def _converted(model: Any, scaling: Scaling, target: Path, path: Path) -> bytes:
    """Return the ONNX network of raw values in, probability out."""
    import keras
    from keras import ops

    raw = keras.Input((LENGTH, N_METRICS), name="sequence")
    center, factor, level = (
        part.astype(np.float32) for part in (scaling.center, scaling.factor, scaling.level)
    )
    scaled = (ops.where(ops.isnan(raw), center, raw) - center) * factor + level
    try:
        (answer,) = keras.tree.flatten(model(scaled))
        served = keras.Model(raw, {"probability": ops.reshape(answer, (-1, 1))})
        served(np.zeros((1, LENGTH, N_METRICS), np.float32))  # export wants it called once
        served.export(target, format="onnx", verbose=False)
    except Exception as error:  # Keras, TensorFlow and tf2onnx each raise their own
        raise ArtifactIncompatibleError(
            f"{path} cannot be converted to ONNX: {in_short(error)}."
        ) from error
    return target.read_bytes()


def _check_export(network: bytes, windows: FloatArray, expected: FloatArray, path: Path) -> None:
    import onnxruntime

    session = onnxruntime.InferenceSession(network, providers=["CPUExecutionProvider"])
    (answers,) = session.run(["probability"], {"sequence": windows.astype(np.float32)})
    apart = float(np.abs(answers - expected).max())
    if not apart <= TOLERANCE:
        raise ArtifactIncompatibleError(
            f"{path} answers up to {apart:.2g} differently once converted to ONNX (at most "
            f"{TOLERANCE:g} is accepted); a scaler with an extreme scale is the usual cause."
        )
