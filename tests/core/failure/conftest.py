"""A small network trained for real, once for all slow tests that need one."""

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from core.artifacts import Manifest


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """A model trained on few simulated hosts, and the version that was written of it."""

    models_dir: Path
    model: Any
    manifest: Manifest
    progress: list[tuple[float, str]]


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """Train on 120 hosts for six epochs; tests must not change what is in its folder."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # TensorFlow and Keras warn about themselves
        from core.failure.training import SimulationPlan, train_on_simulation, write_model

        plan = SimulationPlan(
            seed=3,
            n_training_hosts=120,
            n_calibration_hosts=40,
            n_test_hosts=40,
            n_held_out_hosts=20,
            epochs=6,
            batch_size=128,
        )
        progress: list[tuple[float, str]] = []
        model = train_on_simulation(plan, lambda part, text: progress.append((part, text)))
        models_dir = tmp_path_factory.mktemp("trained")
        manifest = write_model(models_dir, model)
    return Trained(models_dir=models_dir, model=model, manifest=manifest, progress=progress)
