"""The settings, read once."""

import streamlit as st

import config

__all__ = ["settings", "settings_in_force"]


@st.cache_resource(show_spinner=False)
def _read() -> config.InForce:
    return config.read()


def settings() -> config.Settings:
    """Return the settings; SettingsError where one cannot be used."""
    return _read().settings


def settings_in_force() -> tuple[config.SettingInForce, ...]:
    """Return the settings one by one, as people may see them, each with where it came from."""
    return _read().listed
