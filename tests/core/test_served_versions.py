"""Versions switched while the app serves: the next question is for the new one."""

import shutil
import threading
from pathlib import Path

import numpy as np
import pytest

import config
from core import artifacts, resources
from core.failure.simulate import simulate_hosts
from core.failure.windows import stack_windows

KEPT = (
    *("data_hash", "seed", "columns", "classes", "window", "horizon"),
    *("thresholds", "scores", "baseline_scores", "source"),
)
SHIPPED = config.ROOT / "models" / "failure" / "v0001"


@pytest.fixture
def models_dir(own_folders: Path) -> Path:
    """Return four versions of the shipped model, each with its own threshold; v0001 is active."""
    manifest, _ = artifacts.load_version(config.ROOT / "models", "failure", "v0001")

    def fill(folder: Path) -> None:
        for name in manifest.files:
            shutil.copy(SHIPPED / name, folder / name)

    for number in range(1, 5):
        kept = {name: getattr(manifest, name) for name in KEPT}
        kept["thresholds"] = {**manifest.thresholds, "enter": 0.5 + number / 100}
        artifacts.write_version(own_folders / "models", "failure", fill=fill, **kept)
    artifacts.activate(own_folders / "models", "failure", "v0001")
    return own_folders / "models"


def test_model_when_another_is_activated_then_the_next_question_goes_to_that(models_dir):
    assert resources.failure_model().version == "v0001"
    artifacts.activate(models_dir, "failure", "v0002")
    assert resources.failure_model().version == "v0002"
    assert resources.failure_manifest().version == "v0002"
    artifacts.activate(models_dir, "failure", "v0001")
    assert resources.failure_model().version == "v0001"


def test_model_when_replaced_evicted_and_deleted_then_what_it_was_asked_before_is_answered(
    models_dir,
):
    windows = stack_windows(simulate_hosts(10, seed=1))
    model = resources.failure_model()
    expected, _ = model.score(windows)
    go_on, answers, served_by = threading.Event(), [], set()

    def ask_once() -> None:
        answers.append(model.score(windows)[0])
        forecast = model.forecast(windows.x[-1])
        served_by.add((forecast.model_version, forecast.threshold))

    def ask() -> None:
        while not go_on.is_set():
            ask_once()
        ask_once()

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        for version in ("v0002", "v0003", "v0004"):  # more than are kept in memory
            artifacts.activate(models_dir, "failure", version)
            assert resources.failure_model().version == version
        artifacts.delete(models_dir, "failure", "v0001")
    finally:
        go_on.set()
        asking.join()
    assert served_by == {("v0001", 0.51)}
    assert resources.failure_model().forecast(windows.x[-1]).threshold == 0.54
    for answer in answers:
        np.testing.assert_array_equal(answer, expected)
