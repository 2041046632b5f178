"""Admin: new data in, models retrained, versions switched, and who did what."""

import streamlit as st

st.title("Admin")
st.write(
    "This page will take in new data, retrain models, switch between their versions, and keep a "
    "record of who did what."
)
