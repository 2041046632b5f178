"""The real app is killed in the middle of things: it starts again, says so, and has lost nothing.

(What a kill leaves on the disk at any instant of a write is tried in tests/faults/test_killed.py.)
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import expect

import config
from core import artifacts, dataset
from core.store import Store
from core.tickets.train import train
from pages.ui.frame import PAGES
from tests.core.tickets.test_challenge import NEW, OLD
from tests.e2e.conftest import Visit
from tests.e2e.server import RunningApp, free_port, running_app
from tests.pages.some_fleet import some_fleet

HOST = "web-1"
WITHIN_S = 60.0


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Make folders of an app in use: two quickly trained ticket models, a dataset to learn from."""
    models, csv = tmp_path / "models", tmp_path / "tickets.csv"
    shutil.copytree(config.ROOT / "models" / "failure", models / "failure")
    for learnt in (OLD, NEW):
        report = train(learnt, models, candidates=["logistic"])
        artifacts.activate(models, "tickets", report.version)
    NEW.to_csv(csv, index=False)
    dataset.import_file(csv, tmp_path / "data")
    return tmp_path


def life(folder: Path):
    return running_app(
        folder, MODELS_DIR=str(folder / "models"), HOST_NAME=HOST, SAMPLE_INTERVAL_S="0.5"
    )


def until(is_so: Callable[[], object]) -> None:
    latest_s = time.monotonic() + WITHIN_S
    while not is_so():
        assert time.monotonic() < latest_s, "its moment never came"
        time.sleep(0.002)


def kill(app: RunningApp) -> None:
    """Kill the app without a word; whatever it had started has to end, too."""
    started = psutil.Process(app.process.pid).children(recursive=True)
    app.process.kill()
    app.process.wait()
    _, left = psutil.wait_procs(started, timeout=WITHIN_S)
    assert left == []


def n_samples(folder: Path) -> int:
    with closing(Store(f"sqlite:///{(folder / 'data' / 'app.db').as_posix()}")) as store:
        return len(store.samples(HOST, datetime.now(UTC) - timedelta(days=1)).at)


def served_tickets(folder: Path) -> str:
    return artifacts.load_version(folder / "models", "tickets")[0].version


def expect_all_whole(folder: Path) -> None:
    stored = dataset.current(folder / "data")
    assert stored.version == "v0001"
    dataset.verify(stored)
    assert artifacts.load_version(folder / "models", "failure")[0].version == "v0001"
    assert served_tickets(folder) in ("v0001", "v0002")


def test_app_when_killed_while_it_works_then_it_starts_says_so_and_has_lost_nothing(
    folder: Path, visit: Visit, patience_ms: int
):
    data = folder / "data"
    some_fleet(24 * 200).to_csv(folder / "large.csv", index=False)
    with life(folder) as app:
        page = visit.signed_in(app, "admin?section=Data")
        page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(folder / "large.csv")
        until(lambda: any(data.glob("uploads/*/*/version/*")))
        until(lambda: n_samples(folder) >= 2)
        assert psutil.Process(app.process.pid).children()  # one that reads
        kill(app)
    expect_all_whole(folder)
    n_before = n_samples(folder)

    with life(folder) as app:
        assert not any(data.glob("uploads/*/*"))  # what was half read is gone
        until(lambda: n_samples(folder) > n_before)
        page = visit.signed_in(app, "admin?section=Models")
        assert served_tickets(folder) == "v0002"
        page.get_by_role("button", name="Roll back to v0001").click()
        until(lambda: served_tickets(folder) == "v0001")
        kill(app)  # before it could do, or say, anything else about it
    expect_all_whole(folder)

    with life(folder) as app:
        page = visit.signed_in(app, "admin?section=Models")
        expect(page.get_by_text(re.compile("^v0001 is active"))).to_be_visible()
        page.get_by_role("button", name="Retrain", exact=True).click()
        expect(page.get_by_role("button", name="Cancel")).to_be_visible()
        assert psutil.Process(app.process.pid).children()  # one that trains
        kill(app)
    expect_all_whole(folder)

    with life(folder) as app:
        page = visit.signed_in(app, "admin?section=Jobs")
        expect(page.get_by_text("Nothing was activated; start it again").first).to_be_visible()
        page.get_by_role("radio", name="Models").click()
        expect(page.get_by_role("button", name="Retrain", exact=True)).to_be_enabled()
        for entry in PAGES:
            page.goto(f"{app.address}/{entry.file.removesuffix('.py')}")
            expect(page.get_by_role("heading", level=1, name=entry.title)).to_be_visible()
            expect(page.get_by_test_id("stMain").get_by_role("alert")).to_have_count(0)
        assert "Traceback" not in app.complaints


def test_app_when_whoever_started_it_is_gone_then_it_ends_in_order(tmp_path: Path):
    environment = {f"{name}_DIR": str(tmp_path / name.lower()) for name in ("DATA", "LOGS")}
    with (
        (tmp_path / "output.txt").open("wb") as output,
        subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", "app.py", f"--server.port={free_port()}"],
            cwd=config.ROOT,
            env={**os.environ, **environment, "ENDS_WITH_ITS_INPUT": "1"},
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
        ) as app,
    ):
        # run.py holds the other end of it, and lets go of it however it ends.
        assert app.stdin is not None
        until(lambda: "Sign in as admin" in (tmp_path / "output.txt").read_text(encoding="utf-8"))
        assert app.poll() is None
        app.stdin.close()
        assert app.wait(WITHIN_S) in (0, -signal.SIGTERM)
    assert "Traceback" not in (tmp_path / "output.txt").read_text(encoding="utf-8")
