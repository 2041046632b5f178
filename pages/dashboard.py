"""Dashboard: what the fleet's telemetry says, and when capacity runs out."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import streamlit as st

from core import fleet_jobs, resources
from core.artifacts import Manifest
from core.dataset.anomalies import Anomaly
from core.dataset.overview import NOT_GIVEN, Filters, Overview
from core.errors import ArtifactError, MissingDataError
from core.fleet_jobs import Course
from core.forecast import CapacityRow, Limits, WhatIf
from pages.ui import (
    anomaly_detail,
    anomaly_table,
    capacity_chart,
    capacity_table,
    capacity_what_if,
    capacity_words,
    draft,
    fleet_charts,
    fleet_figures,
    fleet_filters,
    fleet_notice,
    machine_panel,
    moments,
    work_progress,
)
from pages.ui.capacity_words import NextLimit
from pages.ui.errors import as_text

SECTIONS = ("Overview", "Anomalies", "Capacity")
NO_LIMITS: Mapping[tuple[str, str], Limits] = MappingProxyType({})

zone = moments.browser_zone()


def ticket_model() -> Manifest | None:
    """Return what is on record of the active ticket model, where there is one."""
    try:
        return resources.ticket_manifest()
    except ArtifactError:
        return None


def capacity_rows(
    filters: Filters,
    what_if: WhatIf | None = None,
    own: Mapping[tuple[str, str], Limits] = NO_LIMITS,
) -> tuple[CapacityRow, ...] | None:
    """Return when the fleet and the VMs that count reach their limits, None while not known."""
    forecasts = resources.capacity_of(filters)
    if forecasts is None:
        return None
    return fleet_jobs.capacity_rows(forecasts, resources.limits(), own, what_if)


def rows_in_short(filters: Filters) -> tuple[CapacityRow, ...] | None:
    """Return the rows that the line and the card sum up: of a selection, those of its VMs alone."""
    rows = capacity_rows(filters)
    if rows is None or filters == Filters():
        return rows
    return tuple(row for row in rows if row.resource != fleet_jobs.FLEET)


def following_limit(rows: Sequence[CapacityRow] | None) -> NextLimit:
    """Return which limit is reached next."""
    if rows is not None:
        return capacity_words.next_limit(rows)
    is_running = resources.capacity().status().state == "running"
    return NextLimit(waiting="being forecast" if is_running else "no forecast")


def overview(view: Overview, filters: Filters) -> None:
    """Show the four charts of the selection, and of a single VM all there is."""
    fleet_charts.draw(view, zone)
    if len(filters.vms) == 1:
        one_vm(filters.vms[0], filters)


def one_vm(vm_id: str, filters: Filters) -> None:
    """Show the measurements, events, tickets and forecasts of one VM."""
    machine = resources.machine(vm_id, filters)
    st.header(as_text(vm_id), anchor=False)
    machine_panel.series(machine, zone, is_demo=resources.dataset().report.is_demo)
    with st.grid(2, min_column_width=400):
        with st.container():
            st.subheader("Events", anchor=False)
            machine_panel.events(machine, zone)
        with st.container():
            st.subheader("Tickets", anchor=False)
            machine_panel.tickets(machine, zone)
    st.subheader("Capacity", anchor=False)
    rows = capacity_rows(Filters(vms=(vm_id,)))
    if rows is None:
        work_progress.draw(resources.capacity(), key="dash_vm", again=resources.capacity_again)
        return
    own = [row for row in rows if row.resource == vm_id]
    if not own:
        found = resources.capacity().status().result
        st.caption("" if found is None else found.why_unknown)
        return
    with st.grid(2, min_column_width=400):
        for row in own:
            with st.container(gap="xxsmall"):
                st.caption(as_text(f"{capacity_table.name_of(row)}: {row.answer}"))
                key = f"dash_vm_ahead_{row.metric}"
                capacity_chart.draw(row, course_of(row), key=key, zone=zone)


def course_of(row: CapacityRow) -> Course | None:
    """Return how the metric of a row went; None where that is not known."""
    known: tuple[Course, ...] = ()
    for work in (resources.capacity(), resources.host_capacity()):
        found = work.status().result
        known += () if found is None else found.courses
    for course in known:
        if (course.resource, course.metric) == (row.resource, row.metric):
            return course
    for series in resources.machine(row.resource, Filters()).series:
        if series.column == row.metric:
            course = Course(
                resource=row.resource,
                metric=row.metric,
                at=series.at,
                low=series.low,
                mean=series.mean,
                high=series.high,
            )
            return course.as_rate() if row.is_rate else course
    return None


def capacity(filters: Filters) -> None:
    """Show what runs out when, also under assumptions, and one row of it in full."""
    if filters != Filters(vms=filters.vms):
        st.caption("The filters choose the VMs: a forecast looks at all of a VM's past.")
    own = capacity_what_if.own_limits()
    above = st.grid(3, min_column_width=200)
    with above:
        what_if = capacity_what_if.assumptions()
    rows = capacity_rows(filters, what_if, own)
    if rows is None:
        work_progress.draw(resources.capacity(), key="dash_fleet", again=resources.capacity_again)
    of_host = resources.host_capacity().status().result
    if of_host is None:
        work_progress.draw(
            resources.host_capacity(), key="dash_host", again=resources.host_capacity_again
        )
    else:
        host = fleet_jobs.capacity_rows(of_host.forecasts, resources.limits(), own, what_if)
        rows = fleet_jobs.by_urgency([*(rows or ()), *host])
    if not rows:
        return
    opened = rows[0]
    # Not before all rows are there: a row that the address names would be taken for unknown.
    if resources.capacity().status().state != "running":
        with above:
            opened = capacity_table.pick(rows)
    capacity_what_if.say(what_if)
    capacity_table.draw(rows, zone, is_assumed=what_if != WhatIf())
    st.subheader(as_text(capacity_table.name_of(opened)), anchor=False)
    capacity_chart.draw(opened, course_of(opened), key="dash_ahead", zone=zone)
    with st.grid(2, min_column_width=320):
        with st.container():
            capacity_chart.facts(opened, zone)
        with st.container():
            usual = resources.limits().get(opened.metric, Limits())
            present = own.get((opened.resource, opened.metric), usual)
            capacity_what_if.limits_of(opened, present)


def show_vm(vm_id: str) -> None:
    """Go to all there is of one VM; for callbacks."""
    fleet_filters.show_vm(vm_id)
    st.session_state["section"] = SECTIONS[0]


def draft_ticket(row: Anomaly) -> None:
    """Keep a draft on an anomaly for the pages that work on tickets."""
    st.session_state["ticket_draft"] = anomaly_detail.draft(row)


def anomalies(filters: Filters) -> None:
    """Show the most unusual rows, why they are, and how much that is worth."""
    work = resources.anomalies(filters)
    answer = work.status().result
    if answer is None:
        work_progress.draw(work, key="dash_find", again=lambda: resources.anomalies_again(filters))
        return
    found = answer.anomalies
    anomaly_table.trust(answer.detection, lists_rows=bool(found.rows))
    if found.empty_reason is not None:
        if found.empty_reason != answer.detection.sentence:
            st.write(as_text(found.empty_reason))
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        opened = anomaly_table.pick(found.rows, zone)
        st.download_button(
            "Download as CSV",
            data=anomaly_table.as_csv(found.rows),
            file_name="anomalies.csv",
            mime="text/csv",
            icon=":material/download:",
            on_click="ignore",
            key="dash_download",
        )
        wants_draft = st.button(
            "Draft a ticket",
            icon=":material/edit_note:",
            on_click=draft_ticket,
            args=(opened,),
            help="Hand the open row on to the ticket pages",
            key="dash_draft",
        )
        if opened.vm_id != NOT_GIVEN:
            st.button("Show its VM", on_click=show_vm, args=(opened.vm_id,), key="dash_show_vm")
    st.caption(anomaly_table.counted(found))
    anomaly_table.draw(found, zone)
    around = None
    if opened.at is not None and opened.causes:
        span = Filters(
            since=opened.at - anomaly_detail.BEFORE, until=opened.at + anomaly_detail.AFTER
        )
        around = resources.machine(opened.vm_id, span)
    is_demo = resources.dataset().report.is_demo
    anomaly_detail.draw(opened, around, zone, is_demo=is_demo)
    if wants_draft:
        draft.offer()


def page() -> None:
    """Show the active dataset."""
    fleet = resources.fleet()
    report = fleet.dataset.report
    filters = fleet_filters.draw(resources.choices(), fleet.search_vms, zone)
    view = resources.overview(filters)
    rows = rows_in_short(filters)
    following = following_limit(rows)
    found = resources.capacity().status().result
    horizon_s = 0.0 if found is None else found.horizon_s
    line = capacity_words.line(view.summary.vms, rows, following, horizon_s)
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
        overview(view, filters)
    elif section == "Anomalies":
        anomalies(filters)
    elif section == "Capacity":
        capacity(filters)


st.title("Dashboard", anchor=False)
try:
    resources.dataset()
except MissingDataError as error:
    fleet_notice.nothing(str(error))
else:
    page()
