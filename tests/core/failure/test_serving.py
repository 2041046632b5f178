import os
import shutil
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

import config
from core.errors import (
    ArtifactCorruptError,
    ArtifactError,
    ArtifactIncompatibleError,
    ArtifactNotFoundError,
)
from core.failure.serving import BATCH, FailureModel, load_model
from core.failure.simulate import simulate_hosts
from core.failure.windows import HORIZON_STEPS, LENGTH, stack_windows
from core.metrics import METRIC_NAMES
from tests.core.failure.fakes import (
    NOON,
    column,
    memory_graph,
    record,
    sigmoid,
    steps,
    write_memory_model,
)

MEMORY = column("memory_percent")
# What TensorFlow and numpy 2 say to each other.
TENSORFLOW_WARNS = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


@pytest.fixture
def model(tmp_path: Path) -> FailureModel:
    write_memory_model(tmp_path / "models")
    return load_model(tmp_path / "models")


def windows_of(*memory_percents: float) -> np.ndarray:
    found = [steps(LENGTH, memory_percent=percent) for percent in memory_percents]
    return np.array(found, dtype=np.float32)


def expected(memory_percent: np.ndarray | float) -> np.ndarray:
    return sigmoid((np.asarray(memory_percent) - 80) / 4)


def test_load_when_a_version_is_active_then_it_is_served_with_its_facts(model):
    assert model.version == "v0001"
    assert (model.policy.enter, model.policy.exit, model.policy.min_steps) == (0.6, 0.4, 2)
    assert model.lead_median_steps == 7.5
    assert model.names_causes


def test_load_when_another_version_is_asked_for_then_that_one_is_served(tmp_path):
    write_memory_model(tmp_path)
    write_memory_model(
        tmp_path, active=False, thresholds={"enter": 0.9, "exit": 0.5, "min_steps": 3}
    )
    assert load_model(tmp_path).version == "v0001"
    assert load_model(tmp_path, "v0002").policy.enter == 0.9


def test_probabilities_when_asked_then_they_are_the_graphs(model):
    said, causes = model.probabilities(windows_of(91.0, 40.0, 80.0))
    np.testing.assert_allclose(said, expected([91.0, 40.0, 80.0]), atol=1e-6)
    assert causes.shape == (3, len(METRIC_NAMES))
    np.testing.assert_allclose(causes.sum(axis=1), 1, atol=1e-6)
    assert causes[0].argmax() == MEMORY


def test_probabilities_when_a_value_is_missing_then_it_is_passed_on_as_such(model):
    said, causes = model.probabilities(windows_of(np.nan))
    np.testing.assert_allclose(said, expected(40.0), atol=1e-6)
    assert causes[0, MEMORY] == 0


def test_score_when_windows_are_not_full_then_there_is_no_answer_for_them(model):
    windows = stack_windows([record(steps(14, memory_percent=91.0)), record(steps(4))])
    said, causes = model.score(windows)
    assert np.isnan(said).tolist() == [True] * 9 + [False] * 5 + [True] * 4
    np.testing.assert_allclose(said[9:14], expected(91.0), atol=1e-6)
    assert np.isnan(causes[:9]).all()
    assert (causes[9:14].argmax(axis=1) == MEMORY).all()


def test_score_when_there_are_more_windows_than_fit_at_once_then_all_are_answered(model):
    n = 2 * BATCH + 100
    memory = np.random.default_rng(1).uniform(1, 100, n)
    said, _ = model.score(stack_windows([record(steps(n, memory_percent=memory))]))
    np.testing.assert_allclose(said[9:], expected(memory[9:]), atol=1e-5)


def test_forecast_when_asked_then_it_holds_all_that_was_said_and_from_what(model):
    window = steps(LENGTH, memory_percent=np.linspace(82, 91, LENGTH), temperature_c=None)
    forecast = model.forecast(window, at=NOON, interval_s=60.0)
    assert forecast.probability == pytest.approx(float(expected(91.0)), rel=1e-5)
    assert (forecast.threshold, forecast.exit_threshold, forecast.prediction) == (0.6, 0.4, 1)
    assert (forecast.at, forecast.interval_s) == (NOON, 60.0)
    assert forecast.horizon_s == HORIZON_STEPS * 60
    assert forecast.model_version == "v0001"
    assert forecast.causes[0].metric == "memory_percent"
    assert forecast.causes[0].contribution > 0
    assert len(forecast.causes) == len(METRIC_NAMES) - 1
    assert forecast.reason == (
        "memory 91 %, up 1 points a minute over the last 9 min; at this pace full in about 9 min."
    )
    assert forecast.cells.shape == forecast.window.shape == (LENGTH, len(METRIC_NAMES))
    np.testing.assert_array_equal(forecast.window, window)


def test_forecast_when_the_steps_have_their_own_times_then_pace_and_time_left_are_by_them(model):
    at_s = np.array([0, 5, 10, 15, 20, 125, 130, 135, 140, 145.0])
    window = steps(LENGTH, memory_percent=80 + 0.1 * at_s)
    forecast = model.forecast(window, at=NOON, interval_s=5.0, at_s=at_s)
    assert forecast.reason == (
        "memory 94 %, up 6 points a minute over the last 2 min; at this pace full in about 55 s."
    )
    assert forecast.ago_s[[0, -1]].tolist() == [145, 0]
    # Steps of which only the interval is known are that far apart.
    assert (
        model.forecast(window, interval_s=60.0).ago_s.tolist()
        == [60 * n for n in range(LENGTH)][::-1]
    )


def test_forecast_when_no_time_is_given_then_it_is_of_now(model):
    before = datetime.now(UTC)
    forecast = model.forecast(steps(LENGTH))
    assert before <= forecast.at <= datetime.now(UTC)
    assert forecast.prediction == 0
    assert forecast.reason.startswith("Calm")


def test_a_model_without_causes_when_served_then_it_answers_and_explains_all_the_same(tmp_path):
    write_memory_model(tmp_path, graph=memory_graph(names_causes=False))
    model = load_model(tmp_path)
    assert not model.names_causes
    said, causes = model.score(stack_windows([record(steps(12, memory_percent=91.0))]))
    assert causes is None
    np.testing.assert_allclose(said[9:], expected(91.0), atol=1e-6)
    forecast = model.forecast(steps(LENGTH, memory_percent=91.0))
    assert forecast.causes[0].metric == "memory_percent"
    assert forecast.causes[0].probability == pytest.approx(1.0, abs=1e-3)


def answers_of_threads(model: FailureModel, windows: np.ndarray, n_threads: int) -> list[bytes]:
    answers: list[bytes] = []
    start = threading.Barrier(n_threads)

    def ask() -> None:
        start.wait()
        for _ in range(20):
            said, causes = model.probabilities(windows)
            answers.append(said.tobytes() + causes.tobytes())

    threads = [threading.Thread(target=ask) for _ in range(n_threads)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_probabilities_when_eight_threads_ask_at_once_then_each_gets_the_same_answer(model):
    memory = np.random.default_rng(3).uniform(1, 100, 50)
    answers = answers_of_threads(model, windows_of(*memory), 8)
    assert len(answers) == 160
    assert len(set(answers)) == 1


# What is damaged


def remove_onnx(folder: Path) -> None:
    (folder / "lstm_failure_predictor.onnx").unlink()


def cut_onnx(folder: Path) -> None:
    path = folder / "lstm_failure_predictor.onnx"
    path.write_bytes(path.read_bytes()[:-100])


def remove_manifest(folder: Path) -> None:
    (folder / "manifest.json").unlink()


def cut_manifest(folder: Path) -> None:
    path = folder / "manifest.json"
    path.write_text(path.read_text()[:200])


def add_a_file(folder: Path) -> None:
    (folder / "extra.pkl").write_bytes(b"x")


def remove_all(folder: Path) -> None:
    shutil.rmtree(folder)


DAMAGES = [remove_onnx, cut_onnx, remove_manifest, cut_manifest, add_a_file, remove_all]


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_load_when_the_version_is_damaged_then_one_sentence_names_the_command(tmp_path, damage):
    write_memory_model(tmp_path)
    damage(tmp_path / "failure" / "v0001")
    with pytest.raises(ArtifactError, match="`python -m core failure train`") as refused:
        load_model(tmp_path)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_load_when_another_version_is_whole_then_the_sentence_names_that_one(tmp_path, damage):
    write_memory_model(tmp_path)
    write_memory_model(tmp_path)
    damage(tmp_path / "failure" / "v0002")
    with pytest.raises(ArtifactError, match="`python -m core failure activate v0001`"):
        load_model(tmp_path)


def test_load_when_a_version_holds_no_graph_then_the_sentence_names_the_command(tmp_path):
    def fill(folder: Path) -> None:
        (folder / "lstm_failure_predictor.keras").write_bytes(b"weights")

    write_memory_model(tmp_path, fill=fill)
    with pytest.raises(ArtifactCorruptError, match="`python -m core failure train`"):
        load_model(tmp_path)


def test_load_when_there_is_no_model_at_all_then_the_sentence_names_the_command(tmp_path):
    with pytest.raises(ArtifactNotFoundError, match="`python -m core failure train`"):
        load_model(tmp_path / "nowhere")


@pytest.mark.parametrize("graph", [b"", b"no graph", memory_graph()[:200]])
def test_load_when_the_graph_cannot_be_served_then_the_sentence_names_the_command(tmp_path, graph):
    write_memory_model(tmp_path, graph=graph)
    with pytest.raises(ArtifactCorruptError, match="`python -m core failure train`"):
        load_model(tmp_path)


@pytest.mark.parametrize(
    "facts", [{"columns": METRIC_NAMES[::-1]}, {"columns": METRIC_NAMES[:9]}, {"window": 20}]
)
def test_load_when_it_was_made_for_other_columns_then_it_is_refused(tmp_path, facts):
    write_memory_model(tmp_path, **facts)
    with pytest.raises(ArtifactIncompatibleError, match="python -m core failure train"):
        load_model(tmp_path)


@pytest.mark.parametrize(
    "thresholds",
    [
        {},
        {"enter": 0.6, "exit": 0.4},
        {"enter": 0.4, "exit": 0.6, "min_steps": 2},
        {"enter": 60, "exit": 40, "min_steps": 2},
        {"enter": 0.6, "exit": 0.4, "min_steps": 0},
    ],
)
def test_load_when_the_manifest_holds_no_alarm_thresholds_then_the_sentence_names_the_command(
    tmp_path, thresholds
):
    write_memory_model(tmp_path, thresholds=thresholds)
    with pytest.raises(ArtifactCorruptError, match="`python -m core failure train`") as refused:
        load_model(tmp_path)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("scores", [{}, {"test": None}, {"test": {}}])
def test_load_when_the_manifest_knows_no_lead_time_then_it_is_served_without(tmp_path, scores):
    write_memory_model(tmp_path, scores=scores)
    assert load_model(tmp_path).lead_median_steps is None


# What serving does not need

SERVE = """
import sys
import numpy as np
from pathlib import Path
from core.failure.serving import load_model
forecast = load_model(Path(sys.argv[1])).forecast(np.full((10, 10), 50.0))
print(round(forecast.probability, 6), *{name.partition(".")[0] for name in sys.modules})
"""


def test_serving_when_it_answers_in_a_process_of_its_own_then_tensorflow_is_not_loaded(tmp_path):
    write_memory_model(tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", SERVE, str(tmp_path)],
        cwd=config.ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    said, *loaded = done.stdout.split()
    assert float(said) == pytest.approx(float(expected(50.0)), abs=1e-5)
    assert "onnxruntime" in loaded
    heavy = {"tensorflow", "keras", "tf2onnx", "onnx", "sklearn", "pandas", "xgboost", "joblib"}
    assert heavy & set(loaded) == set()


# A network trained for real


@pytest.mark.slow
@TENSORFLOW_WARNS
def test_a_trained_model_when_served_then_it_answers_as_keras_does(trained):
    from core.failure import network

    model = load_model(trained.models_dir)
    windows = stack_windows(simulate_hosts(6, seed=99))
    said, causes = model.score(windows)
    by_keras, causes_by_keras = network.predict(
        trained.model.network, trained.model.scaler, windows
    )
    np.testing.assert_allclose(said, by_keras, atol=1e-4)
    full = windows.enough
    np.testing.assert_allclose(causes[full], causes_by_keras[full], atol=1e-4)
    assert np.ptp(said[full]) > 0.001  # else any constant would do


@pytest.mark.slow
def test_a_trained_model_when_a_metric_is_missing_then_it_is_never_the_cause(trained):
    model = load_model(trained.models_dir)
    for name in METRIC_NAMES:
        window = steps(LENGTH, **{name: None}).astype(np.float32)
        _, causes = model.probabilities(window[None])
        assert causes[0, column(name)] < 1e-6
        forecast = model.forecast(window)
        assert name not in {cause.metric for cause in forecast.causes}
        assert np.isfinite(forecast.probability)


@pytest.mark.slow
def test_a_trained_model_when_eight_threads_ask_at_once_then_each_gets_the_same_answer(trained):
    answers = answers_of_threads(load_model(trained.models_dir), windows_of(*range(40, 90)), 8)
    assert len(set(answers)) == 1


@pytest.mark.slow
def test_a_trained_model_when_explained_then_the_parts_add_up(trained):
    model = load_model(trained.models_dir)
    window = steps(LENGTH, memory_percent=np.linspace(70, 97, LENGTH))
    forecast = model.forecast(window)
    cells = np.nan_to_num(forecast.cells).sum(axis=0)
    for cause in forecast.causes:
        assert cells[column(cause.metric)] == pytest.approx(cause.contribution, abs=1e-6)
    blank, _ = model.probabilities(np.full((1, LENGTH, len(METRIC_NAMES)), np.nan, np.float32))
    apart = np.log(forecast.probability / (1 - forecast.probability)) - np.log(
        blank[0] / (1 - blank[0])
    )
    assert sum(cause.contribution for cause in forecast.causes) == pytest.approx(apart, abs=1e-3)


# The version that the project ships


def shipped_model() -> FailureModel:
    return load_model(config.ROOT / "models")


def test_the_shipped_model_when_loaded_then_it_verifies_and_answers():
    model = shipped_model()
    calm = model.forecast(steps(LENGTH))
    assert 0 <= calm.probability < model.policy.enter
    assert calm.reason.startswith("Calm")
    assert model.names_causes
    assert model.lead_median_steps > 0
    # A host of its own, idle, then its memory runs full within ten minutes.
    values = steps(60, memory_percent=[40.0] * 40 + list(np.linspace(42, 99, 20)))
    windows = stack_windows([record(values)])
    said, causes = model.score(windows)
    assert said[39] < model.policy.exit < model.policy.enter < said[59]
    assert causes[59].argmax() == MEMORY


@pytest.mark.skipif(
    not os.environ.get("REAL_DATA_DIR"), reason="REAL_DATA_DIR names no folder of recorded hosts"
)
def test_the_shipped_model_when_it_meets_real_crashes_then_it_sees_at_least_half_of_them():
    from core.failure.hosts_csv import read_hosts
    from core.failure.scoring import evaluate_hosts

    model = shipped_model()
    records = read_hosts(Path(os.environ["REAL_DATA_DIR"]) / "prevent_hosts.csv.gz")
    report, rule = evaluate_hosts(model, records)
    assert report.n_failing_hosts == 12
    assert report.auc >= 0.92
    assert report.auc > rule.auc
    assert report.cause_right_last >= 0.95
    assert report.caught >= 6
    assert report.false_alarm_share <= 0.002
