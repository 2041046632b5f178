"""The real app in a real browser; skipped, with the reason, where there is no Chromium."""

import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Dialog,
    Page,
    Request,
    expect,
    sync_playwright,
)

import config
from core import dataset
from core.file_lock import locked
from core.kept_forecasts import kept_or_forecast
from core.resources.fleet_work import DAY_S
from tests.e2e.chromium import CHROMIUM, MISSING, chromium
from tests.e2e.server import RunningApp, running_app

PATIENCE_MS, DEFAULT_MS = 60_000, 30_000  # the second is Playwright's own


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Give a browser for a module: tests of other modules may want an event loop of their own."""
    if CHROMIUM is None:
        pytest.skip(MISSING)
    with sync_playwright() as playwright:
        browser = chromium(playwright)
        yield browser
        browser.close()


@pytest.fixture
def patience_ms() -> Iterator[int]:
    """Let everything that is expected take its time on a slow machine; this many milliseconds."""
    expect.set_options(timeout=PATIENCE_MS)
    yield PATIENCE_MS
    expect.set_options(timeout=5_000)


@pytest.fixture(scope="module")
def tab(browser: Browser) -> Iterator[Page]:
    """Give a tab that has loaded the app's scripts before: that halves what a page takes."""
    context = browser.new_context()
    yield context.new_page()
    context.close()


@pytest.fixture
def visit(browser: Browser, tab: Page) -> Iterator["Visit"]:
    visit = Visit(browser, tab)
    yield visit
    visit.close()


@pytest.fixture(scope="session")
def demo_in_use(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder as the first visit of all leaves it, with the demo data forecast.

    That takes half a minute; all workers share it.
    """
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "demo"
    while (held := locked(folder.with_suffix(".lock"))) is None:
        pass  # it has waited
    with held:
        if not folder.exists():
            dataset.import_file(config.ROOT / "data" / "demo.csv.gz", folder)
            horizon_s = config.load().forecast_days * DAY_S
            kept_or_forecast(dataset.current(folder), horizon_s, lambda done, text: None)
    return folder


@pytest.fixture(scope="module")
def server(demo_in_use: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    """One server for the tests of a module that do not need a fresh one."""
    folder = tmp_path_factory.mktemp("app")
    shutil.copytree(demo_in_use, folder / "data")
    with running_app(folder) as app:
        yield app


@pytest.fixture
def fresh_server(tmp_path: Path) -> Iterator[RunningApp]:
    """Give a server that nobody has visited yet."""
    with running_app(tmp_path) as app:
        yield app


class Visit:
    """A person with a browser of their own, every address it asked for, every dialog it opened."""

    def __init__(self, browser: Browser, tab: Page) -> None:
        self._browser = browser
        self._tab = tab
        self._contexts: list[BrowserContext] = []
        self.asked: list[str] = []
        self.dialogs: list[str] = []

    def signed_in(self, app: RunningApp, path: str = "admin", **how: Any) -> Page:
        """Open a page of `app` as an admin, otherwise as `open` does."""
        return self.open(f"{app.address}/{path.lstrip('/')}", cookies=admins_cookies(app), **how)

    def open(
        self,
        address: str,
        *,
        prefers: Literal["light", "dark"] = "light",
        width: int = 1440,
        height: int = 900,
        cookies: Sequence[Any] = (),
    ) -> Page:
        """Open `address` in a browser that knows nothing of it, and wait for the page's title.

        The first of a visit is the module's tab, each further one a browser beside it.
        """
        page = self._browser.new_context().new_page() if self._contexts else self._tab
        self._contexts.append(page.context)
        page.set_default_timeout(DEFAULT_MS)
        page.emulate_media(color_scheme=prefers)
        page.set_viewport_size({"width": width, "height": height})
        page.context.add_cookies(list(cookies))
        page.context.on("request", self._note)
        page.context.on("dialog", self._dismiss)
        page.goto(address)
        page.get_by_test_id("stMain").locator("h1").wait_for()
        return page

    @property
    def hosts_asked(self) -> set[str | None]:
        return {urlsplit(address).hostname for address in self.asked}

    def close(self) -> None:
        for context in self._contexts[1:]:
            context.close()
        for context in self._contexts[:1]:
            context.remove_listener("request", self._note)
            context.remove_listener("dialog", self._dismiss)
            for page in context.pages:
                page.goto("about:blank") if page == self._tab else page.close()
            context.clear_cookies()
            # From here, not in the page: what clears it there is taken for a choice, and kept.
            devtools = context.new_cdp_session(self._tab)
            for scheme, place in {urlsplit(address)[:2] for address in self.asked}:
                kept = {"origin": f"{scheme}://{place}", "storageTypes": "local_storage"}
                devtools.send("Storage.clearDataForOrigin", kept)
            devtools.detach()

    def _note(self, request: Request) -> None:
        if not request.url.startswith(("data:", "blob:")):
            self.asked.append(request.url)

    def _dismiss(self, dialog: Dialog) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()


def wait_until_drawn(page: Page) -> None:
    """Wait for the end of the page's run: until then, things on it still move away from a click."""
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()


def admins_cookies(app: RunningApp) -> list[Any]:
    """Return what makes a browser an admin's."""
    return [
        {"name": name, "value": value, "url": app.address, "sameSite": "Strict"}
        for name, value in app.sign_in().items()
    ]
