"""Dashboard: what the fleet's telemetry says, and when capacity runs out."""

from collections.abc import Sequence

import streamlit as st

from core import fleet_jobs, resources
from core.artifacts import Manifest
from core.dataset.overview import Filters, Overview
from core.errors import ArtifactError, MissingDataError
from core.forecast import CapacityRow
from pages.ui import (
    capacity_words,
    fleet_charts,
    fleet_figures,
    fleet_filters,
    fleet_notice,
    moments,
    work_progress,
)
from pages.ui.capacity_words import NextLimit
from pages.ui.errors import as_text

SECTIONS = ("Overview", "Anomalies", "Capacity")

zone = moments.browser_zone()


def ticket_model() -> Manifest | None:
    """Return what is on record of the active ticket model, where there is one."""
    try:
        return resources.ticket_manifest()
    except ArtifactError:
        return None


def capacity_rows(filters: Filters) -> tuple[CapacityRow, ...] | None:
    """Return when the fleet and the VMs that count reach their limits, None while not known."""
    found = resources.capacity().status().result
    if found is None:
        return None
    wanted = {fleet_jobs.FLEET, *filters.vms}
    forecasts = [one for one in found.forecasts if not filters.vms or one.resource in wanted]
    return fleet_jobs.capacity_rows(forecasts, resources.limits(), {})


def following_limit(rows: Sequence[CapacityRow] | None) -> NextLimit:
    """Return which limit is reached next."""
    if rows is not None:
        return capacity_words.next_limit(rows)
    is_running = resources.capacity().status().state == "running"
    return NextLimit(waiting="being forecast" if is_running else "no forecast")


def overview(view: Overview) -> None:
    """Show the four charts of the selection."""
    fleet_charts.draw(view, zone)


def page() -> None:
    """Show the active dataset."""
    fleet = resources.fleet()
    report = fleet.dataset.report
    filters = fleet_filters.draw(resources.choices(), fleet.search_vms, zone)
    view = resources.overview(filters)
    rows = capacity_rows(filters)
    following = following_limit(rows)
    horizon_days = resources.settings().forecast_days
    line = capacity_words.line(view.summary.vms, rows, following, horizon_days)
    st.header(as_text(line), anchor=False)
    fleet_notice.draw(report, following, zone)
    work_progress.draw(
        resources.capacity(), key="dash_waits", again=resources.capacity_again, is_large=False
    )
    fleet_figures.draw(
        view.summary,
        n_rows=report.rows_kept,
        n_vms=report.vm_count or 0,
        ticket_model=ticket_model(),
        next_limit=following,
        zone=zone,
    )
    section = st.segmented_control(
        "Section",
        SECTIONS,
        default=SECTIONS[0],
        required=True,
        key="section",
        bind="query-params",
        label_visibility="collapsed",
    )
    if section == "Overview":
        overview(view)


st.title("Dashboard", anchor=False)
try:
    resources.dataset()
except MissingDataError as error:
    fleet_notice.nothing(str(error))
else:
    page()
