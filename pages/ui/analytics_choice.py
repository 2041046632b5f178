"""Which model, which version of it, and which other one beside it; all of it in the address."""

from dataclasses import dataclass

import streamlit as st

from core import resources

__all__ = ["NONE", "Choice", "draw"]

NONE = "none"
_AREAS = {"Failure model": "failure", "Ticket models": "tickets"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What was chosen; `other` is None where nothing is to be compared."""

    area: str
    version: str
    other: str | None
    active: str


def draw() -> Choice:
    """Draw the three choices in one row; ArtifactError where the model has no active version."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="analytics_choice"):
        model = st.segmented_control(
            "Model",
            list(_AREAS),
            default="Failure model",
            required=True,
            key="model",
            bind="query-params",
        )
        area = _AREAS[model or "Failure model"]
        active = resources.active_version(area)
        versions = resources.model_versions(area)
        names = list(dict.fromkeys((active, *versions)))
        version = st.selectbox(
            "Version",
            names,
            key=f"{area}_version",
            bind="query-params",
            width=160,
            help=f"{active} is active. The newest stand first after it.",
        )
        other = st.selectbox(
            "Compare with",
            [NONE, *(name for name in versions if name != version)],
            key=f"{area}_beside",
            bind="query-params",
            width=160,
        )
    return Choice(
        area=area,
        version=version or active,
        other=None if other in (None, NONE) else other,
        active=active,
    )
