"""The Dashboard with two million rows of noise, the shape of the public file that all upload."""

import re
from collections.abc import Iterator

import psutil
import pytest
from playwright.sync_api import expect

from bench.dataset_import import write_noise
from core.dataset import import_file
from tests.e2e.server import RunningApp, running_app

N_ROWS = 2_000_000

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("patience_ms")]


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    folder = tmp_path_factory.mktemp("large")
    csv = folder / "noise.csv"
    write_noise(csv, N_ROWS)
    import_file(csv, folder / "data")
    csv.unlink()
    with running_app(folder) as running:
        yield running


def test_dashboard_when_there_are_two_million_rows_then_all_is_drawn_in_little_memory(app, visit):
    page = visit.open(f"{app.address}/dashboard")
    expect(page.get_by_test_id("stMetricValue").first).to_have_text("2,000,000")
    for begins in ("CPU over time", "Rows by task type", "CPU against memory", "Rows by anomaly"):
        chart = page.locator(f"[data-chart][aria-label^='{begins}']")
        expect(chart.locator(".main-svg").first).to_be_visible()
    assert psutil.Process(app.process.pid).memory_info().rss < 600e6


def test_dashboard_when_a_filter_stands_in_the_address_then_only_its_rows_count(app, visit):
    page = visit.open(f"{app.address}/dashboard?task=network")
    counted = page.get_by_test_id("stMetricValue").first
    expect(counted).to_have_text(re.compile(r"^\d{3},\d{3}$"))


def test_anomalies_when_the_data_is_noise_then_the_page_says_so_and_names_none(app, visit):
    page = visit.open(f"{app.address}/dashboard?section=Anomalies")
    expect(page.get_by_text("No honest model finds anything in it.").first).to_be_visible()
