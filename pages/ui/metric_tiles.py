"""One tile per metric: value, unit, recent course and how usual it is for this host."""

from collections.abc import Sequence

import streamlit as st

from core import quantities
from core.failure.forecast import HostStatus
from core.metrics import MetricSpec, Reading, Sample
from core.telemetry.registry import create_metric, metric_names
from pages.ui import charts, status
from pages.ui.errors import as_text

__all__ = ["draw"]

_TILE_HEIGHT_PX = 166
_COURSE_HEIGHT_PX = 36
# A course spans at least this share of its highest value: noise does not look like a cliff.
_LEAST_SPAN_RATIO = 0.1


def draw(recent: Sequence[Sample], known: HostStatus) -> None:
    """Draw a tile for each reading of the last sample, five in a row where there is room.

    The tile of the metric at fault is marked.
    """
    cause = _at_fault(known)
    # No narrower than "higher than 97 % of the last day" on two lines.
    with st.grid(5, min_column_width=170, gap="xsmall", key="live_tiles"):
        for reading in recent[-1] if recent else _no_readings():
            spec = create_metric(reading.metric).spec
            with st.container(
                key=f"card_tile_{spec.name}", height=_TILE_HEIGHT_PX, border=False, gap="xxsmall"
            ):
                st.metric(
                    _marked(spec.label, known.state) if spec.name == cause else spec.label,
                    "–" if reading.value is None else quantities.quantity(reading.value, spec.unit),
                    help=_exact(reading, spec),
                )
                st.caption(_beside(reading, known))
                _course([sample.reading(spec.name).value for sample in recent], spec)


def _no_readings() -> list[Reading]:
    return [Reading(metric=name, value=None, gap="no sample yet") for name in metric_names()]


def _course(values: Sequence[float | None], spec: MetricSpec) -> None:
    """Draw the recent values, gaps as gaps; nothing where there are not two to join."""
    measured = [value for value in values if value is not None]
    if len(measured) < 2:
        return
    low, high = min(measured), max(measured)
    margin = max(high - low, _LEAST_SPAN_RATIO * abs(high), 1e-9) - (high - low)
    chart = charts.figure(
        {
            "type": "scatter",
            "y": values,
            "mode": "lines",
            "line": {"color": "var(--st-blue-color)", "width": 1.5},
        },
        height=_COURSE_HEIGHT_PX,
        revision=spec.name,
        x={"visible": False},
        y={"visible": False, "range": [low - margin / 2, high + margin / 2]},
        margin={"l": 0, "r": 0, "t": 3, "b": 3},
    )
    charts.live(
        chart,
        key=f"live_course_{spec.name}",
        is_static=True,
        alt=f"{spec.label} of the last {len(values)} samples, from "
        f"{quantities.quantity(low, spec.unit)} to {quantities.quantity(high, spec.unit)}",
    )


def _exact(reading: Reading, spec: MetricSpec) -> str:
    exact = "" if reading.value is None else f": {reading.value:,.6g} {spec.unit}".rstrip()
    return as_text(f"{spec.meaning}{exact}")


def _at_fault(known: HostStatus) -> str | None:
    if known.state not in ("failing", "watch") or not known.forecast or not known.forecast.causes:
        return None
    return known.forecast.causes[0].metric


def _marked(label: str, state: str) -> str:
    known = status.status(state)
    return f":{known.streamlit_colour}[{known.symbol} {label}]"


def _beside(reading: Reading, known: HostStatus) -> str:
    if reading.value is None:
        return as_text(reading.gap or "not measured")
    if reading.metric not in known.usual_percent:
        return "too short a past to compare with"
    share = known.usual_percent[reading.metric]
    return f"higher than {share:.0f} % of {_the_last(known.past_s)}"


def _the_last(past_s: float) -> str:
    """Return "the last day" for a day, "the last 40 min" for less."""
    return (
        "the last day" if 82_800 <= past_s <= 90_000 else f"the last {quantities.duration(past_s)}"
    )
