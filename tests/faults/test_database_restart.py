"""PostgreSQL goes away under the app and comes back: nothing is lost but what was not taken."""

import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import streamlit as st

from core import resources
from tests.faults.opened_pages import first_sample, opened, said
from tests.postgresql_server import (
    PostgresqlServer,
    ServerNotPossibleError,
    postgresql_server,
)

LIVE = "live_failure_prediction.py"
LONG_AGO = timedelta(days=1)


@pytest.fixture
def server() -> Iterator[PostgresqlServer]:
    # Below the system's own folder: the user postgres cannot look into a test's.
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        try:
            with postgresql_server(Path(folder) / "server") as server:
                yield server
        except ServerNotPossibleError as why:
            pytest.skip(str(why))


def wait_until(is_so: Callable[[], bool]) -> None:
    latest_s = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < latest_s
        time.sleep(0.05)


def test_app_when_postgresql_is_restarted_under_it_then_it_says_so_and_goes_on_by_itself(
    server: PostgresqlServer, monkeypatch: pytest.MonkeyPatch
):
    st.set_option("client.showErrorDetails", "full")
    monkeypatch.setenv("DATABASE_URL", server.url)
    monkeypatch.setenv("SAMPLE_INTERVAL_S", "0.5")
    monkeypatch.setenv("HOST_NAME", "web-1")
    first_sample()
    store, sampler = resources.store(), resources.sampler()

    def kept() -> int:
        return len(store.samples("web-1", datetime.now(UTC) - LONG_AGO).at)

    wait_until(lambda: kept() >= 2)
    before = kept()

    server.stop()
    wait_until(lambda: sampler.problem is not None)
    live, tickets = opened(LIVE), opened("ticket_classifier.py")
    assert "DATABASE" in said(live)
    assert tickets.title[0].value == "Ticket Classifier"
    assert not live.exception
    assert not tickets.exception

    server.start()
    wait_until(lambda: sampler.problem is None)
    assert kept() > before
    assert not opened(LIVE).error
