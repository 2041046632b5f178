"""Every page in a narrow window, in both themes, by keyboard, and told to who does not see it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import PATIENCE_MS, admins_cookies, wait_until_drawn
from tests.e2e.server import RunningApp

ADDRESSES = (
    "dashboard",
    "dashboard?section=Anomalies",
    "dashboard?section=Capacity",
    "live_failure_prediction",
    "ticket_classifier",
    "ai_response",
    "model_analytics",
    "model_analytics?model=Ticket+models",
    "admin?section=Data",
    "admin?section=Models",
    "admin?section=Models&models=Failure+model",
    "admin?section=Jobs",
    "admin?section=People+and+audit",
    "admin?section=System",
)
LOOKING = Path(__file__).with_name("looking.js").read_text(encoding="utf-8")
DARK = "rgb(11, 16, 32)"
NARROW = {"width": 800, "height": 900}
# Of what WCAG 2.2 asks for, what our own code decides; all of it takes axe ten times as long.
CONTRAST = ("color-contrast",)
NAMES = ("button-name", "label", "link-name", "image-alt", "aria-input-field-name")


@pytest.fixture(scope="module")
def page(server: RunningApp, browser: Browser) -> Iterator[Page]:
    """Give one narrow window, in which an admin goes from page to page."""
    context = browser.new_context(viewport=NARROW)
    context.add_cookies(admins_cookies(server))
    context.add_init_script(LOOKING)
    opened = context.new_page()
    opened.set_default_timeout(PATIENCE_MS)
    yield opened
    context.close()


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.usefixtures("patience_ms")
def test_page_when_narrow_in_either_theme_and_without_mouse_then_all_of_it_can_be_used_and_read(
    server: RunningApp, page: Page, address: str
):
    page.goto(f"{server.address}/{address}")
    page.get_by_test_id("stMain").locator("h1").wait_for()
    wait_until_drawn(page)
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0)
    page.wait_for_function("looking.undrawn() === 0")
    assert page.evaluate("looking.sideways()") <= 0
    assert page.evaluate("looking.withoutWords()") == []
    assert page.evaluate("looking.withoutTitle()") == []
    page.evaluate("looking.flatten()")
    assert complaints(page, NAMES + CONTRAST) == []
    switch_theme(page)
    assert complaints(page, CONTRAST) == []
    assert page.evaluate("looking.beyondKeys()") == []


def complaints(page: Page, rules: tuple[str, ...]) -> list[str]:
    # Of drawings it knows the words only, which `looking` asks for, and takes long for them.
    options = {"runOnly": {"type": "rule", "values": rules}, "resultTypes": ["violations"]}
    found = Axe().run(page, context={"exclude": [["svg"], ["canvas"]]}, options=options).response
    return [
        f"{fault['id']}: {part['html'][:200]} {part['failureSummary']}"
        for fault in found["violations"]
        for part in fault["nodes"]
    ]


def switch_theme(page: Page) -> None:
    ground = "getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor"
    other = "Light" if page.evaluate(ground) == DARK else "Dark"
    page.get_by_test_id("stMainMenu").click()
    page.get_by_role("menuitemradio", name=re.compile(other)).click()
    page.keyboard.press("Escape")
    expect(page.get_by_role("menuitemradio")).to_have_count(0)
