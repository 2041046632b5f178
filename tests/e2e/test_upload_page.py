"""A new dataset brought in a real browser: read, saved, followed by others, and returned from."""

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.e2e.conftest import Visit
from tests.e2e.server import RunningApp

ADMIN = "admin?section=Data"
HOSTILE_VM = "<img src=http://192.0.2.1/x.png onerror=alert(1)>"
GOOD = (
    "vm_id,timestamp,cpu_usage,memory_usage\n"
    "vm-1,2025-03-01T00:00:00Z,10,20\n"
    "vm-1,2025-03-01T01:00:00Z,a lot,21\n"
    f"{HOSTILE_VM},2025-03-01T00:00:00Z,12,22\n"
)


def bring(page: Page, file: Path, content: str) -> None:
    file.write_text(content, encoding="utf-8")
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(file)


def test_dataset_when_brought_then_it_is_read_first_others_follow_and_the_way_back_is_one_click(
    server: RunningApp, visit: Visit, tmp_path: Path, patience_ms: int
):
    other = visit.open(f"{server.address}/dashboard")
    rows = other.get_by_test_id("stMetric").filter(has_text="Rows")
    expect(rows).to_contain_text("20,000")
    page = visit.signed_in(server, ADMIN)

    bring(page, tmp_path / "cooking.csv", "pasta,minutes\npenne,11\n")
    expect(page.get_by_text("Cannot be used")).to_be_visible()
    expect(page.get_by_text("vm_id").first).to_be_visible()

    bring(page, tmp_path / "fleet.csv", GOOD)
    expect(page.get_by_text("Ready to save, with 1 remark")).to_be_visible()
    page.get_by_role("button", name="Save as the dataset").click()
    expect(page.get_by_text("fleet.csv is saved as v0002 and active.")).to_be_visible()

    other.get_by_role("radio", name="Capacity").click()
    expect(rows).to_contain_text("3")
    expect(rows).not_to_contain_text("20,000")

    page.get_by_role("button", name="Return to it").click()
    expect(page.get_by_text("v0001 is active again.")).to_be_visible()
    other.get_by_role("radio", name="Overview").click()
    expect(rows).to_contain_text("20,000")
    assert visit.hosts_asked == {"127.0.0.1"}


def test_file_when_it_cannot_be_made_at_the_click_then_the_page_says_why_and_the_terminal_is_quiet(
    server: RunningApp, visit: Visit, patience_ms: int
):
    page = visit.signed_in(server, ADMIN)
    button = page.get_by_role("button", name="CSV", exact=True).first
    expect(button).to_be_enabled()
    versions = server.output_file.parent / "data" / "versions"
    for csv in versions.glob("*/dataset.csv"):
        csv.unlink()
    button.click()
    expect(page.get_by_test_id("stDownloadButtonError")).to_be_visible()
    expect(page.get_by_role("alert").filter(has_text="cannot be read")).to_be_visible()
    assert "Traceback" not in server.complaints
