"""Model Analytics: how good the models are, compared with what, and whether they still are."""

import streamlit as st

from core import resources
from pages.ui import failure_scores

st.title("Model Analytics", anchor=False)
failure_scores.draw(resources.failure_manifest())
st.caption(
    "This page will also compare versions, judge the ticket models and show whether a model still "
    "holds."
)
