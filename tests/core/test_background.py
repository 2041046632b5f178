"""Work in a process of its own: what comes of it, and that nothing is left of it."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

import config
from core.background import Work
from tests.core import some_work

PATIENCE_S = 60.0


def process_in(file: Path) -> int:
    """Return the number of the process that writes itself down in `file`, once it has."""
    latest_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < latest_s:
        if file.exists() and file.read_text():
            return int(file.read_text())
        time.sleep(0.02)
    raise AssertionError("the work did not begin")


def is_gone(process: int) -> bool:
    """Return whether a process has ended, or does so in time."""
    latest_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < latest_s:
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return True
        status = Path(f"/proc/{process}/stat")
        # Ended, but nobody has asked for its exit code yet: its parent was killed.
        if status.exists() and status.read_text().rpartition(")")[2].split()[0] == "Z":
            return True
        time.sleep(0.02)
    return False


def test_work_when_done_then_its_result_is_there():
    status = Work(some_work.double, 21).wait(PATIENCE_S)
    assert (status.state, status.result, status.fraction) == ("done", 42, 1.0)


def test_work_when_it_prints_then_its_result_is_not_disturbed():
    assert Work(some_work.talkative).wait(PATIENCE_S).result == 1


def test_work_while_it_runs_then_it_says_how_far_it_is_until_it_is_cancelled(tmp_path):
    work = Work(some_work.forever, str(tmp_path / "pid"))
    process = process_in(tmp_path / "pid")
    latest_s = time.monotonic() + PATIENCE_S
    while work.status().message != "going on" and time.monotonic() < latest_s:
        time.sleep(0.02)
    running = work.status()
    assert (running.state, running.fraction, running.message) == ("running", 0.25, "going on")
    work.cancel()
    assert work.status().state == "cancelled"
    assert is_gone(process)


def test_work_when_its_input_is_bad_then_it_says_so_in_the_words_of_the_error():
    status = Work(some_work.bad_input).wait(PATIENCE_S)
    assert (status.state, status.error) == ("failed", "The file is empty; bring one with rows.")


@pytest.mark.parametrize(
    ("function", "logged"), [(some_work.broken, "KeyError: 'a fault'"), (some_work.dies, "code 9")]
)
def test_work_when_it_breaks_then_it_failed_and_the_log_knows_more(function, logged, caplog):
    status = Work(function).wait(PATIENCE_S)
    assert status.state == "failed"
    assert "ended unexpectedly" in (status.error or "")
    assert logged in caplog.text


def test_work_when_done_then_cancelling_it_changes_nothing():
    work = Work(some_work.double, 1)
    assert work.wait(PATIENCE_S).state == "done"
    work.cancel()
    assert work.status().result == 2


@pytest.mark.skipif(os.name != "posix", reason="kills by signal")
def test_work_when_the_app_is_killed_then_its_process_ends_too(tmp_path):
    command = [sys.executable, "-c", "from tests.core import some_work; some_work.app()"]
    app = subprocess.Popen([*command, str(tmp_path / "pid")], cwd=config.ROOT)
    try:
        process = process_in(tmp_path / "pid")
    finally:
        app.kill()
        app.wait()
    assert is_gone(process)
