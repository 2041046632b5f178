"""The ticket page with the model that is shipped: files in and out, and hostile tickets."""

import csv
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

import config
from core import artifacts
from core.store import Correction, Store
from core.tickets.export import ANSWER_COLUMNS
from core.tickets.train import train
from tests.core.tickets.some_tickets import some_tickets
from tests.e2e.conftest import Visit, wait_until_drawn
from tests.e2e.server import RunningApp, running_app

HOSTILE = """<img src=x onerror="alert(1)"> <script>alert(2)</script>
![seen](http://192.0.2.1/seen.png) [click](javascript:alert(3)) :fire: https://evil.example/x
the cpu of vm-017 is throttled"""

# Nothing on the page shows that what was typed has reached the server.
ARRIVED_MS = 1_500


@pytest.fixture
def tickets(server: RunningApp, visit: Visit, patience_ms: int) -> Page:
    page = visit.signed_in(server, "ticket_classifier")
    page.set_default_timeout(patience_ms)
    expect(page.get_by_label("Ticket", exact=True)).to_be_visible()
    return page


def upload(page: Page, file: Path) -> None:
    page.get_by_role("radio", name="A file").click()
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(file)
    page.get_by_role("button", name="Classify the file").click()


def test_file_when_uploaded_then_the_download_is_the_file_with_answers_safe_to_open(
    tickets, tmp_path
):
    rows = [
        {"id": "007", "ticket_text": "cpu of vm-3 is throttled, load is 40", "note": "=1+1"},
        {"id": "008", "ticket_text": 'link flaps, "packet loss"\nbetween racks', "note": "-3.5"},
        {"id": "009", "ticket_text": "", "note": "@sum"},
    ]
    file = tmp_path / "tickets.csv"
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    upload(tickets, file)
    expect(tickets.get_by_text("of 2 tickets go straight through.")).to_be_visible()
    with tickets.expect_download() as download:
        tickets.get_by_role("button", name="Download with answers").click()
    answered = tmp_path / "answered.csv"
    download.value.save_as(answered)
    with answered.open(encoding="utf-8", newline="") as inside:
        found = list(csv.DictReader(inside))
    assert [row["id"] for row in found] == ["007", "008", "009"]
    assert [row["ticket_text"] for row in found] == [row["ticket_text"] for row in rows]
    assert [row["note"] for row in found] == ["'=1+1", "-3.5", "'@sum"]
    assert found[0][ANSWER_COLUMNS[0]] == "Performance-CPU"
    assert found[1][ANSWER_COLUMNS[0]] == "Network"
    assert found[2]["route"] == "person"


def test_long_file_when_cancelled_then_it_waits_to_be_classified_again(tickets, tmp_path):
    file = tmp_path / "long.csv"
    line = "link flaps between racks {} and the cpu of vm-{} is throttled\n"
    file.write_text("ticket_text\n" + "".join(line.format(i, i % 97) for i in range(150_000)))
    upload(tickets, file)
    expect(tickets.get_by_text("of 150,000 tickets,")).to_be_visible()
    tickets.get_by_role("button", name="Cancel").click()
    expect(tickets.get_by_role("button", name="Classify the file")).to_be_visible()
    expect(tickets.get_by_role("button", name="Download with answers")).to_have_count(0)


def test_ticket_when_it_is_hostile_then_nothing_runs_and_nothing_is_fetched(server, tickets, visit):
    tickets.get_by_label("Ticket", exact=True).fill(HOSTILE)
    tickets.get_by_role("button", name="Classify").click()
    shown = tickets.locator("[data-marked]")
    expect(shown).to_be_visible()
    assert shown.evaluate("box => box.textContent") == HOSTILE
    assert shown.locator("img, script, a").count() == 0
    expect(tickets.locator("[data-chart] svg.main-svg").first).to_be_visible()
    assert visit.dialogs == []
    assert visit.hosts_asked == {"127.0.0.1"}
    assert "Traceback" not in server.complaints


def test_correction_when_kept_then_it_stands_in_the_review_queue(tickets):
    tickets.get_by_label("Ticket", exact=True).fill("second supply of rack 9 is dead, ups beeps")
    tickets.get_by_role("button", name="Classify").click()
    tickets.get_by_role("button", name="Wrong? Correct it").click()
    tickets.get_by_label("Right category").fill("Facilities")
    tickets.keyboard.press("Enter")
    tickets.get_by_role("button", name="Keep the correction").click()
    expect(tickets.get_by_text("Kept as Facilities.")).to_be_visible()
    tickets.keyboard.press("Escape")
    tickets.get_by_role("radio", name="Review queue").click()
    expect(tickets.get_by_text("corrected one joins the next training")).to_be_visible()


def test_text_when_typed_and_not_yet_classified_then_it_is_still_there_after_another_page(tickets):
    tickets.get_by_label("Ticket", exact=True).fill("half of a long ticket")
    tickets.keyboard.press("Tab")
    tickets.wait_for_timeout(ARRIVED_MS)
    tickets.get_by_role("link", name="Model Analytics").click()
    expect(tickets.get_by_role("heading", name="Model Analytics")).to_be_visible()
    tickets.get_by_role("link", name="Ticket Classifier").click()
    expect(tickets.get_by_label("Ticket", exact=True)).to_have_value("half of a long ticket")


def test_model_when_another_is_activated_then_the_next_ticket_is_answered_by_it(
    visit, patience_ms, tmp_path
):
    models = tmp_path / "models"
    shutil.copytree(config.ROOT / "models" / "tickets", models / "tickets")
    before = artifacts.current_version(models, "tickets")
    other = train(some_tickets(200), models, candidates=["logistic"]).version
    with running_app(tmp_path, MODELS_DIR=str(models)) as app:
        page = visit.open(f"{app.address}/ticket_classifier")
        page.get_by_label("Ticket", exact=True).fill("the link is slow")
        page.get_by_role("button", name="Classify").click()
        expect(page.get_by_text(f" {before}, trained on ")).to_be_visible()
        wait_until_drawn(page)
        artifacts.activate(models, "tickets", other)
        page.get_by_label("Ticket", exact=True).fill("the link is very slow")
        page.get_by_role("button", name="Classify").click()
        expect(page.get_by_text(f" {other}, trained on ")).to_be_visible()
        expect(page.locator("[data-marked]")).to_have_text("the link is very slow")


def test_queue_when_another_person_corrects_then_a_chosen_category_stays_with_its_ticket(
    visit, patience_ms, tmp_path
):
    first, second = "the cpu of vm-017 is throttled", "second supply of rack 9 is dead"

    def say(store: Store, text: str, new: str) -> None:
        now = datetime.now(UTC)
        store.add_correction(Correction(text=text, old="", new=new, who="Ada", at=now))

    with running_app(tmp_path) as app:
        page = visit.signed_in(app, "ticket_classifier")
        expect(page.get_by_label("Ticket", exact=True)).to_be_visible()
        store = Store(f"sqlite:///{tmp_path / 'data' / 'app.db'}")
        say(store, first, "A category of their own")
        say(store, second, "Power")
        page.get_by_role("radio", name="Review queue").click()
        expect(page.locator("[role=row]")).to_have_count(3)
        wait_until_drawn(page)
        assert first in page.locator("[role=row]").nth(1).inner_text()
        table = page.get_by_test_id("stDataFrame").bounding_box()
        assert table is not None
        page.mouse.click(table["x"] + table["width"] - 60, table["y"] + 52)
        page.keyboard.press("Enter")
        expect(page.get_by_role("combobox")).to_be_focused()
        page.keyboard.type("Network")
        page.keyboard.press("Enter")
        expect(page.get_by_role("button", name="Keep 1 category")).to_be_enabled()
        # Now the second one is what the model would learn most from.
        for _ in range(3):
            say(store, second, "Another category of their own")
        page.get_by_role("button", name="Keep 1 category").click()
        expect(page.get_by_text("1 kept.")).to_be_visible()
        (kept,) = [one for one in store.corrections() if one.who == "admin"]
        store.close()
        assert (kept.text, kept.new) == (first, "Network")
