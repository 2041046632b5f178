"""Who asks, and what they may do: viewers see, admins change.

Every function that writes for a person takes an `Actor` and calls `require_admin` before anything
else. What the menu shows is a courtesy; this is the lock. Below it lies what signing in is made
of: sessions, passwords, one-time links, and the wait after failures.
"""

from core.access.attempts import Attempts
from core.access.binding import is_loopback, refuse_open_door
from core.access.one_time_link import OneTimeToken
from core.access.roles import (
    COMMAND_LINE,
    VIEWER,
    Actor,
    Role,
    command_line_actor,
    require_admin,
)
from core.access.sessions import Session, Sessions, Way

__all__ = [
    "COMMAND_LINE",
    "VIEWER",
    "Actor",
    "Attempts",
    "OneTimeToken",
    "Role",
    "Session",
    "Sessions",
    "Way",
    "command_line_actor",
    "is_loopback",
    "refuse_open_door",
    "require_admin",
]
