"""Who is signed in, until when: held in memory, so that a restart signs everyone out."""

import hashlib
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from core.access.roles import Actor

__all__ = ["Session", "Sessions", "Way"]

Way = Literal["link", "password", "identity provider"]
MAX_OPEN = 1_000
_KEY_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One sign-in: who, how and from when to when; `id` names it to people and opens nothing."""

    id: str
    actor: Actor
    way: Way
    began_at: datetime
    expires_at: datetime


class Sessions:
    """The open sessions; safe to use from several threads.

    Only a hash of each key is kept: whoever reads the memory of the app finds no key in it.
    A session is over as soon as one of two clocks says so: the one that people set, which may be
    set back, and the one that only goes on, which stands still while a machine sleeps.

    Parameters
    ----------
    lasts_s : float
        How long a session lasts.
    clock : callable
        Returns the time, aware.
    ticks : callable
        Returns seconds that only go on.
    """

    def __init__(
        self,
        lasts_s: float,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        self._lasts = timedelta(seconds=lasts_s)
        self._clock = clock
        self._ticks = ticks
        self._open: dict[str, Session] = {}
        # By the clock that only goes on: until when each of the open ones may last, and what was
        # ended before its time is remembered. What an identity provider has vouched for comes again
        # with every page that is still open, and must not be taken for a new sign-in.
        self._until_s: dict[str, float] = {}
        self._ended_s: dict[str, float] = {}
        self._lock = threading.Lock()

    def begin(self, actor: Actor, way: Way) -> str:
        """Begin a session and return its key, which nobody can guess."""
        key = secrets.token_urlsafe(_KEY_BYTES)
        self.recognise(key, actor, way, self._clock())
        return key

    def recognise(
        self, key: str, actor: Actor, way: Way, began_at: datetime
    ) -> tuple[Session | None, bool]:
        """Return the session of `key` and whether it begins with this; None where it has ended."""
        hashed, now = _hashed(key), self._clock()
        with self._lock:
            self._forget_expired(now)
            if hashed in self._open:
                return self._open[hashed], False
            session = Session(
                id=hashed[:12],
                actor=actor,
                way=way,
                began_at=began_at,
                expires_at=began_at + self._lasts,
            )
            if hashed in self._ended_s or session.expires_at <= now:
                return None, False
            if len(self._open) >= MAX_OPEN:
                del self._open[min(self._open, key=lambda one: self._open[one].expires_at)]
            self._open[hashed] = session
            self._until_s[hashed] = self._ticks() + (session.expires_at - now).total_seconds()
            return session, True

    def find(self, key: str) -> Session | None:
        """Return the session of `key`; None where it has ended, expired or never was."""
        with self._lock:
            self._forget_expired(self._clock())
            return self._open.get(_hashed(key))

    def end(self, key: str) -> Session | None:
        """End the session of `key` wherever it is open, and return it; None where there is none."""
        return self._end(_hashed(key))

    def end_by_id(self, session_id: str) -> Session | None:
        """End the session that people know by this id, and return it."""
        with self._lock:
            found = [hashed for hashed, one in self._open.items() if one.id == session_id]
        return self._end(found[0]) if found else None

    def listed(self) -> tuple[Session, ...]:
        """Return the open sessions, the latest first."""
        with self._lock:
            self._forget_expired(self._clock())
            return tuple(sorted(self._open.values(), key=lambda one: one.began_at, reverse=True))

    def _end(self, hashed: str) -> Session | None:
        with self._lock:
            ended = self._open.pop(hashed, None)
            if ended is not None:
                self._ended_s[hashed] = self._ticks() + self._lasts.total_seconds()
            return ended

    def _forget_expired(self, now: datetime) -> None:
        now_s = self._ticks()
        self._open = {
            key: one
            for key, one in self._open.items()
            if one.expires_at > now and self._until_s[key] > now_s
        }
        self._until_s = {key: self._until_s[key] for key in self._open}
        self._ended_s = {key: until_s for key, until_s in self._ended_s.items() if until_s > now_s}


def _hashed(key: str) -> str:
    # What is hashed is random or signed already: nothing slower is needed to keep it from guesses.
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
