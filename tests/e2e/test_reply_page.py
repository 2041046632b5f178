"""The reply page in Chromium: a hostile ticket, a model that obeys it, stop, download and save."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.core.responses.scripted_server import Server, chunk, scripted_server, streamed
from tests.e2e.conftest import Visit
from tests.e2e.server import RunningApp, running_app

HOSTILE = """web-14 <img src=x onerror="alert(1)"> <script>alert(2)</script>
![seen](http://192.0.2.1/seen.png) https://evil.example/x is slow, password: hunter2!"""
OBEDIENT = (
    "## Acknowledgement\n\nHOST_1 ![s](http://192.0.2.1/a.png) <img src=http://192.0.2.1/b.png> "
    "[go](http://192.0.2.1/c) http://192.0.2.1/d\n\n## Next steps\n\n1. Look at `top` [1]\n"
)


@pytest.fixture(scope="module")
def model() -> Iterator[Server]:
    with scripted_server() as running:
        yield running


@pytest.fixture(scope="module")
def app(model: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    folder = tmp_path_factory.mktemp("app")
    settings = {"HF_BASE_URL": model.access().base_url, "HF_MODEL": "org/m"}
    with running_app(folder, **settings, HOST_NAME="the-apps-own-host") as running:
        yield running


@pytest.fixture
def page(app: RunningApp, visit: Visit, patience_ms: int) -> Page:
    opened = visit.signed_in(app, "ai_response")
    opened.set_default_timeout(patience_ms)
    expect(opened.get_by_label("Ticket", exact=True)).to_be_visible()
    return opened


def generate(page: Page, text: str) -> None:
    page.get_by_label("Ticket", exact=True).fill(text)
    page.get_by_label("Ticket", exact=True).press("Control+Enter")
    page.get_by_role("button", name="Generate").click()


def test_reply_when_ticket_and_model_are_hostile_then_nothing_runs_and_nothing_is_fetched(
    app, model, page, visit
):
    model.answers = [streamed(OBEDIENT)]
    generate(page, HOSTILE)
    card = page.locator('[class*="st-key-card_reply_"]')
    expect(card.get_by_text("Look at")).to_be_visible()
    expect(card).to_contain_text("web-14")
    # The page itself links its headings.
    assert card.locator('img, script, a:not([href^="#"])').count() == 0
    assert visit.dialogs == []
    assert visit.hosts_asked == {"127.0.0.1"}
    assert all(b"hunter2" not in body and b"web-14" not in body for _, _, body in model.received)
    assert "Traceback" not in app.complaints


def test_reply_when_stopped_then_its_words_stay(model, page):
    def slow(handler):
        handler.begin()
        for _ in range(1000):
            handler.send(chunk("More words. "))
            handler.wait(0.1)

    model.answers = [slow]
    model.hung_up.clear()
    generate(page, "the printer is slow")
    expect(page.get_by_text("More words.").first).to_be_visible()
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.get_by_text("Stopped. What had arrived is kept.")).to_be_visible()
    expect(page.get_by_text("More words.").first).to_be_visible()
    assert model.hung_up.wait(10)


def test_reply_when_downloaded_and_saved_then_the_file_is_masked_and_the_history_has_it(
    model, page, tmp_path: Path
):
    model.answers = [streamed(OBEDIENT)]
    generate(page, "web-14 is slow, write to bob@corp.example")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download, names masked").click()
    download.value.save_as(tmp_path / "reply.md")
    text = (tmp_path / "reply.md").read_text(encoding="utf-8")
    assert "HOST_" in text
    assert "web-14" not in text
    assert "bob@" not in text
    page.get_by_role("button", name="Save with the ticket").click()
    expect(page.get_by_text("Saved with its ticket.")).to_be_visible()
    page.reload()
    expect(page.get_by_text("not rated").first).to_be_visible()


def test_evidence_when_an_item_is_left_out_then_its_list_stays_open_and_citations_lead_to_it(
    model, page
):
    model.answers = [streamed(OBEDIENT)]
    page.get_by_label("Ticket", exact=True).fill("web-14 is slow since the release")
    page.get_by_label("Ticket", exact=True).press("Control+Enter")
    known = page.locator(".st-key-reply_known")
    known.get_by_text("What is known:").click()
    known.locator("label").first.click()
    expect(known.get_by_text("Left out")).to_be_visible()
    page.get_by_role("button", name="Generate").click()
    page.locator('[class*="st-key-card_reply_"]').get_by_role("link", name="[1]").click()
    expect(page.locator("#evidence-1")).to_be_in_viewport()
