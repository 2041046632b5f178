"""What a reader should know of the fleet dataset, and what to do where there is none."""

from datetime import UTC, datetime, tzinfo

import streamlit as st

from core.dataset import DatasetReport
from core.dataset.manifest import IMPORT_COMMAND
from pages.ui import moments
from pages.ui.capacity_words import NextLimit
from pages.ui.errors import as_text

__all__ = ["draw", "nothing"]

_OLD_DAYS = 2.0


def draw(report: DatasetReport, following: NextLimit, zone: tzinfo | None) -> None:
    """Say that demo data are demo, and that old data count from their own end."""
    lines = [":orange[▲ Demo data], all made up."] if report.is_demo else []
    forecast = following.row.forecast if following.row else None
    if forecast is not None:
        age_days = (datetime.now(UTC) - forecast.history_end).total_seconds() / 86_400
        if age_days > _OLD_DAYS:
            end = as_text(moments.zoned_minute(forecast.history_end, zone))
            lines.append(f"Time ahead counts from {end}.")
    if not lines:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(" ".join(lines), width="content")
        if report.is_demo:
            _way_to_upload("Bring your own")


def nothing(error: str) -> None:
    """Say what the page would show, and how to get there."""
    st.header("No fleet data yet.", anchor=False)
    with st.container(key="card_dash_nothing"):
        st.write(
            "Here come the figures of a fleet: load over time, task types, anomalies with their "
            "reason, and when each capacity runs out."
        )
        st.write(
            "It takes a CSV file with `vm_id`, `timestamp` and measurements such as `cpu_usage`, "
            f"brought in Admin or by {IMPORT_COMMAND}. To look around first, make one up with "
            "`python -m core dataset demo --out FILE.csv`."
        )
        _way_to_upload("Bring a file")
        st.caption(as_text(error))


def _way_to_upload(label: str) -> None:
    """Lead to where an admin uploads a file; a viewer is asked there to sign in."""
    st.page_link(
        "admin.py", label=label, icon=":material/upload:", query_params={"section": "Data"}
    )
