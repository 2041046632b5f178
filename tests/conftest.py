"""What holds for every test: fixed seeds, folders of its own, and no settings from outside."""

import functools
import gc
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import config

TESTS = Path(__file__).parent
E2E = TESTS / "e2e"
DRAWS_PAGES = (TESTS / "pages", TESTS / "faults")
ONE_NETWORK = "tests/core/failure/"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark the tests in e2e/; run what is quick first, and shared among workers what is long."""
    for item in items:
        if item.path.is_relative_to(E2E):
            item.add_marker("e2e")
    is_shared = hasattr(config, "workerinput")
    items.sort(
        key=lambda item: [bool(item.get_closest_marker(name)) for name in ("e2e", "slow")],
        reverse=is_shared,  # at the end nobody waits for another's long file
    )


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Return one worker more than there are processors: tests wait for servers and browsers."""
    from xdist.plugin import pytest_xdist_auto_num_workers as n_processors

    return int(n_processors(config)) + 1


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give workers whole files; one of them gets all that share the network trained for tests."""
    from xdist.scheduler import LoadFileScheduling

    class Together(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return ONE_NETWORK if nodeid.startswith(ONE_NETWORK) else super()._split_scope(nodeid)

    return Together(config, log) if config.getoption("dist") == "loadfile" else None


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


@pytest.fixture(scope="session")
def components_read_once() -> Iterator[None]:
    """Let AppTest look for components among the installed packages once, not in each test."""
    from streamlit.components.v2 import manifest_scanner

    with pytest.MonkeyPatch.context() as patch:
        found_once = functools.cache(manifest_scanner.scan_component_manifests)
        patch.setattr(manifest_scanner, "scan_component_manifests", found_once)
        yield


@pytest.fixture(autouse=True, scope="module")
def _quickly_drawn(request: pytest.FixtureRequest) -> Iterator[None]:
    """Spare the tests of pages what took most of their time.

    Streamlit collects garbage after every run of a page, and looks for it through all that
    TensorFlow and the other libraries hold; what is frozen is left out.
    """
    if not any(request.path.is_relative_to(folder) for folder in DRAWS_PAGES):
        yield
        return
    request.getfixturevalue("components_read_once")
    gc.freeze()
    yield
    gc.unfreeze()
