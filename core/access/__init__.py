"""Who asks, and what they may do: viewers see, admins change.

Every function that writes for a person takes an `Actor` and calls `require_admin` before anything
else. What the menu shows is a courtesy; this is the lock.
"""

from core.access.roles import (
    COMMAND_LINE,
    VIEWER,
    Actor,
    Role,
    command_line_actor,
    require_admin,
)

__all__ = ["COMMAND_LINE", "VIEWER", "Actor", "Role", "command_line_actor", "require_admin"]
