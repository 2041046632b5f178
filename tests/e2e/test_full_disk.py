"""The whole app on a disk that fills up: every page opens, writing says why, and room mends it."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

import config
from core import artifacts, dataset
from pages.ui.frame import PAGES
from tests.e2e.conftest import Visit, wait_until_drawn
from tests.e2e.server import RunningApp, running_app
from tests.faults.small_disk import DiskNotPossibleError, SmallDisk, small_disk
from tests.pages.some_fleet import some_fleet

NOT_KEPT = "Samples are shown and not kept"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    """Put data and models of an app on a disk of their own."""
    (tmp_path / "disk").mkdir()
    try:
        with small_disk(tmp_path / "disk") as disk:
            shutil.copytree(config.ROOT / "models", disk.path / "models")
            dataset.import_file(some_fleet(72).to_csv(index=False).encode(), disk.path / "data")
            yield disk
    except DiskNotPossibleError as why:
        pytest.skip(str(why))


def life(folder: Path, disk: SmallDisk):
    return running_app(
        folder,
        entering=disk.entering,
        DATA_DIR=str(folder / "disk" / "data"),
        LOGS_DIR=str(folder / "disk" / "logs"),
        MODELS_DIR=str(folder / "disk" / "models"),
        SAMPLE_INTERVAL_S="0.5",
    )


def expect_pages(page: Page, app: RunningApp) -> None:
    for entry in PAGES:
        page.goto(f"{app.address}/{entry.file.removesuffix('.py')}")
        expect(page.get_by_role("heading", level=1, name=entry.title)).to_be_visible()
        wait_until_drawn(page)
        expect(page.get_by_test_id("stException")).to_have_count(0)


def bring_dataset(page: Page, app: RunningApp) -> None:
    page.goto(f"{app.address}/admin?section=Data")
    csv = some_fleet(96).to_csv(index=False).encode()
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(
        {"name": "new.csv", "mimeType": "text/csv", "buffer": csv}
    )


def correct(page: Page, app: RunningApp) -> None:
    page.goto(f"{app.address}/ticket_classifier")
    page.get_by_label("Ticket", exact=True).fill("packets are dropped at the switch port")
    page.get_by_role("button", name="Classify").click()
    expect(page.locator("[data-marked]")).to_be_visible()
    page.get_by_role("button", name="Wrong? Correct it").click()
    page.get_by_label("Right category").fill("Switches")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Keep the correction").click()


def test_app_when_its_disk_is_full_then_it_goes_on_says_why_and_keeps_again_once_there_is_room(
    tmp_path: Path, disk: SmallDisk, visit: Visit, patience_ms: int
):
    with life(tmp_path, disk) as app:
        page = visit.signed_in(app, "live_failure_prediction")
        page.set_default_timeout(patience_ms)
        expect(page.get_by_role("button", name="Draft a ticket")).to_be_enabled()
        with pytest.raises(OSError, match="No space left"):
            disk.fill_to(101.0)
        expect(page.get_by_text(NOT_KEPT)).to_be_visible()
        expect_pages(page, app)
        correct(page, app)
        expect(
            page.get_by_text("The correction is not kept: database or disk is full")
        ).to_be_visible()
        bring_dataset(page, app)
        expect(
            page.get_by_text(re.compile("No space left.*The dataset is as it was"))
        ).to_be_visible()
        assert "Traceback" not in app.complaints

    with life(tmp_path, disk) as app:  # full from its start
        page = visit.signed_in(app, "live_failure_prediction")
        expect(page.get_by_text(NOT_KEPT)).to_be_visible()
        (disk.path / "filling").unlink()
        expect(page.get_by_text(NOT_KEPT)).to_have_count(0)
        correct(page, app)
        expect(page.get_by_text("Kept as Switches.")).to_be_visible()
        bring_dataset(page, app)
        page.get_by_role("button", name="Save as the dataset").click()
        expect(page.get_by_text("new.csv is saved as v0002 and active.")).to_be_visible()
        assert "Traceback" not in app.complaints
    dataset.verify(dataset.current(disk.path / "data"))
    for area in ("failure", "tickets"):
        artifacts.load_version(disk.path / "models", area)
    assert [*disk.path.rglob("*.writing")] == []
