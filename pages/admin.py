"""Admin: new data in, models retrained, versions switched, and who did what."""

import streamlit as st

from core import resources
from core.access import Role
from pages.ui import (
    admin_data,
    admin_download,
    admin_jobs,
    admin_models,
    admin_people,
    admin_sign_in,
    admin_system,
)

SECTIONS = {
    "Data": admin_data.draw,
    "Models": admin_models.draw,
    "Jobs": admin_jobs.draw,
    "People and audit": admin_people.draw,
    "System": admin_system.draw,
}

st.title("Admin", anchor=False)
actor = resources.actor()
admin_download.refusals()
if actor.role is not Role.ADMIN:
    admin_sign_in.draw(actor)
    st.stop()
admin_download.keep_up()
section = st.segmented_control(
    "Section",
    list(SECTIONS),
    default="Data",
    required=True,
    key="section",
    bind="query-params",
    label_visibility="collapsed",
)
SECTIONS[section](actor)
