"""Retraining in a real browser, with the real command on a small file of tickets."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

import config
from core import artifacts
from core.dataset import import_file
from core.tickets.train import train
from tests.core.tickets.test_challenge import NEW, OLD
from tests.e2e.conftest import Visit
from tests.e2e.server import RunningApp, running_app

MODELS = "admin?section=Models"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    """Serve a model of some tickets, with a dataset that holds some more."""
    folder = tmp_path_factory.mktemp("app")
    shutil.copytree(config.ROOT / "models" / "failure", folder / "models" / "failure")
    train(OLD, folder / "models", candidates=["logistic"])
    artifacts.activate(folder / "models", "tickets", "v0001")
    csv = folder / "tickets.csv"
    NEW.to_csv(csv, index=False)
    import_file(csv, folder / "data")
    with running_app(folder, MODELS_DIR=str(folder / "models")) as running:
        yield running


def active(app: RunningApp) -> str:
    folder: Path = app.output_file.parent / "models"
    return artifacts.current_version(folder, "tickets")


def classified_by(page: Page) -> None:
    page.get_by_role("textbox").first.fill("router link down since today")
    page.get_by_role("button", name="Classify").click()


def test_retraining_when_cancelled_then_it_stops_and_the_model_stays(
    app: RunningApp, visit: Visit, patience_ms: int
):
    page = visit.signed_in(app, MODELS)
    page.get_by_role("button", name="Retrain", exact=True).click()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("Stopped on request. Nothing was activated.")).to_be_visible()
    expect(page.get_by_role("button", name="Retrain", exact=True)).to_be_enabled()
    assert active(app) == "v0001"


def test_retraining_when_done_then_another_open_browser_is_served_by_the_new_version(
    app: RunningApp, visit: Visit, patience_ms: int
):
    other = visit.open(f"{app.address}/ticket_classifier")
    classified_by(other)
    expect(other.get_by_text("v0001").first).to_be_visible()
    page = visit.signed_in(app, MODELS)
    page.get_by_role("button", name="Retrain", exact=True).click()
    expect(page.get_by_text("training the ticket models", exact=False).first).to_be_visible()
    page.reload()  # it is still there
    expect(page.get_by_role("button", name="Cancel")).to_be_visible()
    expect(page.get_by_text("has taken over from v0001")).to_be_visible(timeout=3 * patience_ms)
    newest = active(app)
    assert newest != "v0001"
    other.get_by_role("textbox").first.fill("disk quota of the volume exceeded")
    other.get_by_role("button", name="Classify").click()
    expect(other.get_by_text(newest).first).to_be_visible()
    page.get_by_role("button", name="Roll back to v0001").click()
    expect(page.get_by_text("v0001 is active again.")).to_be_visible()
    assert active(app) == "v0001"
