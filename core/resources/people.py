"""Who has opened a page, and the door that let them in."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

import streamlit as st
from streamlit.errors import StreamlitSecretNotFoundError

from core.access import VIEWER, Actor, Sessions, is_loopback
from core.resources.configured import settings
from core.resources.host import store

if TYPE_CHECKING:
    from core.admin.door import Door

__all__ = ["actor", "asker", "cookie_name", "door", "has_provider", "sign_out"]

HOUR_S = 3600.0
_HERE = "this machine"


@st.cache_resource(show_spinner=False)
def door() -> "Door":
    """Return the door: a link opens it where nothing else does and only this machine gets here."""
    from core.admin.door import Door

    known = settings()
    return Door(
        store,
        password_hash=known.admin_password_hash,
        admin_emails=known.admin_emails,
        offers_link=not known.admin_password_hash
        and not has_provider()
        and is_loopback(st.get_option("server.address") or ""),
        sessions=Sessions(known.session_hours * HOUR_S),
    )


def cookie_name() -> str:
    """Return the name of the cookie with a session's key.

    Cookies do not heed ports: two apps of one machine would take each other's.
    """
    return f"capacity_session_{st.get_option('server.port')}"


def has_provider() -> bool:
    """Return whether an identity provider is configured in Streamlit's secrets."""
    try:
        return bool(st.secrets.get("auth"))
    except StreamlitSecretNotFoundError:
        return False


def actor() -> Actor:
    """Return who has opened this page, asked anew with every call: a session may have ended."""
    return asker()()


def asker() -> Callable[[], Actor]:
    """Return what says who has opened this page, outside of its run too, whenever it is asked.

    For what Streamlit calls later and elsewhere, such as what makes a file at a click: whoever
    has signed out by then is a viewer.
    """
    way_in, key, vouched = door(), _key(), _vouched_for()
    origin = st.context.ip_address or _HERE

    def ask() -> Actor:
        signed_in = way_in.who(key) if key else VIEWER
        if signed_in is not VIEWER or vouched is None:
            return signed_in
        return way_in.by_provider(
            vouched.subject,
            vouched.name,
            vouched.issued_at,
            origin,
            verified_email=vouched.verified_email,
        )

    return ask


def sign_out() -> None:
    """End the sign-in of whoever has opened this page, in every tab."""
    if key := _key():
        door().sign_out(key)
    vouched = _vouched_for()
    if vouched is not None:
        door().sign_out_of_provider(vouched.subject, vouched.issued_at)
        st.logout()


def _key() -> str:
    # As a dict, since a page in Streamlit's AppTest has a stand-in that knows every cookie.
    return dict(st.context.cookies).get(cookie_name(), "")


class _Vouched(NamedTuple):
    subject: str
    name: str
    verified_email: str
    issued_at: datetime


def _vouched_for() -> _Vouched | None:
    """Return whom the identity provider vouches for in this tab."""
    if not st.user.get("is_logged_in"):
        return None
    subject, issued = st.user.get("sub"), st.user.get("iat")
    if not isinstance(issued, int | float):  # every ID token has it (OpenID Connect Core 1.0, 2)
        return None
    email = st.user.get("email")
    # Providers that do not verify addresses leave the claim out; one that says no, which some say
    # as text, is believed.
    is_verified = st.user.get("email_verified") not in (False, "false")
    if not isinstance(email, str) or not email:
        name, verified_email = str(subject), ""
    elif is_verified:
        name, verified_email = email, email
    else:
        name, verified_email = f"{email} (not verified)", ""
    at = datetime.fromtimestamp(issued, UTC)
    return _Vouched(f"{st.user.get('iss')} {subject}", name, verified_email, at)
