"""`python -m core admin ...`: the admin's password and the audit trail."""

import argparse
import getpass
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.access import command_line_actor, passwords
from core.admin import audit
from core.admin.trail import note
from core.commands.env_file import set_line
from core.commands.options import count
from core.commands.output import say, show
from core.errors import SignInError
from core.store import Store

__all__ = ["add_verbs"]

VARIABLE = "ADMIN_PASSWORD_HASH"


def add_verbs(areas: Any, *, env_file: Path, store: Callable[[], Store]) -> None:
    """Add the verbs to the command line's areas."""
    area = areas.add_parser("admin", help="the admin's password and the audit trail")
    verbs = area.add_subparsers(dest="verb", required=True, metavar="VERB")
    verb = verbs.add_parser("set-password", help="set the password that signs admins in")
    verb.set_defaults(run=lambda _: _set_password(env_file, store))
    verb = verbs.add_parser("audit", help="print who did what, the latest first")
    verb.add_argument("--limit", type=count, default=50, metavar="N", help="how many entries (50)")
    verb.add_argument("--json", action="store_true", help="one JSON object a line")
    verb.set_defaults(run=lambda given: _audit(given, store))


def _set_password(env_file: Path, store: Callable[[], Store]) -> None:
    password = _asked()
    passwords.check_strength(password)
    set_line(env_file, VARIABLE, passwords.hashed(password))
    say(f"The password is set: its hash is in {env_file.name}. Restart the app to use it.")
    if os.environ.get(VARIABLE) is not None:
        say(f"{VARIABLE} is also set in the environment, which goes before {env_file.name}.")
    opened = store()
    try:
        note(opened, command_line_actor(), "set password", "admin")
    finally:
        opened.close()


def _asked() -> str:
    """Return the password: asked for twice without echo, or the first line of standard input."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass.getpass("New password: ")
    if getpass.getpass("Once more: ") != password:
        raise SignInError("The two are not the same; nothing was changed.")
    return password


def _audit(given: argparse.Namespace, store: Callable[[], Store]) -> None:
    opened = store()
    try:
        found = audit.latest(command_line_actor(), opened, given.limit)
    finally:
        opened.close()
    if given.json:
        sys.stdout.write(audit.as_json_lines(found))
        return
    if not found:
        say("Nothing is on record yet.")
    for entry in found:
        what = " ".join(part for part in (entry.action, entry.subject, entry.detail) if part)
        who = f"{entry.who or 'nobody'} ({entry.origin})"
        show(f"{entry.at:%Y-%m-%d %H:%M:%S}Z  {who}  {what}")
