"""The live page as it moves, on this machine's own numbers."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import Visit
from tests.e2e.server import RunningApp, running_app

HISTORY = "[data-chart][aria-label^='Probability of failure over time']"
X_RANGE = "chart => chart._fullLayout.xaxis.range.map(String)"
N_POINTS = f'(document.querySelector("{HISTORY}")?.data?.[0].x.length ?? 0)'


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    with running_app(tmp_path_factory.mktemp("live"), SAMPLE_INTERVAL_S="1") as running:
        yield running


@pytest.fixture
def live(app: RunningApp, visit: Visit, patience_ms: int) -> Page:
    page = visit.signed_in(app, "live_failure_prediction")
    page.set_default_timeout(patience_ms)
    return page


def history(page: Page) -> Locator:
    """Return the chart of the probability, once it has been drawn."""
    chart = page.locator(HISTORY)
    expect(chart.locator(".nsewdrag")).to_have_count(1)
    return chart


def wait_for_new_points(page: Page) -> None:
    page.wait_for_function(f"n => {N_POINTS} > n + 1", arg=page.evaluate(N_POINTS))


def test_page_when_left_alone_then_a_number_changes_by_itself(live):
    values = "[...document.querySelectorAll('[class=live-tile-value]')].map(e => e.innerText)"
    live.wait_for_function(f"{values}.some(text => text.endsWith(' %'))")
    live.evaluate(f"window.before = JSON.stringify({values})")
    live.evaluate("window.tile = document.querySelector('[data-metric]')")
    live.wait_for_function(f"JSON.stringify({values}) !== window.before")
    assert live.evaluate("window.tile.isConnected")


def test_history_when_zoomed_then_the_zoom_survives_new_points(live):
    history(live)
    expect(live.get_by_role("button", name="Draft a ticket")).to_be_enabled()
    wait_for_new_points(live)
    chart = history(live)
    chart.scroll_into_view_if_needed()
    chart.evaluate("chart => { window.chart = chart }")
    whole = chart.evaluate(X_RANGE)
    box = chart.locator(".nsewdrag").bounding_box()
    assert box is not None
    live.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + 0.5 * box["height"])
    live.mouse.down()
    live.mouse.move(box["x"] + 0.7 * box["width"], box["y"] + 0.5 * box["height"], steps=8)
    live.mouse.up()
    live.wait_for_function(
        f"([chart, whole]) => String(({X_RANGE})(chart)) !== String(whole)",
        arg=[chart.element_handle(), whole],
    )
    zoomed = chart.evaluate(X_RANGE)
    wait_for_new_points(live)
    assert chart.evaluate(X_RANGE) == zoomed
    assert chart.evaluate("chart => chart === window.chart")
    live.get_by_role("button", name="Pause").click()
    expect(live.get_by_role("button", name="Resume")).to_be_visible()
    assert chart.evaluate(X_RANGE) == zoomed
    live.get_by_role("button", name="Resume").click()
    expect(live.get_by_role("button", name="Pause")).to_be_visible()


def test_page_when_paused_then_it_says_so_until_it_is_resumed(live):
    expect(live.get_by_text("measured", exact=False).first).to_be_visible()
    live.get_by_role("button", name="Pause").click()
    expect(live.get_by_text("Sampling is paused.")).to_be_visible()
    live.get_by_role("button", name="Resume").click()
    expect(live.get_by_text("Sampling is paused.")).to_have_count(0)
    expect(live.get_by_text("measured", exact=False).first).to_be_visible()


def test_page_when_another_tab_pauses_then_the_button_of_this_one_follows(
    app, live, visit, patience_ms
):
    other = visit.signed_in(app, "live_failure_prediction")
    other.set_default_timeout(patience_ms)
    other.get_by_role("button", name="Pause").click()
    expect(live.get_by_role("button", name="Resume")).to_be_visible()
    live.get_by_role("button", name="Resume").click()
    expect(other.get_by_role("button", name="Pause")).to_be_visible()


def test_sequence_when_downloaded_then_it_can_be_uploaded_and_predicted_from(live, tmp_path: Path):
    button = live.get_by_role("button", name="Download sequence")
    expect(button).to_be_enabled()
    button.click()
    with live.expect_download() as download:
        live.get_by_role("button", name="Download as JSON").click()
    file = tmp_path / "sequence.json"
    download.value.save_as(file)
    document = json.loads(file.read_text(encoding="utf-8"))
    assert [len(step) for step in document["sequence"]] == [len(document["features"])] * 10
    live.keyboard.press("Escape")
    live.get_by_text("Predict from a sequence of your own").click()
    live.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(file)
    expect(live.get_by_test_id("stFileUploader")).to_contain_text("sequence.json")
    live.get_by_role("button", name="Predict").click()
    expect(live.get_by_text("sequence.json: probability of failure within")).to_be_visible()


def test_draft_when_sent_on_then_the_ticket_page_answers_it(live):
    button = live.get_by_role("button", name="Draft a ticket")
    expect(button).to_be_enabled()
    button.click()
    live.get_by_role("link", name="Classify it").click()
    expect(live.get_by_test_id("stMain").locator("h1")).to_have_text("Ticket Classifier")
    expect(live.get_by_label("Ticket", exact=True)).to_have_value(re.compile("."))
    expect(live.get_by_text("CPU, Memory from Live Failure Prediction")).to_be_visible()
    expect(live.get_by_text("Read: the text, CPU, Memory")).to_be_visible()


def test_app_when_it_predicts_then_it_stays_small(app, live):
    expect(live.get_by_role("button", name="Draft a ticket")).to_be_enabled()
    history(live)
    # No TensorFlow in the serving process: it alone would weigh more than this.
    assert psutil.Process(app.process.pid).memory_info().rss < 400e6


def test_charts_when_drawn_then_no_outside_host_is_asked_and_nothing_is_complained_of(
    app, live, visit
):
    expect(live.locator("[data-chart] svg.main-svg").first).to_be_visible()
    assert visit.hosts_asked == {"127.0.0.1"}
    assert "Traceback" not in app.complaints
    assert "deprecated" not in app.complaints
