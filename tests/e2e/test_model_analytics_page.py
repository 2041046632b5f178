"""Model Analytics in Chromium, and its report as a file that asks for nothing."""

from playwright.sync_api import Browser, expect

from core.analytics.html import as_html
from tests.core.analytics.test_html import hostile
from tests.e2e.server import RunningApp


def test_page_when_the_report_is_downloaded_then_the_file_opens_and_asks_for_nothing(
    server: RunningApp, browser: Browser, tmp_path
):
    page = browser.new_page()
    page.goto(f"{server.address}/model_analytics?model=Ticket+models")
    # The download is made anew with the page: not while it still changes.
    expect(page.get_by_text("Drift of the inputs").first).to_be_visible(timeout=120_000)
    headline = page.get_by_test_id("stMain").locator("h2").first.inner_text()
    with page.expect_download() as download:
        page.get_by_text("Download the report").click()
    file = tmp_path / "report.html"
    download.value.save_as(file)
    page.close()
    opened, asked, complaints = _opened(browser, file)
    assert opened.locator("h1").inner_text() == headline
    assert opened.locator("svg").count() >= 5
    assert asked == [file.as_uri()]
    assert complaints == []


def test_report_when_names_are_hostile_then_nothing_runs_and_nothing_is_asked_for(
    browser: Browser, tmp_path
):
    file = tmp_path / "hostile.html"
    file.write_text(as_html(hostile()), encoding="utf-8")
    opened, asked, complaints = _opened(browser, file)
    assert opened.locator("img, script, iframe").count() == 0
    assert "<script>alert(2)</script>" in opened.locator("h1").inner_text()
    assert asked == [file.as_uri()]
    assert complaints == []


def _opened(browser: Browser, file):
    """Return the file as a page, what it has asked for, and dialogs and errors that came up."""
    page = browser.new_page()
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("dialog", lambda dialog: (complaints.append(dialog.message), dialog.dismiss()))
    page.goto(file.as_uri())
    page.wait_for_load_state("networkidle")
    return page, asked, complaints
