"""Take the README's picture: `python -m tests.e2e.screenshot` writes assets/screenshot.png."""

import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

import config
from tests.e2e.chromium import chromium
from tests.e2e.server import running_app

PICTURE = config.ROOT / "assets" / "screenshot.png"
SIZE = {"width": 1440, "height": 900}
# Ten steps at the shortest interval, and some more for the curves.
WARM_UP_S = 30.0


def main() -> None:
    """Start the app, let it watch this host for a while, and picture the live page."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running_app(Path(folder), SAMPLE_INTERVAL_S="0.5", HOST_NAME="laptop") as app,
        sync_playwright() as playwright,
    ):
        browser = chromium(playwright)
        page = browser.new_page(viewport=SIZE, color_scheme="dark")
        page.goto(f"{app.address}/live_failure_prediction")
        page.get_by_test_id("stMain").locator("h1").wait_for()
        page.wait_for_timeout(1000.0 * WARM_UP_S)
        page.screenshot(path=PICTURE)
        browser.close()


if __name__ == "__main__":
    main()
