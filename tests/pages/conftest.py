"""Pages run without a browser and without a server, and say in full what went wrong."""

import pytest
import streamlit as st

from core import resources
from core.access import VIEWER, Actor, Role

ADMIN = Actor(name="ada", role=Role.ADMIN, origin="127.0.0.1")


@pytest.fixture(autouse=True)
def _errors_in_full() -> None:
    # The app hides the text of unexpected errors from users; a test has to read it.
    st.set_option("client.showErrorDetails", "full")


@pytest.fixture(autouse=True)
def _nobody_is_signed_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand in for the cookies that a page in a test does not have."""
    monkeypatch.setattr(resources, "actor", lambda: VIEWER)


@pytest.fixture
def admin(monkeypatch: pytest.MonkeyPatch) -> Actor:
    """Sign an admin in."""
    monkeypatch.setattr(resources, "actor", lambda: ADMIN)
    return ADMIN
