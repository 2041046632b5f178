"""The alarms of the past, the latest first."""

from collections.abc import Sequence
from datetime import datetime, tzinfo

import streamlit as st

from core import quantities
from core.failure.forecast import PastAlarm
from core.metrics import metric_spec
from pages.ui import risk

__all__ = ["draw"]


def draw(past: Sequence[PastAlarm], *, now: datetime, zone: tzinfo | None) -> None:
    """Draw a row per alarm, or say that there was none."""
    if not past:
        st.caption(
            "No alarm so far. Each one will be listed here with its start, duration, peak, cause "
            "and reason."
        )
        return
    st.dataframe(
        {
            "Start": [quantities.moment(alarm.started_at, zone) for alarm in past],
            "Duration": [_lasted(alarm, now) for alarm in past],
            "Peak": [quantities.percent(alarm.peak_probability) for alarm in past],
            "Cause": [_cause(alarm) for alarm in past],
            "Reason": [risk.as_sentence(alarm.reason) for alarm in past],
        },
        key="live_alarms",
        hide_index=True,
        column_config={"Reason": st.column_config.TextColumn(width="large")},
        alt=f"{len(past)} past alarms with start, duration, peak, cause and reason",
    )


def _cause(alarm: PastAlarm) -> str:
    return metric_spec(alarm.cause).label if alarm.cause else "not known"


def _lasted(alarm: PastAlarm, now: datetime) -> str:
    if alarm.ended_at is None:
        return f"{quantities.duration((now - alarm.started_at).total_seconds())}, not over"
    return quantities.duration((alarm.ended_at - alarm.started_at).total_seconds())
