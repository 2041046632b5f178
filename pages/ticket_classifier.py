"""Ticket Classifier: what kind of ticket this is, how sure we are, and what decided."""

import streamlit as st

from pages.ui import draft

st.title("Ticket Classifier")
st.write(
    "This page will name a ticket's category, say how sure it is, and show the words and numbers "
    "that decided."
)
draft.show()
