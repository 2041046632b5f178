"""What people said and paused: for admins only, whoever calls, and on record."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.access import VIEWER, Actor, Role
from core.admin import audit, feedback, sampling
from core.errors import MissingDataError, NotAllowedError
from core.store import Correction, SavedReply, Store

ADA = Actor(name="ada", role=Role.ADMIN, origin="127.0.0.1")
VIC = Actor(name="vic", role=Role.VIEWER, origin="127.0.0.1")
NOW = datetime(2026, 3, 1, tzinfo=UTC)
CORRECTION = Correction(text="rack 9\nis down", old="Network", new="Power", who="ada", at=NOW)
REPLY = SavedReply(
    at=NOW, ticket="t", text="r", provider="offline", model="", prompt_version="1", is_edited=True
)


class Switch:
    is_paused = False

    def pause(self) -> None:
        self.is_paused = True

    def resume(self) -> None:
        self.is_paused = False


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(f"sqlite:///{tmp_path.as_posix()}/app.db")
    yield opened
    opened.close()


@pytest.mark.parametrize("actor", [VIEWER, VIC])
def test_viewer_when_calling_core_directly_then_nothing_is_done(store, actor):
    switch = Switch()
    for call in (
        lambda: feedback.correct(actor, store, CORRECTION),
        lambda: feedback.save_reply(actor, store, REPLY),
        lambda: sampling.pause(actor, store, switch, "web-7"),
        lambda: sampling.resume(actor, store, switch, "web-7"),
        lambda: audit.latest(actor, store, 10),
        lambda: audit.entries(actor, store),
    ):
        with pytest.raises(NotAllowedError, match="Only an admin may"):
            call()
    assert not switch.is_paused
    assert (store.corrections(), store.replies(9), store.audit(9)) == ((), (), ())


def test_correction_when_its_ticket_has_no_text_then_it_is_refused_and_nothing_is_kept(store):
    blank = replace(CORRECTION, text=" \n", telemetry={"cpu_usage": 97.0})
    with pytest.raises(MissingDataError, match="this ticket has none; classify it with a text"):
        feedback.correct(ADA, store, blank)
    assert (store.corrections(), store.audit(9)) == ((), ())


def test_admin_when_acting_then_it_is_done_and_on_record(store):
    switch = Switch()
    feedback.correct(ADA, store, CORRECTION)
    number = feedback.save_reply(ADA, store, REPLY)
    sampling.pause(ADA, store, switch, "web-7")
    assert switch.is_paused
    sampling.resume(ADA, store, switch, "web-7")
    assert store.corrections() == (CORRECTION,)
    assert [(one.action, one.subject, one.detail) for one in reversed(store.audit(9))] == [
        ("corrected", "ticket: rack 9 is down", "Network -> Power"),
        ("saved reply", "ticket: t", f"number {number}, edited"),
        ("paused", "sampling of web-7", ""),
        ("resumed", "sampling of web-7", ""),
    ]
