"""Live Failure Prediction: is this host about to fail, why, and how long is left."""

import streamlit as st

st.title("Live Failure Prediction")
st.write("This page will say whether this host is about to fail, why, and how long is left.")
