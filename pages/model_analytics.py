"""Model Analytics: how good the models are, compared with what, and whether they still are."""

from dataclasses import replace

import streamlit as st

from core import resources
from core.analytics.figures import Matrix
from core.analytics.html import as_html
from pages.ui import analytics_choice, analytics_figures, work_progress
from pages.ui.errors import as_text

st.title("Model Analytics", anchor=False)
choice = analytics_choice.draw()
report = resources.model_report(choice.area, choice.version)
if choice.other is not None:
    beside = resources.comparison(choice.area, choice.version, choice.other)
    report = replace(report, sections=(beside, *report.sections))

work = resources.since(choice.area, choice.version)
found = work.status().result
if found is not None:
    report = replace(report, sections=(*report.sections, found))

st.header(as_text(report.headline), anchor=False)
for warning in report.warnings:
    st.markdown(f":orange[▲ {as_text(warning)}]")
if choice.version != choice.active:
    st.markdown(f":orange[▲ {choice.version} is not active: {choice.active} answers now.]")
with st.container(horizontal=True, vertical_alignment="center", key="analytics_tools"):
    st.download_button(
        "Download the report",
        as_html(report).encode(),
        file_name=f"{choice.area}-{choice.version}.html",
        mime="text/html",
        icon=":material/download:",
        on_click="ignore",
        key="analytics_download",
    )
    if any(isinstance(one, Matrix) for section in report.sections for one in section.figures):
        in_shares = st.toggle("Confusion as shares of the true one", key="analytics_shares")
    else:
        in_shares = False
for number, section in enumerate(report.sections):
    key = f"analytics_{choice.area}_{choice.version}_{number}"
    analytics_figures.draw(section, key=key, shares=in_shares)
if found is None:
    st.subheader("Does it still hold", anchor=False)
    work_progress.draw(
        work,
        key="analytics_since",
        again=lambda: resources.since_again(choice.area, choice.version),
    )
st.caption(as_text(report.footnote))
