"""A file of tickets with their answers: how many go straight through, a preview, the download."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import streamlit as st

from core import quantities
from core.dataset import DatasetReport
from core.tickets.predict import BatchPrediction
from pages.ui import charts, dataset_words
from pages.ui.status import status

__all__ = ["by_category", "doubt", "notes", "preview", "sentence"]

IntArray = npt.NDArray[np.int64]

PREVIEW_ROWS = 10_000
_BAR_PX, _AROUND_PX, MAX_BARS = 30, 60, 12
_THROUGH, _PERSON = "● straight through", "▲ for a person"
# Of a share of right answers: what is left unsaid between calibration and what it was measured on.
_MARGIN = 0.05
_VIEWS = ("All", "For a person", "Straight through")


def sentence(batch: BatchPrediction) -> str:
    """Return how many of the tickets no person needs to look at."""
    n = len(batch)
    n_through = n - int(batch.is_unsure.sum())
    return f"{n_through:,} of {n:,} tickets go straight through."


def doubt(batch: BatchPrediction, demanded: float) -> None:
    """Warn where the model itself expects less of the routed tickets than the demanded precision.

    Confidence is calibrated, so its mean is the share that is expected to be right. Far below what
    was measured it says that these tickets are unlike the ones it was measured on. Those that read
    like none of them are counted: they go to a person at any confidence.
    """
    n_strange = len(batch) - int(batch.is_familiar.sum())
    if n_strange:
        st.markdown(
            f":orange[▲ New to the model]: {n_strange:,} of {len(batch):,} tickets read like none "
            "that it learnt from. They go to a person, however sure it is."
        )
    through = batch.confidence[~batch.is_unsure]
    if not through.size or float(through.mean()) >= demanded - _MARGIN:
        return
    st.markdown(
        f":orange[▲ Unlike what it learnt from]: {quantities.percent(demanded)} precision is "
        f"demanded, and of the {through.size:,} tickets that go straight through the model expects "
        f"{quantities.percent(float(through.mean()))} to be right. Its thresholds were measured on "
        "other tickets: let people look at these, or train it on tickets like them."
    )


def notes(report: DatasetReport, *, text_by_rule: bool, n_empty: int, n_learnt: int) -> None:
    """Say what was not as usual with the file.

    `n_empty` rows have no text, of `n_learnt` tickets it is known that the model learnt from them.
    """
    if report.is_demo:
        st.markdown(":orange[▲ Demo data]: these tickets were made up.")
    if n_learnt:
        st.markdown(
            f":orange[▲ Seen in training]: the model learnt from {n_learnt:,} of these tickets or "
            "more, and is surer of them than of new ones."
        )
    if text_by_rule:
        st.markdown(
            ":orange[▲ Texts derived by rule]: the file has no ticket_text, so each row got a text "
            "made from its telemetry. The demanded precision was measured on tickets with texts of "
            "their own and says nothing of these: look at some before you let any go through."
        )
    if n_empty:
        st.caption(
            f"Not shown: {dataset_words.counted(n_empty, 'row')} without ticket_text; in the "
            "download they go to a person."
        )
    if report.rows_broken:
        st.caption(
            f"Left out: {dataset_words.counted(report.rows_broken, 'row')} with another number of "
            f"cells than the header, the first on line {report.first_broken[0].line:,}."
        )


def by_category(batch: BatchPrediction) -> None:
    """Draw how many tickets each category gets, the sure and the unsure ones apart."""
    names, position = np.unique(batch.categories.astype(str), return_inverse=True)
    n_unsure = np.bincount(position, weights=batch.is_unsure, minlength=len(names)).astype(int)
    n_all = np.bincount(position, minlength=len(names))
    order = np.argsort(-n_all)[:MAX_BARS][::-1]

    def bars(counts: Sequence[int], name: str, colour: str) -> dict[str, Any]:
        return {
            "type": "bar",
            "orientation": "h",
            "name": name,
            "x": counts,
            "y": [str(i) for i in range(len(order))],
            "marker": {"color": colour},
            "hovertemplate": f"%{{x:,}} {name[2:]}<extra></extra>",
        }

    sure = (n_all - n_unsure)[order].tolist()
    unsure = n_unsure[order].tolist()
    chart = charts.figure(
        bars(sure, _THROUGH, status("healthy").colour),
        bars(unsure, _PERSON, status("watch").colour),
        height=_AROUND_PX + _BAR_PX * len(order),
        revision="tickets_by_category",
        barmode="stack",
        showlegend=True,
        legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0.0},
        x={
            "fixedrange": True,
            "title": {"text": "tickets", "font": {"color": charts.FADED, "size": 12}},
        },
        y={
            "type": "category",
            "fixedrange": True,
            "showgrid": False,
            "zeroline": False,
            "tickvals": [str(i) for i in range(len(order))],
            "ticktext": [charts.label(names[i]) for i in order],
            "tickfont": {"color": charts.TEXT},
        },
    )
    told = ", ".join(f"{names[i]} {n_all[i]:,} ({n_unsure[i]:,} unsure)" for i in order[::-1])
    charts.live(chart, key="tickets_by_category", alt=f"Tickets by category: {told}.")
    if len(names) > MAX_BARS:
        st.caption(f"The {MAX_BARS} most frequent of {len(names)} categories.")


def preview(numbers: IntArray, texts: Sequence[str], batch: BatchPrediction) -> None:
    """Show the tickets with their answers; which of them is chosen above the table.

    `numbers` of shape (len(texts),) holds the row of each in the file, the first being 1.
    """
    view = st.segmented_control(
        "Show", _VIEWS, default=_VIEWS[0], required=True, key="tickets_file_view"
    )
    unsure = batch.is_unsure
    wanted = {"For a person": unsure, "Straight through": ~unsure}.get(view, np.ones_like(unsure))
    rows = np.flatnonzero(wanted)
    shown = rows[:PREVIEW_ROWS]
    if not len(rows):
        st.caption(f"None of the {len(unsure):,} tickets is of this kind.")
        return
    table = pd.DataFrame(
        {
            "row": numbers[shown],
            "category": batch.categories[shown],
            "confidence": 100.0 * batch.confidence[shown],
            "route": np.where(unsure[shown], _PERSON, _THROUGH),
            "ticket": [texts[i] for i in shown],
        }
    )
    st.dataframe(
        table,
        hide_index=True,
        key="tickets_preview",
        height=420,
        alt="The tickets of the file with category, confidence and route",
        column_config={
            "row": st.column_config.NumberColumn("Row", width="small"),
            "category": st.column_config.TextColumn("Category"),
            "confidence": st.column_config.ProgressColumn(
                "Confidence", format="%.0f %%", min_value=0, max_value=100, width="small"
            ),
            "route": st.column_config.TextColumn("Route"),
            "ticket": st.column_config.TextColumn("Ticket", width="large"),
        },
    )
    if len(rows) > len(shown):
        st.caption(f"The first {len(shown):,} of {len(rows):,}; the download holds all.")
