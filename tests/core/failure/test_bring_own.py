import io
import json
import pickle
import shutil
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.preprocessing import (
    MaxAbsScaler,
    MinMaxScaler,
    PowerTransformer,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
)

from core import artifacts
from core.errors import ArtifactIncompatibleError, CoreError, MissingDataError, SchemaError
from core.failure.bring_own import import_model
from core.metrics import METRIC_NAMES

# TensorFlow's variables and numpy 2 do not quite know each other.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

# Where the values of each metric usually lie, from percentages to bytes and seconds.
USUAL = np.array([30, 50, 60, 45, 0.5, 80, 2e6, 4e5, 150, 600.0])


def rows(n: int = 500, seed: int = 1) -> np.ndarray:
    return USUAL * np.random.default_rng(seed).uniform(0.3, 1.7, (n, len(USUAL)))


def saved_scaler(folder: Path, scaler: Any) -> Path:
    path = folder / "scaler.pkl"
    path.write_bytes(pickle.dumps(scaler))
    return path


def model_stub(folder: Path, **layer: Any) -> Path:
    """A file that says it is a Keras model, which is all that is read before the scaler."""
    path = folder / "model.keras"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", json.dumps({"config": {"layers": [layer]}}))
    return path


def refused(
    folder: Path, model: Path, scaler: Path, error: type[CoreError], complaint: str
) -> None:
    """The import ends with one sentence, and nothing was written."""
    with pytest.raises(error, match=complaint) as caught:
        import_model(model, scaler, folder / "models")
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 500
    assert not (folder / "models").exists()


# What is refused before Keras is needed


@pytest.mark.parametrize(
    ("content", "error", "complaint"),
    [
        (None, MissingDataError, "no model file"),
        (b"", MissingDataError, "model file .* is empty"),
        (np.random.default_rng(3).bytes(5000), SchemaError, "neither a .keras nor an .h5"),
        (b"\x89HDF\r\n\x1a\n" + b"x" * 3000, SchemaError, "damaged .h5 file"),
        (b"PK\x03\x04" + b"x" * 3000, SchemaError, "damaged .keras file"),
    ],
)
def test_a_file_that_is_no_model_is_refused(tmp_path, content, error, complaint):
    model = tmp_path / "model.h5"
    if content is not None:
        model.write_bytes(content)
    refused(tmp_path, model, saved_scaler(tmp_path, StandardScaler().fit(rows())), error, complaint)


def test_a_zip_without_a_model_and_one_with_a_broken_description_are_refused(tmp_path):
    scaler = saved_scaler(tmp_path, StandardScaler().fit(rows()))
    for name, complaint in (("readme.txt", "zip file without"), ("config.json", "is damaged")):
        model = tmp_path / "model.keras"
        with zipfile.ZipFile(model, "w") as archive:
            archive.writestr(name, "no json")
        refused(tmp_path, model, scaler, SchemaError, complaint)


def test_layers_that_cannot_be_served_are_refused_by_name(tmp_path):
    scaler = saved_scaler(tmp_path, StandardScaler().fit(rows()))
    for layer, complaint in (
        ({"class_name": "Lambda"}, "has a Lambda layer"),
        ({"config": {"layer": {"class_name": "Lambda"}}}, "has a Lambda layer"),
        ({"config": {"stateful": True}}, "has a stateful layer"),
        ({"config": {"time_major": True}}, "time_major=True"),
    ):
        refused(tmp_path, model_stub(tmp_path, **layer), scaler, SchemaError, complaint)


class Explosive:
    """An object whose unpickling fails with an error of its own."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (int, ("not a number",))


@pytest.mark.parametrize(
    ("content", "error", "complaint"),
    [
        (None, MissingDataError, "no scaler file"),
        (b"", MissingDataError, "scaler file .* is empty"),
        (np.random.default_rng(3).bytes(5000), SchemaError, "is no pickled scaler"),
        (b"host,timestamp\n", SchemaError, "is no pickled scaler"),
        (pickle.dumps(StandardScaler())[:-20], SchemaError, "is no pickled scaler"),
        (pickle.dumps(Explosive()), SchemaError, "is no pickled scaler"),
        (b"cnosuchmodule\nScaler\n.", SchemaError, "No module named 'nosuchmodule'"),
        (pickle.dumps({"mean": 1}), SchemaError, "holds a dict, and not a scaler"),
    ],
)
def test_a_file_that_is_no_scaler_is_refused(tmp_path, content, error, complaint):
    scaler = tmp_path / "scaler.pkl"
    if content is not None:
        scaler.write_bytes(content)
    refused(tmp_path, model_stub(tmp_path), scaler, error, complaint)


class BareScaler:
    """A scaler of somebody's own, without any of scikit-learn's attributes."""

    def __init__(self, scale: Any) -> None:
        self.scale = scale

    def transform(self, values: np.ndarray) -> np.ndarray:
        return values @ self.scale if np.ndim(self.scale) == 2 else values * self.scale


def fitted_in_another_order() -> StandardScaler:
    return StandardScaler().fit(pd.DataFrame(rows(), columns=list(reversed(METRIC_NAMES))))


@pytest.mark.parametrize(
    ("scaler", "complaint"),
    [
        (StandardScaler().fit(rows()[:, :9]), "scales 9 features; needed are 10"),
        (StandardScaler(), "cannot scale rows of values: This StandardScaler instance is not fit"),
        (BareScaler(np.ones(9)), "cannot scale rows of values"),
        (BareScaler(np.ones((10, 3))), r"into \(2, 3\)"),
        (MinMaxScaler(clip=True).fit(rows()), "MinMaxScaler.* straight line"),
        (QuantileTransformer(n_quantiles=50).fit(rows()), "QuantileTransformer.* straight line"),
        (PowerTransformer().fit(rows()), "PowerTransformer.* straight line"),
        (BareScaler(np.ones((10, 10))), "BareScaler.* straight line"),
        (BareScaler(np.nan), "BareScaler.* straight line"),
        (fitted_in_another_order(), "another order .thread_count, process_count"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_scaler_of_another_kind_is_refused(tmp_path, scaler, complaint):
    path = saved_scaler(tmp_path, scaler)
    refused(tmp_path, model_stub(tmp_path), path, SchemaError, complaint)


# With real models


@pytest.fixture(scope="module")
def keras() -> Iterator[Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # TensorFlow and Keras warn about themselves
        import keras

        keras.utils.set_random_seed(11)
        yield keras


def network(keras: Any, *, shape: tuple[int, ...] = (10, 10), last: Any = None) -> Any:
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input(shape),
            layers.LSTM(6, name="lstm"),
            layers.Dropout(0.2),
            last or layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    return model


def as_keras_2_wrote_it(path: Path) -> None:
    """Turn an .h5 file of Keras 3 into one that TensorFlow 2.11 would have written."""
    import h5py

    def older(value: Any) -> Any:
        if isinstance(value, dict) and "class_name" in value:
            kept = {"class_name": value["class_name"], "config": older(value["config"])}
            if value["class_name"] == "InputLayer":
                kept["config"]["batch_input_shape"] = kept["config"].pop("batch_shape")
                kept["config"].pop("optional")
            if value["class_name"] == "LSTM":
                kept["config"] |= {"time_major": False, "implementation": 2}
                kept["config"].pop("zero_output_for_mask")
            if value["class_name"] == "DTypePolicy":
                return value["config"]["name"]
            return kept
        if isinstance(value, dict):
            return {key: older(item) for key, item in value.items()}
        return [older(item) for item in value] if isinstance(value, list) else value

    with h5py.File(path, "r+") as file:
        file.attrs["model_config"] = json.dumps(older(json.loads(file.attrs["model_config"])))
        file.attrs["keras_version"] = "2.11.0"


def served(models_dir: Path, version: str, windows: np.ndarray) -> np.ndarray:
    import onnxruntime

    _, folder = artifacts.load_version(models_dir, "failure", version)
    session = onnxruntime.InferenceSession(
        folder / "lstm_failure_predictor.onnx", providers=["CPUExecutionProvider"]
    )
    (found,) = session.run(["probability"], {"sequence": windows.astype(np.float32)})
    return found


@pytest.mark.slow
@pytest.mark.parametrize(
    ("suffix", "keras_version", "scaler"),
    [
        (".keras", 3, StandardScaler()),
        (".h5", 3, MinMaxScaler()),
        (".h5", 2, RobustScaler()),
        (".keras", 3, MaxAbsScaler()),
    ],
)
def test_an_imported_model_answers_as_the_users_own_two_files_do(
    tmp_path, keras, capfd, suffix, keras_version, scaler
):
    own, fitted = network(keras), scaler.fit(rows())
    model = tmp_path / f"mine{suffix}"
    own.save(model)
    if keras_version == 2:
        as_keras_2_wrote_it(model)
    scaler_path = tmp_path / "scaler.pkl"
    joblib.dump(fitted, scaler_path)
    capfd.readouterr()

    manifest = import_model(model, scaler_path, tmp_path / "models", horizon_steps=6)

    assert capfd.readouterr().out == ""
    windows = rows(400, seed=2).reshape(-1, 10, 10).astype(np.float32)
    scaled = fitted.transform(windows.reshape(-1, 10)).reshape(windows.shape)
    expected = own.predict(scaled, verbose=0)
    np.testing.assert_allclose(served(tmp_path / "models", "v0001", windows), expected, atol=1e-5)
    assert np.ptp(expected) > 0.001  # else any constant would do
    assert manifest.version == "v0001"
    assert (manifest.columns, manifest.window, manifest.horizon) == (METRIC_NAMES, 10, 6)
    assert manifest.thresholds == {"enter": 0.5, "exit": 0.35, "min_steps": 2}
    assert manifest.scores == {}
    assert manifest.source.startswith(f"imported from {model.name}; not evaluated: run `python -m")
    _, folder = artifacts.load_version(tmp_path / "models", "failure", "v0001")
    assert (folder / "feature_scaler.pkl").read_bytes() == scaler_path.read_bytes()
    kept = folder / f"lstm_failure_predictor{suffix}"
    assert kept.read_bytes() == model.read_bytes()


@pytest.mark.slow
def test_a_missing_value_counts_as_the_middle_of_the_scaler(tmp_path, keras):
    own = network(keras)
    own.save(tmp_path / "mine.keras")
    for scaler, middle in (
        (StandardScaler().fit(rows()), rows().mean(axis=0)),
        (MinMaxScaler().fit(rows()), (rows().min(axis=0) + rows().max(axis=0)) / 2),
    ):
        models, scaler_path = tmp_path / "models", saved_scaler(tmp_path, scaler)
        version = import_model(tmp_path / "mine.keras", scaler_path, models).version
        windows = rows(100, seed=3).reshape(-1, 10, 10)
        windows[:, 4:, 3] = middle[3]
        gaps = windows.copy()
        gaps[:, 4:, 3] = np.nan
        np.testing.assert_allclose(
            served(models, version, gaps), served(models, version, windows), atol=1e-5
        )


@pytest.mark.slow
def test_a_wrong_suffix_does_no_harm(tmp_path, keras):
    network(keras).save(tmp_path / "mine.h5")
    shutil.move(tmp_path / "mine.h5", tmp_path / "mine.keras")
    scaler = saved_scaler(tmp_path, StandardScaler().fit(rows()))
    manifest = import_model(tmp_path / "mine.keras", scaler, tmp_path / "models")
    assert "lstm_failure_predictor.h5" in manifest.files


@pytest.mark.slow
def test_models_that_do_not_fit_are_refused(tmp_path, keras):
    layers = keras.layers
    scaler = saved_scaler(tmp_path, StandardScaler().fit(rows()))
    model = tmp_path / "mine.keras"
    for built, complaint in (
        (network(keras, shape=(10, 9)), r"shape \(10, 9\); needed is \(10, 10\)"),
        (network(keras, shape=(20, 10)), r"shape \(20, 10\); needed is \(10, 10\)"),
        (network(keras, last=layers.Dense(2, activation="softmax")), r"values of shape \(2,\)"),
        (network(keras, last=layers.Dense(1, bias_initializer="ones")), "which is no probability"),
        (network(keras, last=layers.Lambda(lambda x: x[:, :1])), "has a Lambda layer"),
    ):
        built.save(model)
        refused(tmp_path, model, scaler, SchemaError, complaint)


@pytest.mark.slow
def test_a_lambda_in_an_h5_file_and_a_file_of_weights_are_refused(tmp_path, keras):
    scaler = saved_scaler(tmp_path, StandardScaler().fit(rows()))
    own = network(keras, last=keras.layers.Lambda(lambda x: x[:, :1]))
    own.save(tmp_path / "mine.h5")
    refused(tmp_path, tmp_path / "mine.h5", scaler, SchemaError, "has a Lambda layer")
    own.save_weights(tmp_path / "mine.weights.h5")
    refused(tmp_path, tmp_path / "mine.weights.h5", scaler, SchemaError, "only weights perhaps")


@pytest.mark.slow
def test_a_layer_that_keras_does_not_know_is_one_sentence(tmp_path, keras):
    network(keras).save(tmp_path / "mine.keras")
    content = {}
    with zipfile.ZipFile(tmp_path / "mine.keras") as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    config = content["config.json"].replace(b'"class_name": "LSTM"', b'"class_name": "Attentive"')
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, data in (content | {"config.json": config}).items():
            archive.writestr(name, data)
    (tmp_path / "mine.keras").write_bytes(packed.getvalue())
    scaler = saved_scaler(tmp_path, StandardScaler().fit(rows()))
    refused(
        tmp_path,
        tmp_path / "mine.keras",
        scaler,
        ArtifactIncompatibleError,
        r"Keras 3\S+ cannot load .*Attentive",
    )


@pytest.mark.slow
def test_a_scaler_too_fine_for_what_is_served_is_refused(tmp_path, keras):
    network(keras).save(tmp_path / "mine.keras")
    values = rows()
    values[:, 6] = 3e9 + np.arange(500)  # 32-bit numbers cannot tell these apart
    scaler = saved_scaler(tmp_path, StandardScaler().fit(values))
    refused(
        tmp_path,
        tmp_path / "mine.keras",
        scaler,
        ArtifactIncompatibleError,
        "differently once converted",
    )
