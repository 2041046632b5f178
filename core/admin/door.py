"""The door: signs people in and out, slows down who guesses, and enters all of it in the trail."""

import logging
import math
import threading
from collections.abc import Callable
from datetime import UTC, datetime

from core.access import (
    VIEWER,
    Actor,
    Attempts,
    OneTimeToken,
    Role,
    Session,
    Sessions,
    Way,
    passwords,
    require_admin,
)
from core.admin.trail import note
from core.errors import SignInError, StoreError
from core.store import Store

__all__ = ["ADMIN_NAME", "Door"]

_log = logging.getLogger(__name__)

ADMIN_NAME = "admin"
"""Who signs in with the one password or by the link, which tell nobody apart."""
_IN_LINE_S = 10.0


class Door:
    """Signs in and out; safe to use from several threads.

    Where the audit trail cannot be written (a full disk), people are let in all the same, to mend
    it, and the log says who.

    Parameters
    ----------
    store : callable
        Returns the store that holds the audit trail.
    password_hash : str
        Argon2 hash of the admin's password; empty: nobody signs in by password.
    admin_emails : tuple of str
        Who of those that the identity provider vouches for is an admin; the others are viewers.
    offers_link : bool
        Whether a one-time link signs in.
    sessions : Sessions
    attempts : Attempts
    """

    def __init__(
        self,
        store: Callable[[], Store],
        *,
        password_hash: str = "",
        admin_emails: tuple[str, ...] = (),
        offers_link: bool = False,
        sessions: Sessions,
        attempts: Attempts | None = None,
    ) -> None:
        self.has_password = bool(password_hash)
        self.offers_link = offers_link
        self._store = store
        self._password_hash = password_hash
        self._admin_emails = {email.casefold() for email in admin_emails if email}
        self._sessions = sessions
        self._attempts = attempts or Attempts()
        self._links_asked = Attempts()
        self._token = OneTimeToken()
        # One attempt at a time: together they would all be past the wait before the first fails.
        self._one_at_a_time = threading.Lock()

    def new_token(self) -> str:
        """Return the token of a new link, which makes any former one void."""
        return self._token.make()

    def token_asked_for(self, origin: str) -> str:
        """Return the token of a new link, asked for from `origin`; not too often.

        Raises
        ------
        SignInError
            Links are not offered, or several were asked for just before.
        """
        if not self.offers_link:
            raise SignInError("This app signs in without a link.")
        with self._one_at_a_time:
            _refuse_before(self._links_asked.wait_s(origin), "Links were asked for several times.")
            self._links_asked.failed(origin)
        return self.new_token()

    def by_password(self, password: str, origin: str) -> str:
        """Return the key of a new session for whoever knows the password.

        Raises
        ------
        SignInError
            It is not the password, there is none, or `origin` has to wait after failures.
        """
        if not self.has_password:
            raise SignInError("No password is set for this app.")
        return self._let_in(
            lambda: passwords.is_right(password, self._password_hash),
            "password",
            origin,
            "This is not the password.",
        )

    def by_token(self, token: str, origin: str) -> str:
        """Return the key of a new session for whoever has the link.

        Raises
        ------
        SignInError
            The link was used before or is not the last one, or `origin` has to wait after failures.
        """
        return self._let_in(
            lambda: self.offers_link and self._token.use(token),
            "link",
            origin,
            "This link has been used, or a newer one was made.",
        )

    def by_provider(
        self, subject: str, name: str, issued_at: datetime, origin: str, *, verified_email: str
    ) -> Actor:
        """Return who an identity provider vouches for; a viewer without a name once signed out.

        Parameters
        ----------
        subject : str
            Who it is to the provider.
        name : str
            Who it is to people.
        issued_at : datetime
            When the provider vouched: that sign-in lasts as long as any session.
        origin : str
        verified_email : str
            What an admin is known by; empty where the provider does not vouch for one.
        """
        role = Role.ADMIN if verified_email.casefold() in self._admin_emails else Role.VIEWER
        session, is_new = self._sessions.recognise(
            _provider_key(subject, issued_at),
            Actor(name=name, role=role, origin=origin),
            "identity provider",
            issued_at,
        )
        if session is None:
            return VIEWER
        if is_new:
            self._note(session.actor, "signed in", f"by identity provider, as {role}")
        return session.actor

    def who(self, key: str) -> Actor:
        """Return who holds the session of `key`; a viewer where it has ended or never was."""
        session = self._sessions.find(key)
        return VIEWER if session is None else session.actor

    def sign_out(self, key: str) -> None:
        """End the session of `key` wherever it is open."""
        self._ended(self._sessions.end(key))

    def sign_out_of_provider(self, subject: str, issued_at: datetime) -> None:
        """End what `by_provider` has begun."""
        self._ended(self._sessions.end(_provider_key(subject, issued_at)))

    def sessions(self) -> tuple[Session, ...]:
        """Return who is signed in, the latest first."""
        return self._sessions.listed()

    def end(self, actor: Actor, session_id: str) -> None:
        """End somebody's session.

        Raises
        ------
        NotAllowedError
            `actor` is no admin.
        """
        require_admin(actor, "sign others out")
        ended = self._sessions.end_by_id(session_id)
        if ended is not None:
            self._note(actor, "signed out", f"{ended.actor.name} from {ended.actor.origin}")

    def _let_in(self, is_right: Callable[[], bool], way: Way, origin: str, if_not: str) -> str:
        stranger = Actor(name="", role=Role.VIEWER, origin=origin)
        if not self._one_at_a_time.acquire(timeout=_IN_LINE_S):
            raise SignInError("Many are trying to sign in. Try again in 10 seconds.")
        try:
            _refuse_before(self._attempts.wait_s(origin), "Signing in has failed several times.")
            if not is_right():
                self._attempts.failed(origin)
                self._note(stranger, "sign-in failed", f"by {way}")
                wait_s = self._attempts.wait_s(origin)
                again = f" The next attempt can be made in {math.ceil(wait_s)} s." if wait_s else ""
                raise SignInError(if_not + again)
            self._attempts.succeeded(origin)
        finally:
            self._one_at_a_time.release()
        admin = Actor(name=ADMIN_NAME, role=Role.ADMIN, origin=origin)
        key = self._sessions.begin(admin, way)
        self._note(admin, "signed in", f"by {way}")
        return key

    def _ended(self, session: Session | None) -> None:
        if session is not None:
            self._note(session.actor, "signed out", f"by {session.way}")

    def _note(self, actor: Actor, action: str, subject: str) -> None:
        _log.info("%s %s: %s, from %s", action, subject, actor.name or "nobody", actor.origin)
        try:
            note(self._store(), actor, action, subject)
        except StoreError as error:
            _log.error("Not in the audit trail (%s %s): %s", action, subject, error)


def _refuse_before(wait_s: float, why: str) -> None:
    if wait_s > 0:
        seconds = math.ceil(wait_s)
        raise SignInError(f"{why} Wait {seconds} s, then try again.")


def _provider_key(subject: str, issued_at: datetime) -> str:
    return f"{subject}\n{issued_at.astimezone(UTC).isoformat()}"
