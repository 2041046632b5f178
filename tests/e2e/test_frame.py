"""The frame of the app as a visitor's browser shows it."""

import http.client
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

import config
from pages.ui.frame import PAGES
from tests.e2e.conftest import Visit, wait_until_drawn
from tests.e2e.server import RunningApp, running_app

DARK, LIGHT = "rgb(11, 16, 32)", "rgb(247, 249, 252)"


def expect_background(page: Page, colour: str) -> None:
    expect(page.get_by_test_id("stApp")).to_have_css("background-color", colour)


def assert_is_framed(page: Page, title: str) -> None:
    expect(page.get_by_test_id("stMain").locator("h1")).to_have_text(title)
    links = page.get_by_test_id("stSidebarNavLink")
    expect(links).to_have_text([re.compile(re.escape(known.title)) for known in PAGES])
    expect(page.get_by_role("dialog")).to_have_count(0)


@pytest.mark.parametrize("known", PAGES, ids=lambda known: known.file.removesuffix(".py"))
def test_deep_link_when_it_is_the_first_visit_of_all_then_the_page_has_its_frame(
    fresh_server: RunningApp, visit: Visit, known
):
    address = f"{fresh_server.address}/{known.file.removesuffix('.py')}"
    page = visit.open(address)
    assert_is_framed(page, known.title)
    expect(page).to_have_url(address)
    expect(page.get_by_test_id("stException")).to_have_count(0)
    expect_background(page, DARK)
    assert visit.hosts_asked == {"127.0.0.1"}
    # Deprecations and tracebacks show on the terminal only.
    assert fresh_server.complaints.count("\n") == 1
    assert fresh_server.complaints.startswith("Sign in as admin (this link works once): http://")
    if os.name == "posix" and sys.platform == "linux":
        maps = Path(f"/proc/{fresh_server.process.pid}/maps").read_text(encoding="utf-8")
        assert "tensorflow" not in maps


def test_address_without_a_page_when_opened_then_it_leads_to_the_dashboard(server, visit):
    page = visit.open(server.address)
    assert_is_framed(page, "Dashboard")
    expect(page).to_have_url(f"{server.address}/dashboard")


@pytest.mark.parametrize("prefers", ["dark", "light"])
def test_theme_when_nothing_was_chosen_then_it_is_dark_whatever_the_browser_prefers(
    server, visit, prefers
):
    expect_background(visit.open(f"{server.address}/admin", prefers=prefers), DARK)


def test_theme_when_light_is_chosen_then_it_stays_light_on_every_page(server, visit):
    page = visit.open(f"{server.address}/admin", prefers="dark")
    page.get_by_test_id("stMainMenu").click()
    page.get_by_role("menuitemradio", name="Light").click()
    page.keyboard.press("Escape")
    for file in ("admin", "dashboard", "admin"):
        page.goto(f"{server.address}/{file}")
        page.get_by_test_id("stMain").locator("h1").wait_for()
        expect_background(page, LIGHT)


def test_back_when_a_filtered_page_was_left_by_the_menu_then_it_leads_back_to_its_filters(
    server: RunningApp, visit: Visit, patience_ms: int
):
    def go_on(title: str) -> None:
        # A page that is left while it is drawn makes one step in any case.
        page.wait_for_timeout(1_000)
        wait_until_drawn(page)
        page.get_by_test_id("stSidebarNav").get_by_role("link", name=title).click()
        expect(page.get_by_test_id("stMain").locator("h1")).to_have_text(title)
        wait_until_drawn(page)

    filtered = f"{server.address}/dashboard?vm=vm-017&section=Anomalies"
    page = visit.open(filtered)
    only_one = page.get_by_test_id("stMain").get_by_role("heading", name=re.compile("^1 VM, "))
    expect(only_one).to_be_visible()
    go_on("Ticket Classifier")
    go_on("Model Analytics")
    page.go_back()
    expect(page).to_have_url(f"{server.address}/ticket_classifier")
    expect(page.get_by_test_id("stMain").locator("h1")).to_have_text("Ticket Classifier")
    wait_until_drawn(page)
    page.go_back()
    expect(page).to_have_url(filtered)
    expect(only_one).to_be_visible()
    wait_until_drawn(page)
    page.go_forward()
    expect(page.get_by_test_id("stMain").locator("h1")).to_have_text("Ticket Classifier")
    wait_until_drawn(page)
    # By the menu the filters are there as well, and that is one step, too.
    go_on("Dashboard")
    expect(only_one).to_be_visible()
    page.go_back()
    expect(page).to_have_url(f"{server.address}/ticket_classifier")


def test_sidebar_when_there_is_little_room_then_it_opens_and_leads_on(server, visit):
    page = visit.open(f"{server.address}/admin", width=600)
    page.get_by_test_id("stExpandSidebarButton").click()
    page.get_by_role("link", name="Model Analytics").click()
    expect(page.get_by_test_id("stMain").locator("h1")).to_have_text("Model Analytics")


def test_sidebar_when_it_was_closed_then_it_can_be_opened_again(server, visit):
    page = visit.open(f"{server.address}/admin")
    page.get_by_test_id("stSidebar").hover()
    page.get_by_test_id("stSidebarCollapseButton").get_by_role("button").click()
    expect(page.get_by_role("link", name="Dashboard")).not_to_be_in_viewport()
    page.get_by_test_id("stExpandSidebarButton").click()
    expect(page.get_by_role("link", name="Dashboard")).to_be_in_viewport()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 101),
        ({"Host": "evil.example"}, 403),
        ({"Origin": "http://evil.example"}, 403),
    ],
)
def test_server_when_another_site_opens_the_connection_then_it_is_refused(server, headers, status):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    opening = {
        "Host": f"127.0.0.1:{server.port}",
        "Origin": server.address,
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }
    connection.putrequest("GET", "/_stcore/stream", skip_host=True)
    for name, value in (opening | headers).items():
        connection.putheader(name, value)
    connection.endheaders()
    assert connection.getresponse().status == status
    connection.close()


def test_server_when_told_to_stop_then_it_does_in_order(tmp_path, visit):
    with running_app(tmp_path) as app:
        visit.open(f"{app.address}/admin")
        assert app.stop() in (0, -15)
        assert "Traceback" not in app.complaints


def test_app_when_a_setting_is_bad_then_it_does_not_start_and_says_why():
    command = [sys.executable, "-m", "streamlit", "run", str(config.ROOT / "app.py")]
    done = subprocess.run(
        command,
        env={**os.environ, "HISTORY_DAYS": "many"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.strip() == "HISTORY_DAYS is 'many', but must be a number from 0.01 to 3650."
