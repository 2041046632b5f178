"""The section of the page Admin on health, the log, settings in force, files and libraries."""

from datetime import UTC, datetime

import streamlit as st

from core import quantities, resources
from core.access import Actor
from core.admin import health
from pages.ui import admin_log, moments
from pages.ui.errors import as_text
from pages.ui.status import as_markdown

__all__ = ["draw"]

_CHECKS_EVERY_S = 10.0


def draw(actor: Actor) -> None:
    """Draw the section."""
    st.fragment(_health, run_every=_CHECKS_EVERY_S, key="admin_health")(actor)
    parts = {
        "Log": lambda: admin_log.draw(actor),
        "Settings": _settings,
        "Files": lambda: _files(actor),
        "Libraries": _libraries,
    }
    part = st.segmented_control(
        "Part",
        list(parts),
        default="Log",
        required=True,
        key="part",
        bind="query-params",
        label_visibility="collapsed",
    )
    parts[part]()


def _health(actor: Actor) -> None:
    """Draw whether all is well, then each part."""
    checks = resources.health(actor)
    state, says = health.summary(checks)
    st.header(as_text(says), anchor=False)
    at = quantities.clock(datetime.now(UTC), moments.browser_zone())
    st.markdown(f"{as_markdown(state)}, looked at {at} and every {_CHECKS_EVERY_S:g} s")
    with st.container(key="card_admin_health", gap="xxsmall"), st.grid(3, min_column_width=280):
        for check in checks:
            name = check.name.capitalize()
            st.markdown(f"{as_markdown(check.state)} **{name}**  \n{as_text(check.found)}")


def _settings() -> None:
    listed = resources.settings_in_force()
    n_set = sum(setting.source != "default" for setting in listed)
    st.caption(
        f"{n_set} of {len(listed)} settings are not the default. They were read when the app "
        "started; change them in the environment or in .env, and start it again. `python run.py` "
        "hands HOST and PORT on through the environment."
    )
    st.dataframe(
        {
            "Setting": [setting.variable for setting in listed],
            "Value": [setting.value for setting in listed],
            "From": [setting.source for setting in listed],
            "Meaning": [setting.meaning for setting in listed],
        },
        column_config={
            "Setting": st.column_config.TextColumn(width=190),
            "Value": st.column_config.TextColumn(width=230),
            "From": st.column_config.TextColumn(width=95),
        },
        key="admin_settings",
        hide_index=True,
        height="content",
        alt=f"{len(listed)} settings with value, source and meaning; secrets are not shown",
    )


def _files(actor: Actor) -> None:
    places = resources.places(actor)
    st.dataframe(
        {
            "What": [place.holds for place in places],
            "Where": [str(place.path) for place in places],
            "Size": [_size(place.size_bytes) for place in places],
            "Can be written": ["● yes" if place.is_writable else "■ no" for place in places],
        },
        key="admin_places_table",
        hide_index=True,
        height="content",
        alt=f"{len(places)} folders and files of the app with their sizes",
    )


def _size(n_bytes: int | None) -> str:
    return "nothing there" if n_bytes is None else quantities.quantity(float(n_bytes), "B")


def _libraries() -> None:
    found = resources.packages()
    st.dataframe(
        {
            "Library": [package.name for package in found],
            "Installed": [package.installed or "■ missing" for package in found],
            "Asked for": [package.pinned or "3.11 to 3.13" for package in found],
        },
        key="admin_libraries",
        hide_index=True,
        height="content",
        alt=f"{len(found)} libraries with the version installed and the one asked for",
    )
