"""Signing in and out, as the audit trail has it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.access import VIEWER, Actor, Attempts, Role, Sessions, passwords
from core.admin.door import Door
from core.errors import NotAllowedError, SignInError, StoreError
from core.store import Store

PASSWORD = "correct horse battery staple"
HERE, THERE = "127.0.0.1", "192.0.2.7"


@pytest.fixture(scope="module")
def known_hash() -> str:
    return passwords.hashed(PASSWORD)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(f"sqlite:///{tmp_path.as_posix()}/app.db")
    yield opened
    opened.close()


@pytest.fixture
def door(store: Store, known_hash: str) -> Door:
    return Door(
        lambda: store,
        password_hash=known_hash,
        admin_emails=("Ada@corp.example",),
        offers_link=True,
        sessions=Sessions(3600),
        attempts=Attempts(lambda: 0.0),
    )


def trail(store: Store) -> list[tuple[str, str, str, str]]:
    return [(one.who, one.origin, one.action, one.subject) for one in reversed(store.audit(50))]


def test_password_when_right_then_an_admin_is_in_and_on_record_until_signed_out(door, store):
    key = door.by_password(PASSWORD, THERE)
    assert door.who(key) == Actor(name="admin", role=Role.ADMIN, origin=THERE)
    door.sign_out(key)
    assert door.who(key) is VIEWER
    assert trail(store) == [
        ("admin", THERE, "signed in", "by password"),
        ("admin", THERE, "signed out", "by password"),
    ]


def test_password_when_wrong_then_it_is_on_record_without_what_was_typed(door, store):
    with pytest.raises(SignInError, match="not the password"):
        door.by_password("hunter2 hunter2", THERE)
    assert trail(store) == [("", THERE, "sign-in failed", "by password")]
    assert "hunter2" not in str(store.audit(9))


def test_password_when_guessed_on_then_even_the_right_one_has_to_wait_and_the_seconds_are_said(
    door,
):
    for _ in range(4):
        with pytest.raises(SignInError):
            door.by_password("wrong", THERE)
    with pytest.raises(SignInError, match=r"Wait \d+ s"):
        door.by_password(PASSWORD, THERE)
    assert door.who(door.by_password(PASSWORD, HERE)).role is Role.ADMIN


def test_link_when_used_then_it_is_good_once(door, store):
    token = door.new_token()
    assert door.who(door.by_token(token, HERE)).role is Role.ADMIN
    with pytest.raises(SignInError, match="has been used"):
        door.by_token(token, HERE)
    assert [one[2] for one in trail(store)] == ["signed in", "sign-in failed"]
    assert token not in str(store.audit(9))


def test_link_when_not_offered_then_no_token_signs_in(store):
    door = Door(lambda: store, sessions=Sessions(3600))
    with pytest.raises(SignInError):
        door.by_token(door.new_token(), HERE)
    with pytest.raises(SignInError, match="without a link"):
        door.token_asked_for(HERE)


def test_link_when_asked_for_again_and_again_then_that_is_slowed_too(door):
    for _ in range(4):
        door.token_asked_for(HERE)
    with pytest.raises(SignInError, match="Wait"):
        door.token_asked_for(HERE)


@pytest.mark.parametrize(
    ("verified", "role"),
    [("ada@CORP.example", Role.ADMIN), ("eve@corp.example", Role.VIEWER), ("", Role.VIEWER)],
)
def test_provider_when_it_vouches_then_the_list_says_who_is_an_admin(door, store, verified, role):
    issued = datetime.now(UTC) - timedelta(minutes=1)
    for _ in range(2):
        actor = door.by_provider("iss 1", "ada", issued, THERE, verified_email=verified)
        assert (actor.name, actor.role) == ("ada", role)
    assert trail(store) == [("ada", THERE, "signed in", f"by identity provider, as {role}")]
    door.sign_out_of_provider("iss 1", issued)
    assert door.by_provider("iss 1", "ada", issued, THERE, verified_email=verified) is VIEWER


def test_session_when_an_admin_ends_it_then_it_is_over_and_a_viewer_may_not(door, store):
    key = door.by_password(PASSWORD, THERE)
    (session,) = door.sessions()
    with pytest.raises(NotAllowedError):
        door.end(VIEWER, session.id)
    assert door.who(key) is not VIEWER
    door.end(Actor(name="bob", role=Role.ADMIN, origin=HERE), session.id)
    assert door.who(key) is VIEWER
    assert trail(store)[-1] == ("bob", HERE, "signed out", f"admin from {THERE}")


def test_trail_when_it_cannot_be_written_then_the_admin_is_in_and_the_log_says_so(
    known_hash, caplog
):
    def broken() -> Store:
        raise StoreError("the disk is full")

    door = Door(broken, password_hash=known_hash, sessions=Sessions(3600))
    assert door.who(door.by_password(PASSWORD, HERE)).role is Role.ADMIN
    assert "the disk is full" in caplog.text
