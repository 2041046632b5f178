"""One tile per metric: value, unit, recent course and how usual it is for this host."""

from collections.abc import Sequence
from pathlib import Path
from typing import TypedDict

import streamlit as st

from core import quantities
from core.failure.forecast import HostStatus
from core.metrics import MetricSpec, Reading, Sample
from core.telemetry.registry import create_metric, metric_names
from pages.ui import status

__all__ = ["draw"]

# The drawing of a course, in units of its own: the browser stretches it to the tile.
_WIDTH, _HEIGHT, _MARGIN = 100.0, 36.0, 3.0
# A course spans at least this share of its highest value: noise does not look like a cliff.
_LEAST_SPAN_RATIO = 0.1

# As forty elements of Streamlit's own the tiles cost the server as much as all else on the page.
_component = st.components.v2.component(
    "live_tiles",
    js=Path(__file__).with_name("live_tiles.js").read_text(encoding="utf-8"),
    isolate_styles=False,
)


class _Tile(TypedDict):
    """What one tile shows, as text; `colour` by Streamlit's name, `course` as the path of an SVG.

    `colour` and `course` are empty where there is none.
    """

    name: str
    label: str
    colour: str
    help: str
    value: str
    beside: str
    course: str
    alt: str


def draw(recent: Sequence[Sample], known: HostStatus) -> None:
    """Draw a tile for each reading of the last sample, five in a row where there is room.

    The tile of the metric at fault is marked.
    """
    cause = _at_fault(known)
    readings = recent[-1] if recent else _no_readings()
    _component(
        key="live_tiles",
        data={
            "box": f"0 0 {_WIDTH:g} {_HEIGHT:g}",
            "tiles": [_tile(reading, recent, known, cause) for reading in readings],
        },
    )


def _tile(
    reading: Reading, recent: Sequence[Sample], known: HostStatus, cause: str | None
) -> _Tile:
    spec = create_metric(reading.metric).spec
    mark = status.status(known.state) if spec.name == cause else None
    course, alt = _course([sample.reading(spec.name).value for sample in recent], spec)
    return {
        "name": spec.name,
        "label": spec.label if mark is None else f"{mark.symbol} {spec.label}",
        "colour": "" if mark is None else mark.streamlit_colour,
        "help": _exact(reading, spec),
        "value": "–" if reading.value is None else quantities.quantity(reading.value, spec.unit),
        "beside": _beside(reading, known),
        "course": course,
        "alt": alt,
    }


def _no_readings() -> list[Reading]:
    return [Reading(metric=name, value=None, gap="no sample yet") for name in metric_names()]


def _course(values: Sequence[float | None], spec: MetricSpec) -> tuple[str, str]:
    """Return the recent values as the path of an SVG, gaps as gaps, and what it shows in words.

    Both are empty where there are not two values to join.
    """
    measured = [value for value in values if value is not None]
    if len(measured) < 2:
        return "", ""
    low, high = min(measured), max(measured)
    span = max(high - low, _LEAST_SPAN_RATIO * abs(high), 1e-9)
    bottom = (low + high - span) / 2
    path, pen = [], "M"
    for place, value in enumerate(values):
        if value is None:
            pen = "M"
            continue
        x = _WIDTH * place / (len(values) - 1)
        y = _HEIGHT - _MARGIN - (_HEIGHT - 2 * _MARGIN) * (value - bottom) / span
        path.append(f"{pen}{x:.1f} {y:.1f}")
        pen = "L"
    alt = (
        f"{spec.label} of the last {len(values)} samples, from "
        f"{quantities.quantity(low, spec.unit)} to {quantities.quantity(high, spec.unit)}"
    )
    return "".join(path), alt


def _exact(reading: Reading, spec: MetricSpec) -> str:
    exact = "" if reading.value is None else f": {reading.value:,.6g} {spec.unit}".rstrip()
    return f"{spec.meaning}{exact}"


def _at_fault(known: HostStatus) -> str | None:
    forecast = known.forecast
    if known.state not in ("failing", "watch") or not forecast or not forecast.causes:
        return None
    # In the calm steps at the end of an alarm no metric is at fault any more.
    return forecast.causes[0].metric if forecast.is_raised else None


def _beside(reading: Reading, known: HostStatus) -> str:
    if reading.value is None:
        return reading.gap or "not measured"
    if reading.metric not in known.usual_percent:
        return "too short a past to compare with"
    share = known.usual_percent[reading.metric]
    return f"higher than {share:.0f} % of {_the_last(known.past_s)}"


def _the_last(past_s: float) -> str:
    """Return "the last day" for a day, "the last 40 min" for less."""
    return (
        "the last day" if 82_800 <= past_s <= 90_000 else f"the last {quantities.duration(past_s)}"
    )
