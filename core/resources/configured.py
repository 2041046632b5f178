"""The settings, read once."""

import streamlit as st

import config

__all__ = ["settings"]


@st.cache_resource(show_spinner=False)
def settings() -> config.Settings:
    """Return the settings; SettingsError where one cannot be used."""
    return config.load()
