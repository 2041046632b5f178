"""The two roles, who holds one, and the check that every writing function begins with."""

import getpass
from dataclasses import dataclass
from enum import StrEnum

from core.errors import NotAllowedError

__all__ = ["COMMAND_LINE", "VIEWER", "Actor", "Role", "command_line_actor", "require_admin"]

COMMAND_LINE = "command line"
"""The origin of whoever works in a shell of this machine."""


class Role(StrEnum):
    """What a person may do: see, or also change."""

    VIEWER = "viewer"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who asks: `name` as it stands in the audit trail, `origin` the address they came from."""

    name: str
    role: Role
    origin: str


VIEWER = Actor(name="", role=Role.VIEWER, origin="")
"""Whoever has not signed in."""


def require_admin(actor: Actor, to_do: str) -> None:
    """Return where `actor` may change things.

    Parameters
    ----------
    actor : Actor
    to_do : str
        What was asked for, as the rest of "You may not ...".

    Raises
    ------
    NotAllowedError
        `actor` is no admin.
    """
    if actor.role is not Role.ADMIN:
        who = f"{actor.name} is signed in as a viewer" if actor.name else "nobody is signed in"
        raise NotAllowedError(
            f"Only an admin may {to_do}, and {who}. Sign in as an admin on the page Admin."
        )


def command_line_actor() -> Actor:
    """Return who works in this shell: whoever may run commands here may change the files, too."""
    try:
        name = getpass.getuser()
    except (OSError, KeyError):  # a user without a name, as containers have them
        name = "unknown user"
    return Actor(name=name, role=Role.ADMIN, origin=COMMAND_LINE)
