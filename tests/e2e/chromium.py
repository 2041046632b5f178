"""The Chromium of this machine, for tests, benches and the README's picture."""

import shutil

from playwright.sync_api import Browser, Playwright

# The one without windows takes half the time for a page.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser")
CHROMIUM = next(filter(None, map(shutil.which, NAMES)), None)
MISSING = f"there is no Chromium on this machine (Debian: apt install {NAMES[0]})"


def chromium(playwright: Playwright) -> Browser:
    """Start it; RuntimeError where there is none."""
    if CHROMIUM is None:
        raise RuntimeError(MISSING)
    # As root, as in CI, it starts without its sandbox only; it sees our own pages alone.
    return playwright.chromium.launch(
        executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"]
    )
