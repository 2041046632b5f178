"""The section of the page Admin on who is signed in, and the audit trail."""

from datetime import UTC, datetime, tzinfo

import streamlit as st

from core import quantities, resources
from core.access import Actor, Session
from pages.ui import admin_audit, moments
from pages.ui.errors import as_text

__all__ = ["draw"]


def draw(actor: Actor) -> None:
    """Draw the section."""
    zone = moments.browser_zone()
    sessions = resources.door().sessions()
    n = len(sessions)
    st.header(f"{n} {'sign-in is' if n == 1 else 'sign-ins are'} open", anchor=False)
    st.caption(_ways())
    for session in sessions:
        _session(actor, session, zone)
    st.subheader("Who did what", anchor=False)
    admin_audit.draw(actor, zone)


def _ways() -> str:
    """Return how people sign in here, and how that is changed."""
    door = resources.door()
    ways = []
    if resources.has_provider():
        ways.append("an identity provider (admins: ADMIN_EMAILS)")
    if door.has_password:
        ways.append("the admin's password")
    if door.offers_link:
        ways.append("a link that the app prints and that works once")
    hours = quantities.duration(resources.settings().session_hours * 3600)
    change = " `python -m core admin set-password` sets a password." if door.offers_link else ""
    return f"People sign in by {' or '.join(ways)}; a sign-in lasts {hours}.{change}"


def _session(actor: Actor, session: Session, zone: tzinfo | None) -> None:
    now = datetime.now(UTC)
    with (
        st.container(key=f"card_session_{session.id}"),
        st.container(
            horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"
        ),
    ):
        with st.container(width="content"):
            name = as_text(f"{session.actor.name} ({session.actor.role})")
            st.markdown(f"**{name}** from {as_text(session.actor.origin)}, by {session.way}")
            ago = quantities.age((now - session.began_at).total_seconds())
            st.caption(f"since {ago}, until {moments.zoned_minute(session.expires_at, zone)}")
        st.button(
            "Sign out",
            key=f"people_out_{session.id}",
            on_click=_end,
            args=(session.id,),
            help="Ends this sign-in in every tab in which it is open",
        )


def _end(session_id: str) -> None:
    resources.door().end(resources.actor(), session_id)
