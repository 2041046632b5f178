"""Pause and resume the sampler of this host: nothing is predicted while it pauses."""

from typing import Protocol

from core.access import Actor, require_admin
from core.admin.trail import note
from core.store import Store

__all__ = ["Pausable", "pause", "resume"]


class Pausable(Protocol):
    """What is paused: the sampler, which all who look at the app share."""

    def pause(self) -> None:
        """Take no samples."""

    def resume(self) -> None:
        """Take samples again."""


def pause(actor: Actor, store: Store, sampler: Pausable, host: str) -> None:
    """Stop taking samples of `host`, for everyone.

    Raises
    ------
    NotAllowedError
        `actor` is no admin.
    StoreError
        It pauses, and that could not be entered in the audit trail.
    """
    require_admin(actor, "pause sampling")
    sampler.pause()
    note(store, actor, "paused", f"sampling of {host}")


def resume(actor: Actor, store: Store, sampler: Pausable, host: str) -> None:
    """Take samples of `host` again; errors as for `pause`."""
    require_admin(actor, "resume sampling")
    sampler.resume()
    note(store, actor, "resumed", f"sampling of {host}")
