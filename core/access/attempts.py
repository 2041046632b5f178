"""How long whoever has failed to sign in has to wait before the next attempt."""

import ipaddress
import time
from collections import deque
from collections.abc import Callable

__all__ = ["Attempts"]

FREE = 3
"""Failures of one origin that cost no wait: people mistype."""
FREE_OVERALL = 20
MAX_WAIT_S = 60.0
MAX_WAIT_OVERALL_S = 15.0
FORGOTTEN_AFTER_S = 900.0
_MAX_KEPT = 10_000


class Attempts:
    """Failed attempts to sign in, of each origin and of all together.

    Every failure after the first few doubles the wait, up to a minute for one origin. That bounds a
    guesser to about 1,500 guesses a day and an origin, and keeps nobody out for longer than a
    minute. All strangers together have a wait of their own, against guessers with many addresses;
    it does not count for this machine and for origins that have signed in before, so nobody can
    keep the right person out by guessing.

    An attempt that is refused because of a wait is not counted.

    Parameters
    ----------
    clock : callable
        Returns seconds that only go on.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failed: dict[str, deque[float]] = {}
        self._of_all: deque[float] = deque(maxlen=1_000)
        self._known: set[str] = set()

    def wait_s(self, origin: str) -> float:
        """Return how long `origin` has to wait from now on, in s; 0 where it may try."""
        now, group = self._clock(), _group(origin)
        own = _left_s(self._failed.get(group, deque()), now, FREE, MAX_WAIT_S)
        if group in self._known or _is_here(origin):
            return own
        return max(own, _left_s(self._of_all, now, FREE_OVERALL, MAX_WAIT_OVERALL_S))

    def failed(self, origin: str) -> None:
        """Count a failure of `origin`."""
        now, group = self._clock(), _group(origin)
        if len(self._failed) >= _MAX_KEPT:
            kept = {one: at for one, at in self._failed.items() if now - at[-1] < FORGOTTEN_AFTER_S}
            # All of them recent: somebody owns many addresses, and the wait of all holds them.
            self._failed = kept if len(kept) < _MAX_KEPT else {}
        self._failed.setdefault(group, deque(maxlen=100)).append(now)
        self._of_all.append(now)

    def succeeded(self, origin: str) -> None:
        """Forget the failures of `origin`, which belongs to somebody who may sign in."""
        group = _group(origin)
        self._failed.pop(group, None)
        if len(self._known) < _MAX_KEPT:
            self._known.add(group)


def _left_s(failed_at: deque[float], now: float, free: int, most_s: float) -> float:
    while failed_at and now - failed_at[0] > FORGOTTEN_AFTER_S:
        failed_at.popleft()
    excess = len(failed_at) - free
    if excess <= 0:
        return 0.0
    wait_s: float = min(2.0 ** min(excess, 16), most_s)
    return max(0.0, failed_at[-1] + wait_s - now)


def _group(origin: str) -> str:
    """Return what counts as one origin: of IPv6 the /64, which one person has whole (RFC 6177)."""
    try:
        address = ipaddress.ip_address(origin)
    except ValueError:
        return origin
    if address.version == 6 and not address.is_loopback:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


def _is_here(origin: str) -> bool:
    try:
        return ipaddress.ip_address(origin).is_loopback
    except ValueError:
        return False
