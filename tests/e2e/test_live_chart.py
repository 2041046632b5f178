"""The component of the live charts with the real plotly.js, where its turns come all at once."""

from importlib import resources
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

import config

PLOTLY = resources.files("plotly") / "package_data" / "plotly.min.js"
COMPONENT = (config.ROOT / "pages" / "ui" / "live_chart.js").read_text(encoding="utf-8")
# Plotly is there before the component asks for it: what it loads then is an empty script.
BEGIN = """
async source => {
  const module = await import("data:text/javascript," + encodeURIComponent(source));
  const home = document.querySelector("#home");
  window.draw = n => module.default({
    parentElement: home,
    data: {
      address: "data:text/javascript,", alt: `chart ${n}`, height: 100, config: {},
      figure: n === 0 ? "no figure" : JSON.stringify({
        data: [{y: [1, n]}], layout: {height: 100, width: 300},
      }),
    },
  });
}"""
LAST_POINT = "document.querySelector('[data-chart]').data?.[0].y[1]"


@pytest.fixture
def page(browser: Browser):
    page = browser.new_page()
    page.set_content("<div id='home'></div>")
    page.add_script_tag(path=Path(str(PLOTLY)))
    page.evaluate(BEGIN, COMPONENT)
    yield page
    page.close()


def shows(page: Page, point: int) -> None:
    """Expect one chart without a word, with this as its last point."""
    chart = page.locator("[data-chart]")
    expect(chart.locator(".main-svg").first).to_be_visible(timeout=60_000)
    page.wait_for_function(f"n => {LAST_POINT} === n", arg=point)
    assert page.locator(".plot-container").count() == 1
    expect(chart).not_to_contain_text("Cannot read")


def test_chart_when_it_goes_and_comes_back_while_it_is_drawn_then_the_last_figure_stands(page):
    page.evaluate("const gone = draw(1); setTimeout(() => { gone(); draw(2); }, 0); undefined")
    shows(page, 2)
    # In the middle of every step that drawing takes.
    for number in range(3, 30, 2):
        page.evaluate(
            "n => { const gone = draw(n); setTimeout(() => { gone(); draw(n + 1); }, n % 7) }",
            number,
        )
    shows(page, 30)


def test_chart_when_a_figure_could_not_be_drawn_then_the_next_one_takes_its_words_away(page):
    page.evaluate("draw(0); undefined")
    expect(page.locator("[data-chart]")).to_contain_text("no figure")
    page.evaluate("draw(5); undefined")
    shows(page, 5)
    assert "no figure" not in page.locator("[data-chart]").inner_text()
