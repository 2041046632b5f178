"""How a page says who is signed in, offers to sign in, and tells viewers what they may not do."""

import streamlit as st

from core import resources
from core.access import VIEWER, Actor, Role
from pages.ui.errors import as_text

__all__ = ["locked", "offer", "who"]


def locked(actor: Actor, to_do: str) -> str | None:
    """Return what a button that only admins may press says to `actor`; None for an admin."""
    return None if actor.role is Role.ADMIN else f"Sign in as an admin to {to_do}"


def offer(page: str, *, key: str) -> None:
    """Draw what leads to signing in, and from there back to `page`."""
    if resources.has_provider():
        st.button("Sign in", on_click=st.login, icon=":material/login:", type="primary", key=key)
    if not resources.has_provider() or resources.door().has_password:
        text = "Sign in by password" if resources.has_provider() else "Sign in"
        # In this tab: a link of Markdown would open another one, and leave this one signed out.
        st.html(f'<a href="sign-in?to={page}" target="_self" class="sign-in">{text}</a>')


def who(actor: Actor, page: str) -> None:
    """Draw the line of who is signed in, with the way out or in."""
    if actor is VIEWER:
        offer(page, key="frame_sign_in")
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        role = "" if actor.name == actor.role else f" ({actor.role})"
        st.caption(as_text(f"{actor.name}{role}"), width="content")
        st.button("Sign out", on_click=resources.sign_out, type="tertiary", key="frame_sign_out")
