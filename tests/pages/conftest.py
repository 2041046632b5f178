"""Pages run without a browser and without a server, and say in full what went wrong."""

import pytest
import streamlit as st


@pytest.fixture(autouse=True)
def _errors_in_full() -> None:
    # The app hides the text of unexpected errors from users; a test has to read it.
    st.set_option("client.showErrorDetails", "full")
