"""Live Failure Prediction: is this host about to fail, why, and how long is left."""

import json
from datetime import UTC, datetime

import streamlit as st

from core import quantities, resources
from core.admin import sampling
from core.errors import StoreError
from core.failure import sequence, ticket
from core.failure.forecast import FailureForecast, HostStatus, PastAlarm
from core.failure.windows import LENGTH
from pages.ui import (
    alarms_table,
    contributions,
    draft,
    freshness,
    metric_tiles,
    moments,
    risk,
    risk_history,
    sequence_form,
    signing,
)
from pages.ui.errors import as_text

SPARKLINE_STEPS = 60
# What changes between two samples, as a pause in another tab does, shows within this time.
REDRAW_S = 5.0

st.title("Live Failure Prediction", anchor=False)  # first: it stands where nothing else can
sampler, watch = resources.sampler(), resources.watch()
zone = moments.browser_zone()
interval_s = sampler.interval_s


def draft_ticket() -> None:
    """Keep a draft of what is known now for the pages that work on tickets."""
    known, sample = watch.status(), sampler.latest()
    forecast = known.forecast
    if forecast is not None and sample is not None:
        drafted = ticket.draft_ticket(sample.host, forecast, sample, state=known.state)
        st.session_state["ticket_draft"] = {
            "host": drafted.host,
            "text": drafted.text,
            "metrics": dict(drafted.metrics),
            "forecast": f"Probability of failure within "
            f"{quantities.duration(forecast.horizon_s)}: "
            f"{quantities.percent(forecast.probability)}. {risk.as_sentence(forecast.reason)}",
        }


@st.dialog("Ticket draft", width="large")
def offer_draft() -> None:
    """Show the draft and the pages that go on with it."""
    draft.show()
    with st.container(horizontal=True):
        # Links: a switch from here can be lost to the parts of this page that redraw themselves.
        st.page_link("ticket_classifier.py", label="Classify it", icon=":material/label:")
        st.page_link("ai_response.py", label="Write the reply", icon=":material/reply:")


def take_sequence() -> None:
    """Keep the last ten steps as they are now, for `offer_sequence`."""
    steps = sampler.recent(LENGTH)
    document = sequence.sequence_document(steps, interval_s)
    st.session_state["live_taken"] = json.dumps(document, indent=1)


@st.dialog("The last ten steps", width="large")
def offer_sequence() -> None:
    """Show the steps that `take_sequence` kept, and offer them as a file.

    The file is that of one moment. A button among the parts of this page that redraw themselves
    would have another file with every sample, and Streamlit throws away the one that a browser
    has just asked for.
    """
    taken = st.session_state["live_taken"]
    st.write("The ten metrics as they were at the click; “Predict from a sequence” takes them too.")
    st.code(taken, language="json", height=320)
    st.download_button(
        "Download as JSON",
        data=taken,
        file_name="sequence.json",
        mime="application/json",
        icon=":material/download:",
        on_click="ignore",
        type="primary",
        key="live_download",
    )


def pause() -> None:
    """Stop taking samples, for everyone who looks at this host."""
    host = resources.settings().host_name
    sampling.pause(resources.actor(), resources.store(), sampler, host)


def resume() -> None:
    """Take samples again."""
    host = resources.settings().host_name
    sampling.resume(resources.actor(), resources.store(), sampler, host)


def predict(data: bytes, name: str) -> FailureForecast:
    """Return the forecast for a sequence that a person brought."""
    parsed = sequence.parse_sequence(data, name)
    step_s = interval_s if parsed.interval_s is None else parsed.interval_s
    return resources.failure_model().forecast(parsed.values, interval_s=step_s)


def actions() -> None:
    """Draw the buttons; what they can do changes with the samples, and in other tabs."""
    is_paused, opens = sampler.is_paused, ""
    lock = signing.locked(resources.actor(), "pause and resume sampling for everyone")
    with st.container(horizontal=True, width="content"):
        # Of one width, so that nothing moves under the pointer when the word changes. And of two
        # keys: Streamlit 1.67 under load took one click for two, and the second undid the first.
        st.button(
            "Resume" if is_paused else "Pause",
            icon=":material/play_arrow:" if is_paused else ":material/pause:",
            on_click=resume if is_paused else pause,
            width=115,
            disabled=lock is not None,
            help=lock,
            key="live_resume" if is_paused else "live_pause",
        )
        if st.button(
            "Download sequence",
            icon=":material/download:",
            on_click=take_sequence,
            disabled=len(sampler.recent(LENGTH)) < LENGTH,
            help="The last ten steps of the ten metrics as JSON",
            key="live_sequence_taken",
        ):
            opens = "sequence"
        if st.button(
            "Draft a ticket",
            icon=":material/edit_note:",
            on_click=draft_ticket,
            disabled=watch.status().forecast is None,
            help="Hand host, reason and measured numbers on to the ticket pages",
            key="live_draft",
        ):
            opens = "draft"
    if opens:  # a dialog is the page's: the next redraw of the live part would close it
        st.session_state["live_opens"] = opens
        st.rerun()


def data_age() -> None:
    """Say how old the data is, which ages between two samples too, and where it is not kept."""
    freshness.draw(
        sampler.latest(),
        now=datetime.now(UTC),
        interval_s=interval_s,
        is_paused=sampler.is_paused,
        zone=zone,
        key="live_age",
    )
    if sampler.problem is not None:
        st.caption(f":orange[▲ Samples are shown and not kept.] {as_text(sampler.problem)}")


def answer(known: HostStatus) -> None:
    """Say whether the host is fine, how sure that is, why, and how long is left."""
    now = datetime.now(UTC)
    line = risk.sentence(known, now=now, interval_s=interval_s, is_paused=sampler.is_paused)
    st.header(line, anchor=False)
    with st.container(key="card_answer"):
        risk.answer(known, now=now, interval_s=interval_s, zone=zone)


def evidence(known: HostStatus) -> None:
    """Show the probability over time, what it is made of, and the alarms of the past."""
    past: tuple[PastAlarm, ...] = ()
    try:
        past = watch.alarms()
    except StoreError as error:  # the rest of the page needs no database
        st.caption(f":orange[▲ Past alarms are not shown.] {as_text(str(error))}")
    st.subheader("Probability over time", anchor=False)
    risk_history.draw(known, past, interval_s=interval_s, zone=zone)
    with st.grid(2, min_column_width=400):
        with st.container():
            st.subheader("What raises and what lowers it", anchor=False)
            contributions.ranked(known.forecast, key="live_ranked")
        with st.container():
            st.subheader("Where in the scored window", anchor=False)
            contributions.heatmap(known.forecast, key="live_heatmap")
    st.subheader("Past alarms", anchor=False)
    alarms_table.draw(past, now=datetime.now(UTC), zone=zone)


@st.fragment(run_every=min(REDRAW_S, interval_s), key="live")
def live() -> None:
    """Draw all that moves.

    In one part: several that redraw themselves cost the server as many runs, and one whose turn
    comes while another ends can lose what it draws.
    """
    known = watch.status()
    # Below the title: the header of Streamlit lies over the upper right corner, and takes clicks.
    with st.container(horizontal=True, vertical_alignment="center"):
        data_age()
        actions()
    answer(known)
    metric_tiles.draw(sampler.recent(SPARKLINE_STEPS), known)
    evidence(known)


@st.fragment
def own_sequence() -> None:
    """Take a sequence that a person brings, and show its forecast."""
    sequence_form.draw(predict)


live()
with st.expander("Predict from a sequence of your own"):
    own_sequence()
match st.session_state.pop("live_opens", ""):
    case "draft":
        offer_draft()
    case "sequence":
        offer_sequence()
