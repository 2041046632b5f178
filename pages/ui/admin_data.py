"""The section of the page Admin on the fleet dataset: upload, compare, return to an earlier one."""

from datetime import UTC, datetime, tzinfo

import streamlit as st

from core import quantities, resources
from core.access import Actor
from core.dataset import ImportedDataset
from core.errors import DataError, MissingDataError
from pages.ui import (
    admin_change,
    admin_dataset_versions,
    admin_upload,
    dataset_words,
    errors,
    moments,
)
from pages.ui.errors import as_text

__all__ = ["draw"]


def draw(actor: Actor) -> None:
    """Draw the section."""
    zone = moments.browser_zone()
    active = _active()
    if active is not None:
        _headline(active, zone)
    admin_change.tell()
    admin_upload.draw(actor, zone)
    admin_dataset_versions.draw(actor, active)


def _active() -> ImportedDataset | None:
    """Return the active dataset; say what is the matter where there is none."""
    try:
        return resources.dataset()
    except MissingDataError:
        st.header("No dataset yet.", anchor=False)
        st.write("Upload a CSV file: the Dashboard and the ticket models work on it.")
    except DataError as error:
        st.header("The dataset cannot be used.", anchor=False)
        errors.show(error)
    return None


def _headline(active: ImportedDataset, zone: tzinfo | None) -> None:
    report = active.report
    st.header(as_text(f"{active.version} is active: {dataset_words.size(report)}."), anchor=False)
    stored_at = datetime.fromisoformat(active.created_at)
    age = quantities.age((datetime.now(UTC) - stored_at).total_seconds())
    line = f"From {report.source}, stored {age}"
    times = report.column("timestamp")
    if times is not None and times.minimum is not None:
        line += f"; it tells of {dataset_words.span(times.minimum, times.maximum, zone)}"
    demo = ":orange[▲ Demo data], all made up. " if report.is_demo else ""
    st.markdown(f"{demo}{as_text(line)}.")
