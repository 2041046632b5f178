"""The Dashboard in real Chromium: seconds until its last chart is drawn, and the app's memory.

Run as `python -m bench.dashboard_page [--rows 20000 2000000] [--repeats 5]`. The datasets are
uniform random noise, imported into a temporary folder. Each visit is a browser without history;
the first one after the start of the app, which reads the data for the first time, stands apart.
Targets: first view within 3 s, a filter change within 1 s, memory below 600 MB at any size.
"""

import argparse
import re
import statistics
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from bench.dataset_import import write_noise
from core.dataset import import_file
from tests.e2e.chromium import chromium
from tests.e2e.server import RunningApp, running_app

FIRST_VIEW_S, FILTER_CHANGE_S, MEMORY_MB = 3.0, 1.0, 600.0
WAIT_MS = 120_000
# Whether plotly has drawn the four charts.
DRAWN = """
() => {
  const charts = [...document.querySelectorAll("[data-chart]")]
    .filter(chart => chart.querySelector(".main-svg .xtick, .main-svg .ytick"));
  return charts.length >= 4;
}
"""
WATCH = """
() => {
  window.drawnAnew = new Set();
  for (const chart of document.querySelectorAll("[data-chart]"))
    chart.on("plotly_afterplot", () => window.drawnAnew.add(chart));
}
"""
ALL_ANEW = "() => window.drawnAnew.size >= 4"
SETTLED_MS = 3_000  # until nothing of the first view moves any more


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description="The Dashboard in real Chromium.")
    parser.add_argument("--rows", type=int, nargs="+", default=[20_000, 2_000_000])
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    print(
        f"{'rows':>10}{'first visit s':>15}{'visit s':>9}{'filter s':>10}{'RSS MB':>8}{'peak':>6}"
    )
    with sync_playwright() as playwright:
        browser = chromium(playwright)
        for n_rows in arguments.rows:
            _measure(browser, n_rows, arguments.repeats)
        browser.close()
    print(f"{'target':>10}{'':>15}{FIRST_VIEW_S:9.2f}{FILTER_CHANGE_S:10.2f}{MEMORY_MB:8.0f}")


def _measure(browser: Browser, n_rows: int, repeats: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_noise(folder / "noise.csv", n_rows)
        import_file(folder / "noise.csv", folder / "data")
        (folder / "noise.csv").unlink()
        with running_app(folder) as app:
            first_s, _ = _visit(browser, app)
            found = [_visit(browser, app) for _ in range(repeats)]
            resident, peak = _memory_mb(app)
    visit_s, filter_s = (statistics.median(values) for values in zip(*found, strict=True))
    print(f"{n_rows:10,}{first_s:15.2f}{visit_s:9.2f}{filter_s:10.2f}{resident:8.0f}{peak:6.0f}")


def _visit(browser: Browser, app: RunningApp) -> tuple[float, float]:
    """Return the seconds until all charts of the first view, and of a filtered one, are drawn."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.set_default_timeout(WAIT_MS)
    started = time.perf_counter()
    page.goto(f"{app.address}/dashboard")
    page.wait_for_function(DRAWN, polling=20)
    first_s = time.perf_counter() - started
    filter_s = _change_filter(page)
    context.close()
    return first_s, filter_s


def _change_filter(page: Page) -> float:
    page.wait_for_timeout(SETTLED_MS)
    page.get_by_test_id("stSidebar").get_by_role("combobox", name="Time").click()
    option = page.get_by_role("option", name="Last 30 days")
    option.wait_for()
    page.evaluate(WATCH)
    started = time.perf_counter()
    option.click()
    page.wait_for_function(ALL_ANEW, polling=20)
    return time.perf_counter() - started


def _memory_mb(app: RunningApp) -> tuple[float, float]:
    """Return what the app's own process holds in memory now, and at most."""
    status = Path(f"/proc/{app.process.pid}/status").read_text(encoding="utf-8")
    kilobytes = (int(re.findall(rf"{name}:\s+(\d+) kB", status)[0]) for name in ("VmRSS", "VmHWM"))
    resident, peak = (value / 1024 for value in kilobytes)
    return resident, peak


if __name__ == "__main__":
    main()
