"""Dashboard: what the fleet's telemetry says, and when capacity runs out."""

import streamlit as st

st.title("Dashboard")
st.write(
    "This page will show the fleet's telemetry: KPIs, charts, anomalies with their reason, and "
    "when each capacity runs out."
)
