"""What holds for every test: fixed seeds, folders of its own, and no settings from outside."""

import random
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import config


@pytest.fixture(autouse=True)
def _fixed_seeds() -> None:
    random.seed(20)
    np.random.seed(20)


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Point the settings to folders of this test alone, whatever this machine has set."""
    for variable, _, _ in config.Settings.rows():
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(config, "ENV_FILE", tmp_path / ".env")
    for name in ("data", "models", "logs"):
        monkeypatch.setenv(f"{name.upper()}_DIR", str(tmp_path / name))
    return tmp_path


@pytest.fixture(autouse=True)
def _fresh_resources() -> Iterator[None]:
    """Let no test see what another one has built, and stop what it started."""
    yield
    # Importing it takes a second that most tests need not spend.
    if "core.resources" in sys.modules:
        sys.modules["core.resources"].release()
