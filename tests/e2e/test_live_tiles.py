"""The component of the metric tiles in a real browser."""

import pytest
from playwright.sync_api import Browser, Page, expect

import config

COMPONENT = (config.ROOT / "pages" / "ui" / "live_tiles.js").read_text(encoding="utf-8")
STYLE = (config.ROOT / "assets" / "css.css").read_text(encoding="utf-8")
BEGIN = """
async source => {
  const module = await import("data:text/javascript," + encodeURIComponent(source));
  window.draw = tiles => module.default({
    parentElement: document.querySelector("#home"), data: {box: "0 0 100 36", tiles},
  });
}"""


@pytest.fixture
def page(browser: Browser):
    page = browser.new_page()
    page.set_content("<div id='home'></div>")
    page.add_style_tag(content=STYLE)
    page.evaluate(BEGIN, COMPONENT)
    yield page
    page.close()


def tile(name: str, value: str, course: str = "M0 3L100 33") -> dict[str, str]:
    return {
        "name": name,
        "label": name.upper(),
        "colour": "",
        "help": f"what {name} means",
        "value": value,
        "beside": "<b>no sensor</b>",
        "course": course,
        "alt": f"{name} over time",
    }


def draw(page: Page, *tiles: dict[str, str]) -> None:
    page.evaluate("tiles => { draw(tiles) }", list(tiles))


def test_tiles_when_new_values_come_then_what_is_being_read_stays(page):
    draw(page, tile("cpu", "20 %"), tile("memory", "61 %"))
    help_of_cpu = page.get_by_role("button", name="CPU: what cpu means")
    help_of_cpu.focus()
    draw(page, tile("cpu", "35 %"), tile("memory", "61 %"))
    expect(page.locator(".live-tile-value")).to_have_text(["35 %", "61 %"])
    expect(help_of_cpu).to_be_focused()
    expect(page.locator(".live-tile-beside").first).to_have_text("<b>no sensor</b>")  # as text


def test_tiles_when_metrics_go_and_come_then_each_has_its_own_tile(page):
    draw(page, tile("cpu", "20 %"), tile("memory", "61 %"), tile("disk", "5 %"))
    draw(page, tile("cpu", "20 %"), tile("disk", "6 %", course=""))
    expect(page.locator(".live-tile-label")).to_have_text(["CPU", "DISK"])
    expect(page.get_by_role("img", name="cpu over time")).to_be_visible()
    expect(page.get_by_role("img", name="disk over time")).to_have_count(0)
