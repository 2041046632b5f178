"""The frame of every page: title, menu and the quiet line at the foot of the sidebar."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from core import resources
from core.errors import StoreError
from pages.ui import admin_job, draft, signing
from pages.ui.errors import as_text

if TYPE_CHECKING:
    from core.failure.watch import HostWatch
    from core.telemetry.sampler import Sampler

__all__ = ["PAGES", "Page", "begin", "menu", "quiet_line"]

_ICON = Path(__file__).resolve().parents[2] / "assets" / "icon.svg"
_SIDEBAR_PX = 268
_PRODUCT = "AI Infrastructure Capacity Forecasting"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One line of the menu; `file` lies in pages/, and its name is the page's address."""

    file: str
    title: str
    icon: str
    question: str


PAGES: tuple[Page, ...] = (
    Page(
        file="dashboard.py",
        title="Dashboard",
        icon=":material/dashboard:",
        question="What does the fleet's telemetry say, and when does capacity run out?",
    ),
    Page(
        file="live_failure_prediction.py",
        title="Live Failure Prediction",
        icon=":material/monitor_heart:",
        question="Is this host about to fail, why, and how long is left?",
    ),
    Page(
        file="ticket_classifier.py",
        title="Ticket Classifier",
        icon=":material/label:",
        question="What kind of ticket is this, how sure are we, and what decided?",
    ),
    Page(
        file="ai_response.py",
        title="AI Response",
        icon=":material/reply:",
        question="What do we answer, and which measured facts stand behind it?",
    ),
    Page(
        file="model_analytics.py",
        title="Model Analytics",
        icon=":material/query_stats:",
        question="How good are the models, compared with what, and are they still?",
    ),
    Page(
        file="admin.py",
        title="Admin",
        icon=":material/settings:",
        question="New data in, models retrained, versions switched: who did what?",
    ),
)
# Where a visit without a page's address begins.
_LANDING = "dashboard.py"


def begin() -> None:
    """Set the page up; must come before anything is drawn."""
    # A file of our own: Streamlit would fetch the picture of a Material icon from the internet.
    st.set_page_config(
        page_title=_PRODUCT, page_icon=_ICON, layout="wide", initial_sidebar_state=_SIDEBAR_PX
    )
    st.logo(_ICON)
    draft.closed()


def menu() -> st.Page:
    """Draw the menu of the six pages and return the one that is open.

    Streamlit serves the default page at / only and calls its own address unknown. So the default
    is an unseen page that passes on, and each of the six has its address.
    """
    landing = st.Page(_land, title=_PRODUCT, default=True, visibility="hidden")
    pages = [st.Page(page.file, title=page.title, icon=page.icon) for page in PAGES]
    return st.navigation([landing, *pages])


def _land() -> None:
    st.switch_page(_LANDING)


def quiet_line(page: str) -> None:
    """Say in one quiet line of the sidebar what runs, and who is signed in on the open `page`."""
    # Fetched out here: what a fragment raises would be raised again at every one of its turns.
    host, sampler, watch = resources.settings().host_name, resources.sampler(), resources.watch()
    # css.css moves this container below whatever the open page puts into the sidebar.
    with st.sidebar.container(key="frame_quiet"):
        _what_runs(host, sampler, watch)
        signing.who(resources.actor(), page)
    resources.store()  # where it cannot be opened, every page says so


# One part: every turn of one, on every open page, costs the server the beginning of a run. And not
# after whole seconds, as the parts of pages: where the turn of one comes while another ends,
# Streamlit 1.67 can lose what that one drew.
@st.fragment(run_every="12.7s", key="frame_what_runs")
def _what_runs(host: str, sampler: "Sampler", watch: "HostWatch") -> None:
    """Say what is sampled, by which model it is judged, and what trains."""
    known = watch.status()
    says = [host, "paused" if sampler.is_paused else f"sampled every {sampler.interval_s:g} s"]
    if known.forecast is not None:
        says.append(f"model {known.forecast.model_version}")
    elif known.state == "no model":
        says.append("no model")
    st.caption(as_text(" · ".join(says)))
    try:
        trains = admin_job.quiet_words()
    except StoreError:  # the page says it where it needs the database; this is asked at each turn
        trains = ""
        st.caption(":orange[▲ The database cannot be reached.]")
    if trains:
        st.caption(as_text(f"{trains} (Admin, Jobs)"))
