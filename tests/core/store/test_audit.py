"""The audit trail: filtered, in parts, and never changed by any statement."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from core.store import AuditEntry, AuditFilter
from core.store.database import open_engine

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def entry(n: int, **values: str) -> AuditEntry:
    given = {"who": "ada", "origin": "127.0.0.1", "action": "activated", "subject": f"v{n}"}
    return AuditEntry(at=NOW + timedelta(hours=n), **{**given, **values})


@pytest.fixture
def filled(store):
    for n in range(10):
        store.add_audit(entry(n))
    store.add_audit(entry(10, who="Bob_1", action="deleted", detail="100 % of It"))
    return store


def test_trail_when_read_in_parts_then_each_entry_comes_once_the_latest_first(filled):
    read = [*filled.audit(6), *filled.audit(6, offset=6)]
    assert [one.id for one in read] == list(range(11, 0, -1))
    assert filled.count_audit() == 11
    assert filled.audit_actions() == ("activated", "deleted")


@pytest.mark.parametrize(
    ("only", "n"),
    [
        (AuditFilter(actions=("deleted",)), 1),
        (AuditFilter(actions=("deleted", "activated")), 11),
        (AuditFilter(who="bob"), 1),
        (AuditFilter(who="b_b"), 0),
        (AuditFilter(words="100 % OF it"), 1),
        (AuditFilter(words="%"), 1),
        (AuditFilter(words="V1"), 2),
        (AuditFilter(since=NOW + timedelta(hours=9)), 2),
        (AuditFilter(since=NOW + timedelta(hours=9), actions=("activated",)), 1),
        (AuditFilter(words="\x00"), 0),
    ],
)
def test_trail_when_filtered_then_only_what_is_meant_is_left(filled, only, n):
    assert filled.count_audit(only) == len(filled.audit(50, only=only)) == n


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET who = 'eve'",
        "UPDATE audit SET detail = 'x' WHERE id = 3",
        "DELETE FROM audit",
        "DELETE FROM audit WHERE id = 3",
        "INSERT OR REPLACE INTO audit SELECT id, at, 'eve', origin, action, subject, detail "
        "FROM audit WHERE id = 3",
        "TRUNCATE audit",
    ],
)
def test_trail_when_any_statement_would_change_it_then_the_database_refuses(
    filled, url, open_store, statement
):
    before = filled.audit(50)
    open_store()  # a second opening finds the guard in place
    engine = open_engine(url)
    with pytest.raises(SQLAlchemyError), engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()
    assert filled.audit(50) == before
    filled.add_audit(entry(11))
    assert filled.count_audit() == 12
