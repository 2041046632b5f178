"""Predict from a sequence that a person brings: ten steps of the ten metrics, pasted or a file."""

from collections.abc import Callable

import streamlit as st

from core import quantities
from core.errors import ArtifactError, DataError
from core.failure.forecast import FailureForecast
from pages.ui import contributions, risk
from pages.ui.errors import as_text

__all__ = ["draw"]

_FORMAT = (
    "JSON: ten rows of ten numbers, or an object that holds them as “sequence” (what “Download "
    "sequence” gives). CSV: ten rows of ten columns, with or without a header. The oldest step "
    "first, the metrics in the order of the tiles, null or an empty cell for a missing value."
)
_EXAMPLE = (
    '{"interval_s": 5, "sequence": [[23.1, 61.0, 48.2, null, 0, 12.5, 18400, 86400, 312, 1284], …]}'
)


def draw(predict: Callable[[bytes, str], FailureForecast]) -> None:
    """Draw the form, and below it the forecast for what was given or why it cannot be used.

    `predict` takes the bytes and their name, and raises DataError or ArtifactError.
    """
    with st.form("live_sequence", border=False):
        pasted, uploaded = st.columns(2, gap="large")
        text = pasted.text_area(
            "Paste a sequence", key="live_sequence_text", height=150, placeholder=_EXAMPLE
        )
        file = uploaded.file_uploader(
            "Or upload one",
            type=["json", "csv"],
            max_upload_size=1,
            key="live_sequence_file",
            help="An uploaded file counts before pasted text.",
        )
        uploaded.caption(_FORMAT)
        if st.form_submit_button("Predict", type="primary", key="live_sequence_predict"):
            st.session_state["live_sequence_given"] = (
                (text.encode(), "Pasted text") if file is None else (file.getvalue(), file.name)
            )
    given = st.session_state.get("live_sequence_given")
    if given is None:
        return
    try:
        forecast = predict(*given)
    except (DataError, ArtifactError) as error:
        st.error(as_text(str(error)), icon=":material/error:")
        return
    _show(forecast, as_text(given[1]))


def _show(forecast: FailureForecast, name: str) -> None:
    state, word = "healthy", "no alarm"
    if forecast.prediction:
        state, word = "failing", "alarm"
    elif forecast.is_raised:  # as on the live page: neither an alarm nor the all-clear
        state, word = "watch", "watch"
    risk.bar(forecast, state, word=word, key="live_sequence_bar")
    st.caption(
        f"{name}: probability of failure within {quantities.duration(forecast.horizon_s)} after "
        f"its last step. Model {as_text(forecast.model_version)}."
    )
    st.text(risk.as_sentence(forecast.reason))
    with st.grid(2, min_column_width=400):
        contributions.ranked(forecast, key="live_sequence_ranked")
        contributions.heatmap(forecast, key="live_sequence_heatmap")
