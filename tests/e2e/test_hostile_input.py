"""Everything that comes from outside means harm: it is shown as text, runs nothing, asks nobody."""

import csv
import io
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote_plus, urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.core.responses.scripted_server import Server, scripted_server, streamed
from tests.e2e.conftest import PATIENCE_MS, admins_cookies
from tests.e2e.hostile_world import FILE, HARM, HOST, MARKS, TICKET, VM, fleet_csv, hostile_app
from tests.e2e.server import RunningApp

# What is on a page that was read as HTML or Markdown, not as text.
HOLES = """() => {
  const holes = [...document.querySelectorAll(
    '[href*="192.0.2.1"], [href*="evil.example"], [href^="javascript:"], [src*="192.0.2.1"], ' +
    '[onerror], [onload], iframe, .katex, [aria-label^="pest_control"]'
  )].map((element) => element.outerHTML);
  const whole = {
    HOLE: /:red\\[HOLE/, MATH: /\\$MATH/, BOLD: /\\*\\*BOLD/,
    pest_control: /material.{1,2}pest_control/
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const {data, parentElement} = texts.currentNode;
    if (["SCRIPT", "STYLE"].includes(parentElement.tagName)) {
      if (data.includes("ran(")) holes.push(data);
      continue;
    }
    // A reply is Markdown by right, and bold then; code is coloured in pieces.
    const isReply = parentElement.closest('[class*="st-key-card_reply_"], code');
    for (const [word, pattern] of Object.entries(whole))
      if (data.includes(word) && !pattern.test(data) && !(isReply && word === "BOLD"))
        holes.push(`${word} in ${data}`);
  }
  for (const {data, layout} of document.querySelectorAll("[data-chart]")) {
    const drawn = JSON.stringify([data, {...layout, uirevision: ""}]);
    for (const tag of drawn.matchAll(/<(?!br>|\\/?extra>)[^"]{0,40}/g))
      holes.push(`chart: ${tag[0]}`);
  }
  return holes;
}"""
FORMULA = ("=", "+", "-", "@", "\t", "\r")
REPLY = f"## Acknowledgement\n\nHOST_1 {MARKS}\n\n## Next steps\n\n1. Look at `top` {MARKS} [1]\n"


class Walk:
    """One admin's browser, in which nothing may happen that the app has not meant."""

    def __init__(self, browser: Browser, app: RunningApp) -> None:
        self.app = app
        self.ran: list[str] = []
        self.asked: list[str] = []
        self.context = browser.new_context(viewport={"width": 1440, "height": 900})
        self.context.add_cookies(admins_cookies(app))
        self.context.expose_function("ran", lambda what: self.ran.append(str(what)))
        self.context.on("request", lambda request: self.asked.append(request.url))
        self.page = self.context.new_page()
        self.page.set_default_timeout(PATIENCE_MS)
        self.page.on("dialog", lambda dialog: (self.ran.append(dialog.message), dialog.dismiss()))

    @property
    def main(self) -> Locator:
        return self.page.get_by_test_id("stMain")

    def open(self, path: str) -> Page:
        self.page.goto(f"{self.app.address}/{path}")
        self.main.locator("h1").wait_for()
        return self.page

    def look(self, *shown: str, where: Locator | None = None) -> None:
        """Expect these words on the page, as they are, and that nothing on it was read."""
        for text in shown:
            expect(self.main if where is None else where).to_contain_text(text)
        holes = self.page.evaluate(HOLES)
        assert not holes, holes
        self.unharmed()

    def unharmed(self) -> None:
        assert self.ran == []
        elsewhere = [url for url in self.asked if not url.startswith(("data:", "blob:", "file:"))]
        assert {urlsplit(url).hostname for url in elsewhere} == {"127.0.0.1"}

    def download(self, button: Locator) -> str:
        with self.page.expect_download() as download:
            button.click()
        return Path(download.value.path()).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def model() -> Iterator[Server]:
    with scripted_server() as running:
        yield running


@pytest.fixture(scope="module")
def app(model: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    with hostile_app(tmp_path_factory.mktemp("hostile"), model) as running:
        yield running


@pytest.fixture(scope="module")
def browsing(browser: Browser, app: RunningApp) -> Iterator[Walk]:
    walk = Walk(browser, app)
    yield walk
    walk.context.close()


@pytest.fixture
def walk(browsing: Walk, patience_ms: int) -> Walk:
    return browsing


def no_formulas(text: str) -> None:
    """Expect that a spreadsheet takes no cell of this CSV for a formula."""
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert len(rows) > 1
    found = [cell[:40] for row in rows for cell in row if cell.startswith(FORMULA)]
    assert [cell for cell in found if not cell[1:].replace(".", "").isdigit()] == []


def steers_nobody(text: str) -> None:
    """Expect nothing in it that moves a terminal's cursor or turns the direction of writing."""
    turning = ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
    found = {
        ascii(character)
        for character in set(text) - {"\n"}
        if unicodedata.category(character) in ("Cc", "Zl", "Zp")
        or unicodedata.bidirectional(character) in turning
    }
    assert found == set()


def test_dashboard_when_every_name_is_hostile_then_all_its_sections_show_them_as_text(walk):
    walk.open(f"dashboard?vm={quote_plus(VM)}")
    expect(walk.main.get_by_role("heading", name="Capacity", exact=True)).to_be_visible()
    walk.look("=HYPERLINK(1) <img src=x onerror=ran(7)> :red[HOLE] $MATH$ **BOLD**")
    page = walk.open("dashboard?section=Capacity")
    expect(page.locator("[data-chart]").first).to_be_visible()
    walk.look("onerror=ran(7)")
    page = walk.open("dashboard?section=Anomalies")
    expect(page.get_by_role("button", name="Download as CSV").first).to_be_visible()
    walk.look("onerror=ran(7)")
    no_formulas(walk.download(page.get_by_role("button", name="Download as CSV", exact=True).first))
    page.get_by_role("button", name="Draft a ticket").click()
    walk.look("behaved unusually", where=page.get_by_role("dialog"))


def test_live_page_when_host_and_file_are_hostile_then_they_are_shown_as_text(walk):
    page = walk.open("live_failure_prediction")
    walk.look(HOST, where=page.get_by_test_id("stSidebar"))
    walk.look(f"=1 {MARKS}"[:60])
    page.get_by_text("Predict from a sequence of your own").click()
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(
        {"name": FILE, "mimeType": "text/csv", "buffer": MARKS.encode()}
    )
    page.get_by_role("button", name="Predict").click()
    expect(page.get_by_role("alert")).to_be_visible()
    walk.look(":red[HOLE]")
    row = ",".join(["1"] * 10) + "\n"
    with page.expect_response(lambda response: "upload_file" in response.url):
        page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(
            {"name": FILE, "mimeType": "text/csv", "buffer": (row * 10).encode()}
        )
    # By its size: it is named as the one before, which "Predict" would take until this is there.
    expect(page.get_by_test_id("stFileUploader")).to_contain_text("200.0B")
    page.get_by_role("button", name="Predict").click()
    expect(page.get_by_text("after its last step")).to_be_visible()
    walk.look("onerror=ran(6)")
    page.get_by_role("button", name="Draft a ticket").click()
    walk.look("onerror=ran(5)", where=page.get_by_role("dialog"))


def test_classifier_when_ticket_categories_and_file_are_hostile_then_they_are_shown_as_text(walk):
    page = walk.open("ticket_classifier")
    page.get_by_label("Ticket", exact=True).fill(TICKET)
    page.get_by_role("button", name="Classify").click()
    expect(page.locator("[data-marked]")).to_be_visible()
    expect(page.locator("[data-chart] .main-svg").first).to_be_visible()
    walk.look(MARKS)
    page.get_by_role("button", name="Wrong? Correct it").click()
    page.get_by_label("Right category").click()
    walk.look()
    page.get_by_label("Right category").fill(f"=9 {MARKS}")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Keep the correction").click()
    expect(page.get_by_text("It joins the next training.")).to_be_visible()
    walk.look(f"Kept as =9 {MARKS}", where=page.get_by_test_id("stPopoverBody"))
    page.keyboard.press("Escape")
    page.get_by_role("radio", name="Review queue").click()
    expect(page.get_by_text("corrected")).not_to_have_count(0)
    walk.look("throttled")
    page.get_by_role("radio", name="A file").click()
    out = io.StringIO()
    lines = csv.writer(out)
    lines.writerow(["ticket_text", f"=1 {MARKS}", "\t=2"])
    lines.writerows([[TICKET, f"@1 {MARKS}", "\r=1"], [f"=1+1 {MARKS}", "+1", "-1+1"]])
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(
        {"name": FILE, "mimeType": "text/csv", "buffer": out.getvalue().encode()}
    )
    page.get_by_role("button", name="Classify the file").click()
    download = page.get_by_role("button", name="Download with answers")
    expect(download).to_be_visible()
    expect(page.locator("[data-chart] .main-svg").first).to_be_visible()
    walk.look(MARKS)
    no_formulas(walk.download(download))


def test_reply_when_model_runbooks_and_past_are_hostile_then_they_are_shown_as_text(walk, model):
    model.answers = [streamed(REPLY)]
    page = walk.open("ai_response")
    page.get_by_label("Ticket", exact=True).fill(TICKET)
    page.get_by_label("Ticket", exact=True).press("Control+Enter")
    page.get_by_text("What is known:").click()
    walk.look(MARKS)
    page.get_by_role("button", name="Generate", exact=True).click()
    card = page.locator('[class*="st-key-card_reply_"]')
    expect(card.get_by_text("Look at")).to_be_visible()
    walk.look()
    walk.download(page.get_by_role("button", name="Download, names masked"))
    page.get_by_label("Written by").click()
    page.get_by_role("option", name="Offline").click()
    page.get_by_role("button", name="Generate", exact=True).click()
    expect(page.get_by_text("offline, no language model")).to_be_visible()
    walk.look()


def test_analytics_when_classes_and_sources_are_hostile_then_page_and_report_show_them_as_text(
    walk, tmp_path
):
    page = walk.open("model_analytics?model=Ticket+models&tickets_beside=v0001")
    expect(page.get_by_text("Starting")).to_have_count(0)
    walk.look('onerror="ran(1)"')
    page.get_by_role("radio", name="Failure model").click()
    expect(page.get_by_text("hosts of")).not_to_have_count(0)
    walk.look(f"hosts of {MARKS}")
    for name in ("Ticket models", "Failure model"):
        page.get_by_role("radio", name=name).click()
        expect(page.get_by_role("radio", name=name)).to_be_checked()
        report = tmp_path / f"{name}.html"
        report.write_text(
            walk.download(page.get_by_role("button", name="Download the report")), encoding="utf-8"
        )
        alone = walk.context.new_page()
        alone.goto(report.as_uri())
        assert HARM in alone.locator("body").inner_text()
        assert alone.locator("script, img, a, svg[onload], iframe, link").count() == 0
        alone.close()
    walk.unharmed()


def test_admin_when_uploads_jobs_trail_and_log_are_hostile_then_they_are_shown_as_text(walk):
    page = walk.open("admin?section=Data")
    walk.look("onerror=ran(6)")
    no_formulas(walk.download(page.get_by_role("button", name="CSV", exact=True).first))
    brought = fleet_csv(30).replace(
        b"vm_id,", f'vm_id,"=1 {HARM}",'.replace('"ran', "'ran").encode()
    )
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(
        {"name": FILE, "mimeType": "text/csv", "buffer": brought}
    )
    expect(page.get_by_text("First rows")).to_be_visible()
    walk.look("onerror=ran(6)")
    for models, source in (("Ticket models", MARKS), ("Failure model", f"hosts of {MARKS}")):
        page = walk.open(f"admin?section=Models&models={quote_plus(models)}")
        expect(page.get_by_role("heading", name="Versions")).to_be_visible()
        expect(page.get_by_role("radio", name=models)).to_be_checked()
        walk.look(source)
    page = walk.open("admin?section=Jobs")
    page.get_by_text("Log", exact=True).first.click()
    expect(page.get_by_test_id("stCode")).to_be_visible()
    walk.look(MARKS)
    page = walk.open("admin?section=People+and+audit")
    walk.look(MARKS)
    trail = walk.download(page.get_by_role("button", name="CSV", exact=True))
    assert "'=1+1 <img" in trail
    no_formulas(trail)
    steers_nobody(walk.download(page.get_by_role("button", name="JSON lines")))
    page = walk.open("admin?section=System")
    page.get_by_label("At least").click()
    page.get_by_role("option", name="DEBUG").click()
    walk.look(MARKS)
    steers_nobody(walk.download(page.get_by_role("button", name="Download", exact=True)))
    page.get_by_test_id("stDataFrame").first.hover()
    expect(page.get_by_role("button", name="Download as CSV")).to_have_count(0)
    for part in ("Settings", "Files", "Libraries"):
        page.get_by_role("radio", name=part).click()
        expect(page.get_by_test_id("stDataFrame").first).to_be_visible()
        walk.look(HOST if part == "Settings" else "")


def test_app_when_all_was_seen_then_nothing_ran_and_its_terminal_and_log_were_not_steered(walk):
    walk.unharmed()
    assert "Traceback" not in walk.app.complaints
    steers_nobody(walk.app.output)
    log = walk.app.output_file.parent / "logs" / "app.log"
    own = [line for line in log.read_text(encoding="utf-8").split("\n") if "core.admin" in line]
    assert own
    steers_nobody("\n".join(own))
