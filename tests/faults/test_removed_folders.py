"""Folders go away under the running app, as a share that is unmounted does, and come back."""

import shutil
from pathlib import Path

import pytest
import streamlit as st

import config
from core import resources
from core.dataset import import_file
from pages.ui.errors import as_text
from pages.ui.frame import PAGES
from tests.faults.opened_pages import first_sample, opened, said, until
from tests.pages.some_fleet import some_fleet

HOURS = 72
LIVE, TICKETS, DASHBOARD = "live_failure_prediction.py", "ticket_classifier.py", "dashboard.py"


def test_app_when_its_folders_are_removed_then_it_says_so_and_goes_on_when_they_are_back(
    own_folders: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    st.set_option("client.showErrorDetails", "full")
    monkeypatch.setenv("SAMPLE_INTERVAL_S", "0.5")
    data, models, aside = own_folders / "data", own_folders / "models", tmp_path / "aside"
    shutil.copytree(config.ROOT / "models", models)
    import_file(some_fleet(HOURS).to_csv(index=False).encode(), data)
    first_sample()
    sampler, watch = resources.sampler(), resources.watch()

    data.rename(aside)
    shutil.rmtree(models)
    until(lambda: sampler.problem is not None and watch.status().problem is not None)
    # (A Dashboard without any data begins with demo data, as on the first day.)
    shown = {page.file: opened(page.file) for page in PAGES if page.file != DASHBOARD}
    for file, app in shown.items():
        assert not app.exception, (file, app.exception[0].value)
        assert app.title
    live = said(shown[LIVE])
    assert "Samples are shown and not kept" in live
    assert as_text("was removed while the app ran") in live
    assert as_text("core failure train") in live
    assert as_text("core tickets train") in said(shown[TICKETS])
    assert not data.exists()

    aside.rename(data)
    shutil.copytree(config.ROOT / "models", models)
    until(lambda: sampler.problem is None and watch.status().problem is None)
    shown = {page.file: opened(page.file) for page in PAGES}
    for file, app in shown.items():
        assert not app.exception, (file, app.exception[0].value)
        assert not app.error, (file, app.error[0].value)
    assert f"of {3 * HOURS}" in said(shown[DASHBOARD])
