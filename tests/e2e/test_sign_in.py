"""Signing in and out in a real browser, and starting the app without a lock on its door."""

import subprocess
import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

import config
from core.access import passwords
from tests.e2e.conftest import Visit
from tests.e2e.server import RunningApp, free_port, running_app

PASSWORD = "correct horse battery staple"


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    """An app with a password."""
    known = passwords.hashed(PASSWORD)
    with running_app(tmp_path_factory.mktemp("locked"), ADMIN_PASSWORD_HASH=known) as app:
        yield app


def sections(page: Page):
    return page.get_by_role("radio", name="People and audit")


def test_link_when_opened_then_the_person_is_in_until_they_sign_out_in_any_tab(
    server, visit: Visit, patience_ms
):
    page = visit.open(f"{server.address}/admin")
    expect(page.get_by_role("heading", name="Sign in to go on")).to_be_visible()
    page.goto(server.sign_in_link)
    expect(sections(page)).to_be_visible()
    assert page.url == f"{server.address}/admin"
    assert "capacity_session" not in page.evaluate("document.cookie")
    assert page.evaluate("JSON.stringify([localStorage, sessionStorage])").count("token") == 0
    [cookie] = [one for one in page.context.cookies() if one["name"].startswith("capacity_session")]
    assert (cookie["httpOnly"], cookie["sameSite"], cookie["path"]) == (True, "Strict", "/")

    other = page.context.new_page()
    other.goto(f"{server.address}/admin?section=People+and+audit")
    expect(other.get_by_role("heading", name="Who did what")).to_be_visible()
    page.get_by_test_id("stSidebar").get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in to go on")).to_be_visible()
    # The other tab is open since before, and follows by itself.
    expect(other.get_by_role("heading", name="Sign in to go on")).to_be_visible()

    log = "".join(one.read_text() for one in server.output_file.parent.glob("logs/*"))
    assert "token=" not in log
    assert "signed out" in log
    assert "Traceback" not in server.complaints


def test_password_when_typed_then_only_the_right_one_opens_the_page_that_was_left(
    locked, visit: Visit, patience_ms
):
    page = visit.open(f"{locked.address}/model_analytics")
    page.get_by_test_id("stSidebar").get_by_role("link", name="Sign in").click()
    for password in ("a wrong one", PASSWORD):
        page.get_by_label("The admin's password").fill(password)
        page.get_by_role("button", name="Sign in").click()
        if password != PASSWORD:
            expect(page.get_by_role("alert")).to_contain_text("This is not the password.")
    page.wait_for_url(f"{locked.address}/model_analytics")
    expect(page.get_by_test_id("stSidebar").get_by_role("button", name="Sign out")).to_be_visible()
    assert "Sign in as admin" not in locked.output  # no link where there is a password


@pytest.mark.parametrize("start", ["streamlit", "run.py"])
def test_app_when_others_could_reach_it_and_there_is_no_lock_then_it_does_not_start(
    start, tmp_path, monkeypatch
):
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.setenv("LOGS_DIR", str(tmp_path))
    command = ["-m", "streamlit", "run", "app.py", "--server.address=0.0.0.0"]
    if start == "run.py":
        monkeypatch.setenv("HOST", "0.0.0.0")
        # Installing is another test's.
        serve = f"run.serve('0.0.0.0', {free_port()}, ('localhost',), 200)"
        python = "import pathlib, sys, run; run.PYTHON = pathlib.Path(sys.executable)"
        command = ["-c", f"{python}; sys.exit({serve})"]
    else:
        command.append(f"--server.port={free_port()}")
    done = subprocess.run(
        [sys.executable, *command],
        cwd=config.ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 2
    assert "can be reached from other machines" in done.stderr
    assert "admin set-password" in done.stderr
    assert "Ready" not in done.stdout
