"""AI Response: a reply to send, written from measured facts."""

import streamlit as st

from pages.ui import draft

st.title("AI Response")
st.write(
    "This page will write a reply to send from the measured facts: acknowledgement, likely causes, "
    "next steps and clarifying questions."
)
draft.show()
