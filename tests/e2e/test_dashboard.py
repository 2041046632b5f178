"""The Dashboard on the demo data, as a visitor's browser shows it."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Visit, wait_until_drawn
from tests.e2e.server import RunningApp, running_app

ROW_PX = 32
WAIT_MS = 240_000  # a slow machine forecasts all machines meanwhile, and gives way to all else
CHARTS = ("CPU over time", "Rows by task type", "CPU against memory", "Rows by anomaly status")


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    with running_app(tmp_path_factory.mktemp("dashboard")) as running:
        yield running


@pytest.fixture(autouse=True)
def _patience() -> Iterator[None]:
    expect.set_options(timeout=WAIT_MS)
    yield
    expect.set_options(timeout=5_000)


def opened(visit: Visit, app: RunningApp, query: str = "", width: int = 1440) -> Page:
    page = visit.open(f"{app.address}/dashboard{query}", width=width)
    page.set_default_timeout(WAIT_MS)
    return page


def chart(page: Page, begins: str):
    return page.locator(f"[data-chart][aria-label^='{begins}']")


def headline(page: Page):
    return page.get_by_test_id("stMain").locator("h2").first


def test_overview_when_it_is_the_first_visit_of_all_then_all_is_drawn_before_the_forecasts(
    app, visit
):
    page = opened(visit, app)
    for begins in CHARTS:
        expect(chart(page, begins).locator(".main-svg").first).to_be_visible()
        expect(chart(page, begins)).to_be_in_viewport()
    expect(page.get_by_text("Demo data")).to_be_visible()
    # By itself, without a click.
    expect(headline(page)).to_have_text(
        re.compile(r"28 VMs, \d+ needs? attention, next limit: \w+ of .+\.")
    )
    main = page.get_by_test_id("stMain")
    assert main.evaluate("main => main.scrollWidth - main.clientWidth") <= 0
    assert visit.hosts_asked == {"127.0.0.1"}


def test_filter_when_chosen_by_keyboard_then_charts_and_address_follow_and_a_reload_keeps_it(
    app, visit
):
    page = opened(visit, app)
    tasks = chart(page, "Rows by task type")
    expect(tasks).to_have_attribute("aria-label", re.compile("; batch"))
    page.get_by_role("combobox", name="Task type").focus()
    page.keyboard.type("batch")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    expect(tasks).to_have_attribute("aria-label", re.compile(r"task type: batch [\d,]+\.$"))
    expect(page).to_have_url(re.compile(r"\?task=batch$"))
    again = opened(visit, app, page.url.partition("/dashboard")[2])
    expect(chart(again, "Rows by task type")).to_have_attribute(
        "aria-label", re.compile(r"task type: batch [\d,]+\.$")
    )


def test_capacity_when_opened_by_its_address_then_a_row_shows_its_fan_and_answers_what_if(
    app, visit
):
    page = opened(visit, app, "?section=Capacity&row=Memory+of+vm-003")
    fan = chart(page, "Memory of vm-003: ")
    expect(fan.locator(".main-svg").first).to_be_visible()
    names = "chart => chart.data.map(trace => trace.name).filter(Boolean)"
    assert {"50 % band", "80 % band", "95 % band"} <= set(fan.evaluate(names))
    # What is drawn anew just then would take no key.
    expect(headline(page)).to_have_text(re.compile("next limit: .+ of "))
    wait_until_drawn(page)
    before = fan.get_attribute("aria-label")
    page.get_by_role("slider", name="Growth of the load").focus()
    page.keyboard.press("ArrowRight")
    expect(fan).not_to_have_attribute("aria-label", before)
    expect(page).to_have_url(re.compile("growth=1.05"))


def test_capacity_when_a_row_is_clicked_then_it_opens_below_and_in_the_address(app, visit):
    page = opened(visit, app, "?section=Capacity")
    ahead = chart(page, "Memory of vm-024")
    expect(ahead.locator(".main-svg").first).to_be_visible()
    table = page.get_by_test_id("stDataFrame").first
    box = table.bounding_box()
    assert box is not None
    # The table is a picture to the browser: its third row, in the column that selects.
    page.mouse.click(box["x"] + 18, box["y"] + 3.5 * ROW_PX)
    expect(page).to_have_url(re.compile("row="))
    expect(ahead).to_have_count(0)


def test_anomaly_when_drafted_then_the_reply_page_takes_it(app, visit):
    page = opened(visit, app, "?section=Anomalies&vm=vm-005")
    expect(page.get_by_text("Average precision")).to_be_visible()
    expect(page.get_by_role("button", name="Download as CSV", exact=True)).to_be_enabled()
    page.get_by_role("button", name="Draft a ticket").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("Draft from Dashboard")).to_be_visible()
    expect(dialog.get_by_text("vm-005 behaved unusually")).to_be_visible()
    dialog.get_by_role("link", name="Write the reply").click()
    expect(page.get_by_test_id("stMain").locator("h1")).to_have_text("AI Response")
    expect(page.get_by_label("Ticket", exact=True)).to_have_value(
        re.compile("vm-005 behaved unusually")
    )


def test_vm_when_it_is_the_only_one_then_all_there_is_of_it_is_drawn(app, visit):
    page = opened(visit, app, "?vm=vm-003", width=800)
    expect(chart(page, "Memory of vm-003 over time").locator(".main-svg").first).to_be_visible()
    expect(chart(page, "Memory of vm-003: ").locator(".main-svg").first).to_be_visible()
    main = page.get_by_test_id("stMain")
    assert main.evaluate("main => main.scrollWidth - main.clientWidth") <= 0


def test_charts_when_drawn_then_bands_are_fainter_than_their_lines(app, visit):
    page = opened(visit, app, "?section=Capacity&row=Memory+of+vm-003")
    fan = chart(page, "Memory of vm-003: ")
    expect(fan.locator(".main-svg").first).to_be_visible()
    fills = fan.evaluate("chart => chart.data.map(trace => trace.fillcolor).filter(Boolean)")
    assert fills
    assert all(re.fullmatch(r"#[0-9a-f]{6}33", fill) for fill in fills), json.dumps(fills)


def test_app_when_stopped_while_it_forecasts_then_no_process_is_left(tmp_path, visit):
    with running_app(tmp_path) as running:
        page = visit.open(f"{running.address}/dashboard?section=Capacity")
        page.get_by_role("button", name="Cancel").first.wait_for(timeout=WAIT_MS)
        children = _children(running.process.pid)
        assert running.stop() in (0, -15)
        assert "Traceback" not in running.complaints
    assert children
    assert not [child for child in children if _is_work(child)]


def _children(process: int) -> list[int]:
    listed = Path(f"/proc/{process}/task/{process}/children")
    if not listed.exists():
        pytest.skip("this system does not tell which processes belong to the app")
    tasks = Path(f"/proc/{process}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]


def _is_work(process: int) -> bool:
    command = Path(f"/proc/{process}/cmdline")
    return command.exists() and b"core.background" in command.read_bytes()
