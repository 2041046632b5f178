"""A models folder whose answers are known."""

from pathlib import Path

import pytest

from tests.core.failure.fakes import write_memory_model


@pytest.fixture
def models(own_folders: Path) -> Path:
    """The models folder of the settings, with a model of known answers in it."""
    write_memory_model(own_folders / "models")
    return own_folders / "models"
