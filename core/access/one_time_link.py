"""The token of a link that signs in once, as a notebook server prints it."""

import hashlib
import hmac
import secrets
import threading

__all__ = ["OneTimeToken"]


class OneTimeToken:
    """At most one token that is good for one sign-in; only its hash is kept."""

    def __init__(self) -> None:
        self._hash: bytes | None = None
        self._lock = threading.Lock()

    def make(self) -> str:
        """Return a new token; a former one that was not used is worth nothing from now on."""
        token = secrets.token_urlsafe(32)
        with self._lock:
            self._hash = _hashed(token)
        return token

    def use(self, given: str) -> bool:
        """Return whether `given` is the token, which it then was."""
        with self._lock:
            if self._hash is None or not hmac.compare_digest(self._hash, _hashed(given)):
                return False
            self._hash = None
            return True


def _hashed(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
