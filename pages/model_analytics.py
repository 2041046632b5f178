"""Model Analytics: how good the models are, compared with what, and whether they still are."""

import streamlit as st

st.title("Model Analytics")
st.write(
    "This page will compare each model with its baselines on data it has not seen, and show "
    "whether it still holds."
)
