"""What if: more work, more hosts, other limits; for this session only."""

import streamlit as st

from core.forecast import CapacityRow, Limits, WhatIf
from pages.ui import capacity_words, dataset_words

__all__ = ["assumptions", "limits_of", "own_limits", "say"]

_LIMITS = "dash_own_limits"


def assumptions() -> WhatIf:
    """Draw the assumptions on load and hosts, and return them."""
    growth = st.slider(
        "Growth of the load",
        min_value=0.5,
        max_value=3.0,
        value=1.0,
        step=0.05,
        format="%.2f ×",
        key="growth",
        bind="query-params",
    )
    hosts = st.number_input(
        "Extra hosts in the fleet",
        min_value=0,
        max_value=100_000,
        value=0,
        key="hosts",
        bind="query-params",
        help="They take an equal part of the fleet's CPU and memory load.",
    )
    return WhatIf(growth=float(growth), extra_hosts=int(hosts or 0))


def say(assumed: WhatIf) -> None:
    """Say whether what stands below is assumed; there is a line either way, so nothing jumps."""
    if assumed == WhatIf():
        st.caption("Nothing is assumed: levels are as measured.")
        return
    parts = [f"{assumed.growth:.2f} × the load"] if assumed.growth != 1.0 else []
    if assumed.extra_hosts:
        parts.append(dataset_words.counted(assumed.extra_hosts, "extra host"))
    st.markdown(
        f":orange[▲ What if]: {' and '.join(parts)}. What has a forecast is shown below as it "
        "would then be, its present level too; the line and the cards above stay as measured."
    )


def own_limits() -> dict[tuple[str, str], Limits]:
    """Return the limits that were set in this session, by resource and metric."""
    kept = st.session_state.get(_LIMITS, {})
    return {
        key: Limits(warning=warning, hard=hard, excluded=excluded)
        for key, (warning, hard, excluded) in kept.items()
    }


def limits_of(row: CapacityRow, present: Limits) -> None:
    """Draw a form for other limits of one row; they hold from the next run on."""
    unit = capacity_words.column_of(row).unit
    place = f"{row.resource} {row.metric}"
    with st.form(f"dash_limits {place}", border=False):
        with st.grid(2, min_column_width=120):
            warning = st.number_input(
                f"Warning{', ' if unit else ''}{unit}",
                min_value=0.0,
                value=present.warning,
                placeholder="no limit",
                key=f"dash_warning {place}",
            )
            hard = st.number_input(
                f"Hard{', ' if unit else ''}{unit}",
                min_value=0.0,
                value=present.hard,
                placeholder="no limit",
                key=f"dash_hard {place}",
            )
        excluded = st.text_input(
            "No limit, because",
            value=present.excluded or "",
            placeholder="e.g. it is meant to be busy all the time",
            max_chars=200,
            key=f"dash_excluded {place}",
        )
        if st.form_submit_button("Try these limits", key=f"dash_set_limits {place}"):
            if warning is not None and hard is not None and warning > hard:
                st.error("The warning limit is above the hard one; swap them.")
                return
            kept = st.session_state.setdefault(_LIMITS, {})
            kept[(row.resource, row.metric)] = (warning, hard, excluded.strip() or None)
            st.rerun()
    if (row.resource, row.metric) in st.session_state.get(_LIMITS, {}):
        st.button(
            "Back to the usual limits",
            key=f"dash_usual {place}",
            on_click=lambda: st.session_state[_LIMITS].pop((row.resource, row.metric), None),
        )
