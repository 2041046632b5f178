"""The component that counts the age of live data, in a real browser."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

import config
from core import quantities

COMPONENT = (config.ROOT / "pages" / "ui" / "live_age.js").read_text(encoding="utf-8")
BEGIN = """
async source => {
  const module = await import("data:text/javascript," + encodeURIComponent(source));
  window.duration = module.duration;
  window.draw = data => module.default({parentElement: document.querySelector("#home"), data});
}"""


@pytest.fixture
def page(browser: Browser):
    page = browser.new_page()
    page.set_content("<div id='home' style='--st-orange-text-color: rgb(1, 2, 3)'></div>")
    page.evaluate(BEGIN, COMPONENT)
    yield page
    page.close()


def draw(page: Page, age_s: float, stale_after_s: float | None) -> None:
    fresh = {"before": "<b>web-7</b>, measured ", "after": " ago", "isWarning": False}
    stale = {"before": "No sample for ", "after": ".", "isWarning": True}
    data = {"age": age_s, "fresh": fresh, "staleAfter": stale_after_s, "stale": stale}
    page.evaluate("data => { draw(data) }", data)


def test_age_when_nothing_is_drawn_anew_then_it_counts_on_and_turns_into_a_warning(page):
    page.clock.install()
    draw(page, 1.0, 15.0)
    line = page.locator("[data-age]")
    expect(line).to_have_text("<b>web-7</b>, measured 1 s ago")  # as text, whatever a host is named
    page.clock.run_for(8_000)
    expect(line).to_have_text("<b>web-7</b>, measured 9 s ago")
    page.clock.run_for(10_000)
    expect(line).to_have_text("No sample for 19 s.")
    expect(line).to_have_css("color", "rgb(1, 2, 3)")
    draw(page, 2.0, 15.0)
    expect(line).to_have_text("<b>web-7</b>, measured 2 s ago")
    expect(line).not_to_have_css("color", "rgb(1, 2, 3)")
    assert line.count() == 1


def test_age_when_the_clock_was_set_back_then_it_counts_from_zero(page):
    page.clock.install()
    draw(page, -3590.0, 15.0)
    line = page.locator("[data-age]")
    expect(line).to_have_text(re.compile(r"measured \d s ago"))
    page.clock.run_for(20_000)
    expect(line).to_have_text(re.compile(r"No sample for 2\d s\."))


def test_age_when_said_in_the_browser_then_it_is_said_as_everywhere_else(page):
    seconds = [0, 1, 59, 99, 100, 5_969, 5_970, 6_000, 35_900, 36_000, 170_999, 171_000, 9e6]
    said = page.evaluate("seconds => seconds.map(duration)", seconds)
    assert said == [quantities.duration(each) for each in seconds]
