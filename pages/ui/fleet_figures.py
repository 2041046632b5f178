"""The figures above the charts of the Dashboard: one card each."""

from datetime import tzinfo

import streamlit as st

from core import quantities
from core.artifacts import Manifest
from core.dataset.overview import Summary
from pages.ui import capacity_words, moments
from pages.ui.capacity_words import NextLimit
from pages.ui.errors import as_text

__all__ = ["draw"]

_HEIGHT_PX = 104


def draw(
    summary: Summary,
    *,
    n_rows: int,
    n_vms: int,
    ticket_model: Manifest | None,
    next_limit: NextLimit,
    zone: tzinfo | None,
) -> None:
    """Draw the cards; `n_rows` and `n_vms` are those of the whole dataset."""
    with st.grid(6, min_column_width=160, gap="xsmall", key="dash_figures"):
        _card("rows", "Rows", f"{summary.rows:,}", _of(summary.rows, n_rows))
        vms = f"{'about ' if summary.vms_are_estimated else ''}{summary.vms:,}"
        _card("vms", "VMs", vms, _of(summary.vms, n_vms))
        _card(
            "anomalies", "Anomaly rate", *_anomalies(summary), help_text=_change_in_words(summary)
        )
        _card("window", "Time window", *_window(summary, zone))
        _card("tickets", "Best ticket model", *_tickets(ticket_model))
        _card("limit", "Next capacity limit", *capacity_words.card(next_limit))


def _card(key: str, label: str, value: str, beside: str, *, help_text: str | None = None) -> None:
    with st.container(key=f"card_dash_{key}", height=_HEIGHT_PX, border=False, gap="xxsmall"):
        st.metric(label, value, help=help_text)
        st.caption(as_text(beside))


def _of(n: int, n_all: int) -> str:
    return "all of them" if n == n_all else f"of {n_all:,}"


def _anomalies(summary: Summary) -> tuple[str, str]:
    if summary.anomaly_rate is None:
        return "–", "no row is judged"
    rate = quantities.quantity(100 * summary.anomaly_rate, "%")
    beside = f"{summary.anomalies:,} of {summary.judged:,}"
    change = summary.rate_change
    if change is not None:
        points = quantities.rounded(abs(100 * change))
        arrow = "no change" if points == "0" else f"{'▲' if change > 0 else '▼'} {points} points"
        beside = arrow
    return rate, beside


def _change_in_words(summary: Summary) -> str:
    judged = f"{summary.anomalies:,} of the {summary.judged:,} rows with an anomaly_status."
    if summary.rate_change is None or summary.preceding_rate is None:
        return as_text(f"{judged} {summary.no_change_reason or ''}")
    before = quantities.quantity(100 * summary.preceding_rate, "%")
    return as_text(
        f"{judged} In the time of the same length before it was {before} of "
        f"{summary.preceding_judged:,} rows."
    )


def _window(summary: Summary, zone: tzinfo | None) -> tuple[str, str]:
    if summary.since is None or summary.until is None:
        return "–", "no row has a time"
    length_s = (summary.until - summary.since).total_seconds()
    return quantities.duration(length_s), moments.days(summary.since, summary.until, zone)


def _tickets(model: Manifest | None) -> tuple[str, str]:
    if model is None:
        return "–", "none is trained"
    baseline = max(
        (scores["weighted_f1"]["value"] for scores in model.baseline_scores.values()), default=None
    )
    beside = "" if baseline is None else f"best baseline {baseline:.2f}"
    return f"F1 {model.scores['weighted_f1']['value']:.2f}", beside
