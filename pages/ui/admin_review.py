"""What was found in an uploaded file: remarks with their lines, comparison, first rows."""

from datetime import tzinfo
from typing import Any

import streamlit as st

from core import drift, quantities
from core.admin.uploads import Upload
from core.dataset import DatasetReport
from core.dataset.comparison import ColumnChange, Comparison, NameChange
from core.dataset.review import Preview, Review
from pages.ui import dataset_words
from pages.ui.errors import as_text
from pages.ui.fleet_columns import FLEET_COLUMNS

__all__ = ["draw", "n_remarks", "renames"]

_SYMBOLS = {
    "little change": "●",
    "some change": "▲",
    "great change": "■",
    "not enough data": "○",
}
_NOT_USABLE = {"number": "no number", "time": "no time", "flag": "neither yes nor no"}


def renames(upload: Upload, found: Review) -> None:
    """Offer to take columns of other names for those of ours that they are like."""
    if upload.rename:
        taken = ", ".join(f"{name} as {ours}" for name, ours in upload.rename.items())
        st.caption(as_text(f"Read under other names: {taken}."))
    offers = {column.name: column.looks_like for column in found.looks_like if column.looks_like}
    if not offers:
        return
    with st.container(key="card_admin_renames"):
        st.markdown("**Meant under another name?**")
        chosen = {
            name: ours
            for n, (name, ours) in enumerate(offers.items())
            if st.checkbox(
                as_text(f"Read the column {name[:80]!r} as {ours}"), True, key=f"admin_rename_{n}"
            )
        }
        st.button(
            "Read it again under these names",
            on_click=upload.look_again,
            args=({**upload.rename, **chosen},),
            disabled=not chosen,
            icon=":material/refresh:",
            key="admin_rename",
        )


def n_remarks(report: DatasetReport) -> int:
    """Return how many cells and rows were not as they should be."""
    in_columns = sum(column.uncoercible + column.outside for column in report.columns)
    return report.rows_broken + report.duplicates + report.damaged_characters + in_columns


def draw(found: Review, zone: tzinfo | None) -> None:
    """Draw all that was found."""
    if found.prepared is not None:
        report = found.prepared.report
        _notes(report)
        _lines(report)
        if found.comparison is None:
            st.caption("There is no dataset yet to compare it with.")
        else:
            _comparison(found.comparison, zone)
    _preview(found.preview)


def _notes(report: DatasetReport) -> None:
    st.markdown("\n".join(f"- {as_text(' '.join(note.split()))}" for note in report.notes))


def _lines(report: DatasetReport) -> None:
    """Draw the first few places of each kind of remark, by their line in the file."""
    places = [
        (
            row.line,
            "",
            f"{dataset_words.counted(row.cells, 'cell')} instead of {row.expected_cells}",
            row.text,
        )
        for row in report.first_broken
    ]
    places += [
        (line, "", "a row that was there before", "") for line in report.first_duplicate_lines
    ]
    for column in report.columns:
        wrong = _NOT_USABLE.get(column.kind, "not usable")
        places += [(c.line, column.found_as, wrong, c.value) for c in column.first_uncoercible]
        places += [(c.line, column.found_as, "out of range", c.value) for c in column.first_outside]
    if not places:
        return
    places.sort(key=lambda place: place[0])
    st.markdown(f"**Where to look in the file** (of {n_remarks(report):,} the first of each kind)")
    _table(
        {
            "Line": [place[0] for place in places],
            "Column": [place[1] for place in places],
            "Remark": [place[2] for place in places],
            "What stands there": [place[3] for place in places],
        },
        key="admin_places",
        alt=f"{len(places)} places in the file that were not as they should be, with their lines",
    )


def _comparison(found: Comparison, zone: tzinfo | None) -> None:
    st.subheader(f"Compared with {found.version}", anchor=False)
    before = dataset_words.span(found.first_before, found.last_before, zone)
    after = dataset_words.span(found.first_after, found.last_after, zone)
    lines = [f"{found.rows_before:,} rows → {found.rows_after:,} rows", f"{before} → {after}"]
    if found.machines is not None:
        lines.append(
            f"{found.machines.n_before:,} VMs → {found.machines.n_after:,} VMs"
            + _came_and_went(found.machines)
        )
    if found.only_after:
        lines.append(f"new columns: {', '.join(found.only_after)}")
    if found.only_before:
        lines.append(f"columns no longer there: {', '.join(found.only_before)}")
    st.markdown("\n".join(f"- {as_text(line)}" for line in lines))
    if not found.columns:
        return
    columns = sorted(found.columns, key=lambda one: -(one.drift.psi or 0.0))
    _table(
        {
            "Column": [_label(one.name) for one in columns],
            "Change": [f"{_SYMBOLS[one.drift.verdict]} {one.drift.verdict}" for one in columns],
            "PSI": [_psi(one) for one in columns],
            "Mean": [_means(one) for one in columns],
            "Values": [_values(one) for one in columns],
            "Missing": [_missing(one) for one in columns],
        },
        key="admin_drift",
        alt=f"{len(columns)} columns by how far their values have moved since {found.version}",
    )
    st.caption(
        as_text(
            f"{drift.SOURCE}. Where chance alone could give half of what counts as some change, "
            "there is not enough data."
        )
    )


def _label(name: str) -> str:
    known = FLEET_COLUMNS.get(name)
    return known.label if known else name.replace("_", " ").capitalize()


def _psi(one: ColumnChange) -> str:
    return "" if one.drift.psi is None else f"{one.drift.psi:.2f}"


def _means(one: ColumnChange) -> str:
    if one.mean_before is None or one.mean_after is None:
        return ""
    if one.kind == "flag":
        return f"{100 * one.mean_before:.1f} % → {100 * one.mean_after:.1f} % raised"
    unit = FLEET_COLUMNS[one.name].unit if one.name in FLEET_COLUMNS else ""
    after = quantities.quantity(one.mean_after, unit)
    return f"{quantities.rounded(one.mean_before)} → {after}"


def _missing(one: ColumnChange) -> str:
    return f"{100 * one.missing_before:.1f} % → {100 * one.missing_after:.1f} %"


def _values(one: ColumnChange) -> str:
    if one.names is None:
        return ""
    return f"{one.names.n_before:,} → {one.names.n_after:,}{_came_and_went(one.names)}"


def _came_and_went(change: NameChange) -> str:
    """Return which names are new and which are gone, as the rest of a line."""
    told = ""
    if change.n_new:
        told += f"; {change.n_new:,} new: {dataset_words.names(change.first_new, change.n_new)}"
    if change.n_vanished:
        shown = dataset_words.names(change.first_vanished, change.n_vanished)
        told += f"; {change.n_vanished:,} gone: {shown}"
    return told


def _preview(preview: Preview) -> None:
    st.subheader("First rows", anchor=False)
    if preview.rows:
        columns = range(len(preview.columns))
        _table(
            {preview.columns[n]: [row[n] for row in preview.rows] for n in columns},
            key="admin_preview",
            alt="The first rows as they were understood",
        )
    st.caption("As they stand in the file:")
    st.code("\n".join(preview.lines), language=None, height=200)


def _table(columns: dict[str, list[Any]], *, key: str, alt: str) -> None:
    st.dataframe(columns, key=key, hide_index=True, height="content", alt=alt)
