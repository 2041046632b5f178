"""The most unusual rows, newest first: when, where, how unusual and why; and the pick of one."""

import csv
import io
from collections.abc import Sequence
from datetime import tzinfo
from typing import Any

import streamlit as st

from core import quantities
from core.dataset.anomalies import (
    EXPORT_COLUMNS,
    Anomalies,
    Anomaly,
    Detection,
    export_lines,
)
from core.tickets.export import neutralised
from pages.ui import moments
from pages.ui.errors import as_text

__all__ = ["as_csv", "counted", "draw", "how_unusual", "pick", "trust"]

_ROW = "anomaly"
_TABLE_HEIGHT_PX = 226


def trust(detection: Detection, *, lists_rows: bool) -> None:
    """Say how anomalies are told and what that is worth: beside a baseline, and beside chance."""
    score = detection.score
    if not detection.has_signal:
        marked = " What follows are the rows that are marked in the data, without a reason."
        st.markdown(
            f":orange[▲ Not judged]: {as_text(detection.sentence)}{marked if lists_rows else ''}"
        )
        return
    if score is None:
        st.write(as_text(detection.sentence))
        return
    low, high = score.average_precision_interval
    least, most = score.baseline_average_precision_interval
    beaten = "beaten" if score.beats_baseline else "not surely beaten"
    st.markdown(
        as_text(
            f"Average precision {score.average_precision:.2f} ({low:.2f}-{high:.2f}); baseline "
            f"{score.baseline_average_precision:.2f} ({least:.2f}-{most:.2f}; the largest "
            f"deviation alone), {beaten}; chance {score.share:.2f}. Brackets hold 95 % intervals."
        ),
        help=as_text(detection.sentence),
    )


def counted(found: Anomalies) -> str:
    """Return how many rows are unusual, and which of them are listed."""
    kind = "is an anomaly" if found.n_found == 1 else "are anomalies"
    text = f"{found.n_found:,} of {found.n_rows:,} rows {kind}"
    if found.n_found > len(found.rows):
        return f"{text}; listed are the {len(found.rows):,} most unusual, newest first."
    return f"{text}, newest first."


def as_csv(rows: Sequence[Anomaly]) -> bytes:
    """Return anomalies as a CSV file that is safe to open in a spreadsheet."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(EXPORT_COLUMNS)
    writer.writerows(map(neutralised, cells) for cells in export_lines(rows))
    return text.getvalue().encode()


def pick(rows: Sequence[Anomaly], zone: tzinfo | None) -> Anomaly:
    """Let a person open a row, by default the newest, and return it; there must be one."""
    names = _names(rows, zone)
    name = st.selectbox(
        "Open",
        names,
        index=None,
        placeholder="the newest one",
        key=_ROW,
        bind="query-params",
        help="Or click a line of the table.",
    )
    return rows[names.index(name)] if name in names else rows[0]


def draw(found: Anomalies, zone: tzinfo | None) -> None:
    """Draw the table; a click on a line opens it."""
    rows = found.rows
    names = _names(rows, zone)

    def open_row() -> None:
        chosen = st.session_state["dash_anomalies"]["selection"]["rows"]
        if chosen and chosen[0] < len(names):
            st.session_state[_ROW] = names[chosen[0]]

    columns: dict[str, list[str]] = {
        "When": [moments.minute(row.at, zone) for row in rows],
        "VM": [row.vm_id for row in rows],
    }
    if any(row.less_unusual is not None for row in rows):
        columns["How unusual"] = [how_unusual(row) for row in rows]
    columns |= {
        "Why": [row.sentence for row in rows],
        "Marked": [_marked(row) for row in rows],
        "Task": [f"{row.task_type}, {row.task_status}" for row in rows],
    }
    st.dataframe(
        columns,
        key="dash_anomalies",
        hide_index=True,
        height=min(_TABLE_HEIGHT_PX, 37 * (len(rows) + 1)),
        on_select=open_row,
        selection_mode="single-row",
        column_config={
            "When": _column(135),
            "VM": _column(90),
            "How unusual": _column(
                110,
                "How probable it is that the row is an anomaly, by models that have not seen its "
                "VM; without marked rows, how many of the rows are less unusual.",
            ),
            "Why": _column(465),
            "Marked": _column(75, "Whether the data mark the row as an anomaly."),
            "Task": _column(140),
        },
        alt=f"{len(rows)} unusual rows, the newest first, with time, VM, how unusual they are, and "
        "why",
    )


def how_unusual(row: Anomaly) -> str:
    """Return how unusual a row is, in words; "" where nothing can be told."""
    if row.probability is not None:
        return f"{quantities.percent(row.probability)} probable"
    if row.less_unusual is None:
        return ""
    return f"beyond {quantities.quantity(_floored(100 * row.less_unusual), '%')} of rows"


def _floored(percent: float) -> float:
    """Return a share of rows as no more than it is: never rounded up to all of them."""
    return int(percent * 10) / 10


def _marked(row: Anomaly) -> str:
    return "–" if row.labelled is None else ("yes" if row.labelled else "no")


def _names(rows: Sequence[Anomaly], zone: tzinfo | None) -> list[str]:
    """Return how rows are called; several of one VM and minute are told apart by their place."""
    seen: dict[str, int] = {}
    names = []
    for row in rows:
        name = f"{row.vm_id}, {moments.minute(row.at, zone)}"
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return names


def _column(width_px: int, explained: str | None = None) -> Any:
    return st.column_config.TextColumn(width=width_px, help=explained)
