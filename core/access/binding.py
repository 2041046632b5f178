"""Whether others than this machine can reach the address that the app listens at."""

import ipaddress
import socket

from core.errors import SettingsError

__all__ = ["is_loopback", "refuse_open_door"]


def is_loopback(address: str) -> bool:
    """Return whether only this machine reaches `address`, a number or a name.

    A name that cannot be found counts as public, and so does no name, which is every network.
    """
    if address.startswith("unix:"):
        return True
    try:
        return ipaddress.ip_address(address.strip("[]")).is_loopback
    except ValueError:
        pass
    try:
        found = {str(known[4][0]) for known in socket.getaddrinfo(address, None)} if address else ()
    except (OSError, UnicodeError):
        return False
    return bool(found) and all(
        ipaddress.ip_address(one.partition("%")[0]).is_loopback for one in found
    )


def refuse_open_door(address: str, *, has_password: bool, has_provider: bool) -> None:
    """Return where the app may listen at `address`: only here, or with a lock that holds.

    Raises
    ------
    SettingsError
        Others can reach it, and neither a password nor an identity provider is set.
    """
    if has_password or has_provider or is_loopback(address):
        return
    raise SettingsError(
        f"HOST {address or '(every network)'} can be reached from other machines, and without a "
        "password or an identity provider nobody there could be told from you. Run `python -m core "
        "admin set-password`, or configure [auth] in .streamlit/secrets.toml, or set HOST to "
        "127.0.0.1."
    )
