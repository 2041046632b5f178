"""Why to trust the ticket model, or not: what it learnt from, its score and that of its rivals."""

import streamlit as st

from core.tickets.predict import TicketModel
from core.tickets.report import Interval, TrainingReport
from pages.ui.errors import as_text

__all__ = ["draw", "warnings"]


def warnings(report: TrainingReport) -> None:
    """Say what a person has to know before believing any answer."""
    if report.is_demo:
        st.markdown(
            ":orange[▲ Demo model]: it was trained on made-up tickets. Train it on your own with "
            "`python -m core tickets train --data FILE`."
        )
    if report.is_derived_by_rule:
        st.markdown(
            ":orange[▲ Derived by rule]: nobody filed the tickets it was trained on; a rule made "
            "their categories from the telemetry, and its score says how well it learnt that rule."
        )
    if not report.beats_baselines:
        st.markdown(
            ":orange[▲ No better than a baseline]: on its held-out tickets it is not surely better "
            "than what a person would try first; see below."
        )


def draw(model: TicketModel) -> None:
    """Say in small print how good the model is, beside its baselines."""
    report = model.report
    best = report.candidates[0]
    kind = "the newest" if report.split.kind == "newest" else "a random fifth of the"
    rivals = "; ".join(
        f"{baseline.title.lower()} {_interval(baseline.weighted_f1)}"
        for baseline in report.baselines
    )
    lines = [
        f"{best.title} {model.version}, trained on {report.n_tickets:,} tickets. Weighted F1 "
        f"{_interval(best.weighted_f1)} on {report.split.n_test:,} held-out tickets ({kind} "
        f"tickets); {rivals}. Brackets hold 95 % intervals."
    ]
    if report.hidden is not None:
        lines.append(
            "Without the columns that its categories were derived from: "
            f"{_interval(report.hidden.weighted_f1)}."
        )
    st.caption(as_text(" ".join(lines)))


def _interval(score: Interval) -> str:
    return f"{score.value:.2f} ({score.low:.2f}-{score.high:.2f})"
