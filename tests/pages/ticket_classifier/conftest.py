"""A small ticket model, trained once."""

import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core import artifacts
from core.tickets.train import train
from tests.core.tickets.some_tickets import some_tickets
from tests.pages.ticket_classifier.drawn import MAIN, Open


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trained")
    report = train(some_tickets(400), folder, candidates=["logistic"], is_demo=True)
    artifacts.activate(folder, "tickets", report.version)
    return folder


@pytest.fixture
def opened(trained: Path, own_folders: Path) -> Open:
    """Return what opens the page where the small model is the active one."""
    shutil.copytree(trained, own_folders / "models")

    def run(**state: object) -> AppTest:
        app = AppTest.from_file(MAIN, default_timeout=60)
        app.switch_page("ticket_classifier.py")
        for key, value in state.items():
            app.session_state[key] = value
        app.run()
        assert not app.exception
        return app

    return run
