"""PostgreSQL is late, goes away under the app and comes back: only what came meanwhile is lost."""

import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import streamlit as st

from core import resources
from tests.faults.opened_pages import first_sample, opened, said, until
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


def test_app_when_postgresql_comes_late_and_is_restarted_under_it_then_it_says_so_and_goes_on(
    server: PostgresqlServer, monkeypatch: pytest.MonkeyPatch
):
    st.set_option("client.showErrorDetails", "full")
    monkeypatch.setenv("DATABASE_URL", server.url)
    monkeypatch.setenv("SAMPLE_INTERVAL_S", "0.5")
    monkeypatch.setenv("HOST_NAME", "web-1")
    server.stop()  # it is not there yet as the app starts
    first_sample()
    sampler = resources.sampler()
    until(lambda: sampler.problem is not None)
    assert "Samples are shown and not kept" in said(opened(LIVE))
    server.start()
    until(lambda: sampler.problem is None)
    store = resources.store()

    def kept() -> int:
        return len(store.samples("web-1", datetime.now(UTC) - LONG_AGO).at)

    until(lambda: kept() >= 2)
    before = kept()

    server.stop()
    until(lambda: sampler.problem is not None)
    live, tickets = opened(LIVE), opened("ticket_classifier.py")
    assert "DATABASE" in said(live)
    assert tickets.title[0].value == "Ticket Classifier"
    assert not live.exception
    assert not tickets.exception

    server.start()
    until(lambda: sampler.problem is None)
    assert kept() > before
    assert not opened(LIVE).error
