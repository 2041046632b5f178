"""From the start of the app to its first page in Chromium, and its memory on each page.

    python -m bench pages

The peer is Streamlit itself: one script with a title, served by the same version, started and
opened in turns with ours. Ours is started with the shipped models and the demo data imported.
"""

import re
import statistics
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from bench.result import Result
from core.dataset import import_file
from pages.ui.frame import PAGES
from tests.e2e.chromium import chromium
from tests.e2e.server import RunningApp, running_app, running_script

ROOT = Path(__file__).resolve().parents[1]
ROUNDS = 3
SETTLE_MS = 4_000
WAIT_MS = 120_000
BARE = "import streamlit as st\nst.title('Nothing')\n"


def results() -> list[Result]:
    """Return the start beside bare Streamlit's, and the memory of each page beside it."""
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        (folder / "bare.py").write_text(BARE, encoding="utf-8")
        import_file(ROOT / "data" / "demo.csv.gz", folder / "data")
        browser = chromium(playwright)
        ours, bare = [], []
        for _ in range(ROUNDS):
            bare.append(_bare(browser, folder))
            ours.append(_first_page(browser, folder))
        memory_mb = _memory(browser, folder)
        browser.close()
    bare_mb = statistics.median(mb for _, mb in bare)
    found = [
        Result(
            what="start of the app to its first page",
            peer="one empty Streamlit script",
            ours=statistics.median(ours),
            theirs=statistics.median(seconds for seconds, _ in bare),
            unit="s",
            note="process started until the page's title stands in Chromium; live page",
        )
    ]
    for title, mb in memory_mb:
        found.append(
            Result(
                what=f"memory with {title} open",
                peer="one empty Streamlit script",
                ours=mb,
                theirs=bare_mb,
                unit="MB",
                note="resident, the app's own process; pages opened one after another",
            )
        )
    return found


def _first_page(browser: Browser, folder: Path) -> float:
    started = time.perf_counter()
    with running_app(folder) as app:
        context = browser.new_context()
        page = context.new_page()
        page.goto(f"{app.address}/live_failure_prediction")
        page.get_by_test_id("stMain").locator("h1").wait_for(timeout=WAIT_MS)
        taken = time.perf_counter() - started
        context.close()
    return taken


def _memory(browser: Browser, folder: Path) -> list[tuple[str, float]]:
    """Return the megabytes of one process after each page was opened and had settled."""
    found = []
    with running_app(folder) as app:
        for one in PAGES:
            context = browser.new_context()
            page = context.new_page()
            page.goto(f"{app.address}/{one.file.removesuffix('.py')}")
            page.get_by_test_id("stMain").locator("h1").wait_for(timeout=WAIT_MS)
            page.wait_for_timeout(SETTLE_MS)
            found.append((one.title, resident_mb(app)))
            context.close()
    return found


def resident_mb(app: RunningApp) -> float:
    """Return what the app's own process holds in memory."""
    status = Path(f"/proc/{app.process.pid}/status").read_text(encoding="utf-8")
    return int(re.findall(r"VmRSS:\s+(\d+) kB", status)[0]) / 1024


def _bare(browser: Browser, folder: Path) -> tuple[float, float]:
    """Return seconds to the first page of an empty script, and its server's megabytes."""
    started = time.perf_counter()
    with running_script(folder / "bare.py", folder, {}) as app:
        context = browser.new_context()
        page = context.new_page()
        page.goto(app.address)
        page.get_by_test_id("stMain").locator("h1").wait_for(timeout=WAIT_MS)
        taken = time.perf_counter() - started
        page.wait_for_timeout(SETTLE_MS)
        memory_mb = resident_mb(app)
        context.close()
    return taken, memory_mb
