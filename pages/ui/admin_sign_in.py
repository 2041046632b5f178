"""The page Admin for who is no admin: what it is for, and how to get in."""

import streamlit as st

from core import resources
from core.access import Actor
from pages.ui import signing
from pages.ui.errors import as_text

__all__ = ["draw"]


def draw(actor: Actor) -> None:
    """Draw what stands in the place of the sections."""
    if actor.name:
        st.header("Admins only", anchor=False)
        st.write(
            f"{as_text(actor.name)} is signed in as a viewer. ADMIN_EMAILS names the admins: "
            "whoever runs the app can add an address there, and it counts where the identity "
            "provider has verified it."
        )
        return
    st.header("Sign in to go on", anchor=False)
    st.write(
        "Here admins bring new data in, retrain models, switch versions, and see who did what. "
        "Everything else in the app can be read without signing in."
    )
    if resources.door().offers_link:
        st.caption(
            "The app has printed a link in the terminal that it was started from. It signs in "
            "once; a new one can be printed there after that."
        )
    signing.offer("admin", key="admin_sign_in")
