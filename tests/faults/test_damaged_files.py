"""A file of the app is damaged or lost: its page says so and how to mend it, the others work."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import streamlit as st

import config
from core.dataset import import_file
from core.store import Store
from pages.ui.errors import as_text
from pages.ui.frame import PAGES
from tests.faults.opened_pages import first_sample, opened, said
from tests.pages.some_fleet import some_fleet

DASHBOARD, LIVE, TICKETS = "dashboard.py", "live_failure_prediction.py", "ticket_classifier.py"
# These report on every model and dataset: they may say what is wrong with any of them.
REPORTING = ("model_analytics.py", "admin.py")
HOURS = 72  # of telemetry: enough for every chart, and quickly forecast


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def altered(path: Path) -> None:
    """Turn one bit, as an old disk may."""
    data = bytearray(path.read_bytes())
    data[len(data) // 3] ^= 1
    path.write_bytes(data)


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def lost(path: Path) -> None:
    path.unlink()


def zeroed(path: Path) -> None:
    """Leave what a filesystem may leave after a power cut."""
    path.write_bytes(bytes(path.stat().st_size))


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What is damaged, which pages cannot do all of their work, and what they say of it."""

    file: str
    how: Callable[[Path], None]
    pages: tuple[str, ...]
    says: str


def fault(file: str, how: Callable[[Path], None], says: str, *pages: str) -> object:
    name = f"{file.rpartition('/')[2]} of {file.split('/')[1]} {how.__name__}"
    return pytest.param(Fault(file=file, how=how, says=says, pages=pages), id=name)


FAULTS = [
    fault("models/failure/CURRENT", zeroed, "core failure activate v0001", LIVE),
    fault("models/failure/v0001/lstm_failure_predictor.onnx", cut, "core failure train", LIVE),
    fault("models/tickets/v0001/model.pkl", altered, "core tickets train", TICKETS),
    fault("models/tickets/v0001/manifest.json", lost, "core tickets train", TICKETS),
    fault("data/versions/v0001/dataset.parquet", cut, "core dataset import", DASHBOARD),
    fault("data/versions/v0001/dataset.parquet", altered, "core dataset import", DASHBOARD),
    fault("data/versions/v0001/manifest.json", lost, "core dataset import", DASHBOARD),
    fault("data/versions/CURRENT", lost, "core dataset activate", DASHBOARD),
    fault("data/versions/v0001/dataset.parquet", lost, "core dataset import", DASHBOARD),
    fault("models/tickets/CURRENT", lost, "core tickets activate v0001", TICKETS),
    fault("data/app.db", zeroed, "move it aside", *(page.file for page in PAGES)),
    fault("data/app.db", cut, "move it aside", *(page.file for page in PAGES)),
]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make folders as they are after some use: models, a dataset, a database."""
    folder = tmp_path_factory.mktemp("whole")
    shutil.copytree(config.ROOT / "models", folder / "models")
    import_file(some_fleet(HOURS).to_csv(index=False).encode(), folder / "data")
    Store(f"sqlite:///{(folder / 'data' / 'app.db').as_posix()}").close()
    return folder


@pytest.fixture(autouse=True)
def _quick_and_in_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAMPLE_INTERVAL_S", "0.5")
    st.set_option("client.showErrorDetails", "full")


@pytest.mark.parametrize("fault", FAULTS)
def test_pages_when_a_file_is_damaged_then_one_says_what_to_do_and_the_others_work(
    fault: Fault, whole: Path, own_folders: Path
):
    for name in ("data", "models"):
        shutil.copytree(whole / name, own_folders / name)
    others = {path: path.read_bytes() for path in own_folders.rglob("*") if path.is_file()}
    fault.how(own_folders / fault.file)

    if LIVE in fault.pages:
        first_sample()
    shown = {page.file: opened(page.file) for page in PAGES}

    for page in PAGES:
        app = shown[page.file]
        assert not app.exception, app.exception[0].value
        assert app.title[0].value == page.title
        if page.file in fault.pages:
            assert as_text(fault.says) in said(app), said(app)
            assert len(app.error) <= 1  # said once
        elif page.file not in REPORTING:
            assert not app.error, app.error[0].value
    if fault.file == "data/app.db":  # whether the host is fine is told without a database, too
        assert "Samples are shown and not kept" in said(shown[LIVE])
    for path, data in others.items():  # nothing was "repaired" by throwing it away
        if path != own_folders / fault.file and path.suffix != ".db":
            assert path.read_bytes() == data
