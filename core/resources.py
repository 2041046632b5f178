"""What the pages share, built once per process on first use: the app's composition root."""

import streamlit as st

import config

__all__ = ["settings"]


@st.cache_resource
def settings() -> config.Settings:
    """Return the settings; SettingsError where one cannot be used."""
    return config.load()
