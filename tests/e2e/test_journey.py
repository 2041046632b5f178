"""The whole way through the app in one browser: from an alarm to a model that has learnt from it.

Nothing is made up but the uploaded tickets: the disk that fills up, sampler, models, database,
training and language model server are real.
"""

import re
import shutil
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

import config
from core import artifacts
from core.store import Store
from tests.core.responses.real_server import KEY, real_server
from tests.core.tickets.some_tickets import some_tickets
from tests.e2e.conftest import Visit
from tests.e2e.server import RunningApp, running_app
from tests.faults.small_disk import DiskNotPossibleError, SmallDisk, small_disk

pytestmark = pytest.mark.skipif(
    find_spec("xllamacpp") is None or find_spec("gguf") is None,
    reason="xllamacpp and gguf are not installed (requirements-dev.txt)",
)
# For a machine that does five other things as well.
PATIENCE_MS = 180_000
N_TICKETS = 1_500  # so that one in ten is enough to compare two versions on
INTERVAL_S = 0.5
CALM_PERCENT, FILLING_STEPS = 40.0, 45
# A ticket with all its evidence is longer than the small model's usual context.
CONTEXT = 32_768


@dataclass(frozen=True, kw_only=True)
class Scene:
    """A freshly started app with data and models of its own, and the small disk that it watches."""

    app: RunningApp
    disk: SmallDisk
    folder: Path

    @property
    def active(self) -> str:
        return artifacts.current_version(self.folder / "models", "tickets")


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("app")
    shutil.copytree(config.ROOT / "models", folder / "models")
    (folder / "disk").mkdir()
    try:
        with (
            small_disk(folder / "disk") as disk,
            real_server(folder, context=CONTEXT) as language_model,
        ):
            disk.fill_to(CALM_PERCENT)
            settings = {
                "SAMPLE_INTERVAL_S": str(INTERVAL_S),
                "HOST_NAME": "checkout-1",
                "DISK_PATH": str(disk.path),
                "MODELS_DIR": str(folder / "models"),
                "HF_BASE_URL": language_model,
                "HF_MODEL": "tiny",
                "HF_TOKEN": KEY,
                "HF_TIMEOUT_S": "300",
            }
            with running_app(folder, **settings) as app:
                yield Scene(app=app, disk=disk, folder=folder)
    except DiskNotPossibleError as why:
        pytest.skip(str(why))


@contextmanager
def filling_up(disk: SmallDisk) -> Iterator[None]:
    """Fill the disk a little with each sample until the end of the context."""
    is_over = threading.Event()

    def fill() -> None:
        with suppress(OSError):  # full
            for step in range(1, FILLING_STEPS + 1):
                disk.fill_to(CALM_PERCENT + (100.0 - CALM_PERCENT) * step / FILLING_STEPS)
                if is_over.wait(INTERVAL_S):
                    return

    thread = threading.Thread(target=fill)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


def test_journey_when_a_host_begins_to_fail_then_it_leads_to_a_reply_and_to_a_better_model(
    scene: Scene, visit: Visit, patience_ms: int
):
    page = visit.open(scene.app.address)
    page.set_default_timeout(PATIENCE_MS)
    expect.set_options(timeout=PATIENCE_MS)
    look_at_the_fleet(page)
    be_warned(page, scene.disk)
    page.goto(scene.app.sign_in_link)
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    draft_and_classify(page)
    correct(page)
    reply(page)
    bring_tickets(page, scene.folder)
    before = scene.active
    retrain(page, before)
    switch_back(page, before)
    assert scene.active == before
    sign_out(page)
    look_at_the_record(scene)
    assert visit.hosts_asked == {"127.0.0.1"}
    assert "Traceback" not in scene.app.complaints


def open_page(page: Page, title: str) -> None:
    """Go on by the menu: what was typed and drafted lives in this session."""
    page.get_by_test_id("stSidebarNav").get_by_role("link", name=title).click()
    expect(page.get_by_test_id("stMain").locator("h1")).to_have_text(title)


def look_at_the_fleet(page: Page) -> None:
    expect(page).to_have_url(re.compile("/dashboard$"))
    expect(page.get_by_text("Demo data")).to_be_visible()
    drawn = page.locator("[data-chart][aria-label^='CPU over time'] .main-svg").first
    expect(drawn).to_be_visible()


def be_warned(page: Page, disk: SmallDisk) -> None:
    open_page(page, "Live Failure Prediction")
    line = page.get_by_test_id("stMain").locator("h2").first
    # Ten steps of a healthy host come first.
    expect(line).to_have_text(re.compile("^This host is"))
    with filling_up(disk):
        expect(line).to_have_text(re.compile("^This host is likely to fail within .*: disk"))
    # What a visitor may not do is locked.
    expect(page.get_by_role("button", name="Pause")).to_be_disabled()


def draft_and_classify(page: Page) -> None:
    open_page(page, "Live Failure Prediction")
    page.get_by_role("button", name="Draft a ticket").click()
    draft = page.get_by_role("dialog")
    expect(draft.get_by_text("Host checkout-1")).to_be_visible()
    draft.get_by_role("link", name="Classify it").click()
    # By itself: the draft brings what was measured with it.
    expect(page.get_by_text(re.compile("^Read: the text"))).to_be_visible()
    expect(page.get_by_label("Ticket", exact=True)).to_have_value(re.compile("checkout-1"))


def correct(page: Page) -> None:
    page.get_by_role("button", name="Wrong? Correct it").click()
    page.get_by_label("Right category").fill("Full disk")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Keep the correction").click()
    expect(page.get_by_text("Kept as Full disk.")).to_be_visible()
    page.keyboard.press("Escape")


def reply(page: Page) -> None:
    page.get_by_role("button", name="Write the reply").click()
    expect(page.get_by_label("Ticket", exact=True)).to_have_value(re.compile("checkout-1"))
    card = page.locator('[class*="st-key-card_reply_"]')
    choose(page, "Written by", "Offline")
    page.get_by_role("button", name="Generate", exact=True).click()
    expect(page.get_by_text("offline, no language model")).to_be_visible()
    for part in ("Acknowledgement", "Hypotheses", "Next steps", "Questions"):
        expect(card.get_by_role("heading", name=part)).to_be_visible()
    choose(page, "Written by", "Language model")
    page.get_by_role("button", name="Generate", exact=True).click()
    expect(card).to_contain_text("CPU is near 91 °C")
    expect(page.get_by_text(re.compile(r"^tiny · first word after .* tokens$"))).to_be_visible()
    page.get_by_role("button", name="Save with the ticket").click()
    expect(page.get_by_text("Saved with its ticket.")).to_be_visible()


def bring_tickets(page: Page, folder: Path) -> None:
    file = folder / "fleet.csv"
    tickets = some_tickets(N_TICKETS, timestamps=True)
    tickets["vm_id"] = [f"vm-{number % 9}" for number in range(N_TICKETS)]
    tickets.to_csv(file, index=False)
    open_page(page, "Admin")
    page.get_by_role("radio", name="Data").click()
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(file)
    page.get_by_role("button", name="Save as the dataset").click()
    expect(page.get_by_text("fleet.csv is saved as v0002 and active.")).to_be_visible()
    open_page(page, "Dashboard")
    rows = page.get_by_test_id("stMetric").filter(has_text="Rows")
    expect(rows).to_contain_text(f"{N_TICKETS:,}")
    expect(page.get_by_text("Demo data")).to_have_count(0)


def retrain(page: Page, before: str) -> None:
    open_page(page, "Admin")
    page.get_by_role("radio", name="Models").click()
    expect(page.get_by_text("and 1 correction.")).to_be_visible()
    page.get_by_role("button", name="Retrain", exact=True).click()
    taken_over = page.get_by_text(f"has taken over from {before}")
    expect(taken_over).to_be_visible(timeout=3 * PATIENCE_MS)


def switch_back(page: Page, before: str) -> None:
    page.get_by_role("button", name=f"Roll back to {before}").click()
    expect(page.get_by_text(f"{before} is active again.")).to_be_visible()
    open_page(page, "Ticket Classifier")
    page.get_by_label("Ticket", exact=True).fill("the link between the racks flaps")
    page.get_by_role("button", name="Classify").click()
    expect(page.get_by_text(f" {before}, trained on ")).to_be_visible()


def sign_out(page: Page) -> None:
    page.get_by_test_id("stSidebar").get_by_role("button", name="Sign out").click()
    expect(page.get_by_test_id("stSidebar").get_by_role("link", name="Sign in")).to_be_visible()
    expect(page.get_by_role("button", name="Wrong? Correct it")).to_be_disabled()
    open_page(page, "Admin")
    expect(page.get_by_role("heading", name="Sign in to go on")).to_be_visible()


def look_at_the_record(scene: Scene) -> None:
    with closing(Store(f"sqlite:///{scene.folder / 'data' / 'app.db'}")) as store:
        alarms = store.alarms("checkout-1", 10)
        [corrected] = store.corrections()
        [saved] = store.replies(10)
    assert alarms
    assert (corrected.new, corrected.who) == ("Full disk", "admin")
    assert (saved.provider, saved.model) == ("huggingface", "tiny")


def choose(page: Page, label: str, option: str) -> None:
    page.get_by_role("combobox", name=label).click()
    page.get_by_role("option", name=option).click()
