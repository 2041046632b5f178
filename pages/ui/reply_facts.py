"""What the other parts of the app know of a ticket, as facts for its reply."""

from collections.abc import Mapping
from typing import Any

from core import quantities
from core.metrics import METRIC_NAMES, metric_spec
from core.responses.evidence import Measurement, PastTicket, Predicted, TicketFacts
from core.tickets.predict import TicketPrediction
from pages.ui.fleet_columns import FLEET_COLUMNS, value_in_words

__all__ = ["facts_of", "measurements_of"]


def facts_of(
    text: str,
    *,
    answer: TicketPrediction | None,
    measured: tuple[Measurement, ...],
    forecast: str,
    names: tuple[str, ...],
) -> TicketFacts:
    """Return the facts: the text, what the models say of it, and what was measured."""
    if answer is None:
        return TicketFacts(text=text, measurements=measured, forecast=forecast, names=names)
    return TicketFacts(
        text=text,
        predicted=Predicted(
            category=answer.category,
            confidence=answer.confidence,
            is_unsure=answer.is_unsure,
            model=f"ticket model {answer.model_version}",
        ),
        measurements=measured,
        forecast=forecast,
        similar=tuple(
            PastTicket(text=one.text, category=one.category, similarity=one.similarity)
            for one in answer.similar
        ),
        names=names,
    )


def measurements_of(
    draft: Mapping[str, Any] | None, usual_percent: Mapping[str, float]
) -> tuple[Measurement, ...]:
    """Return what a draft holds of measured values, with what is usual where that is known."""
    if draft is None:
        return ()
    source = f"measured, {draft.get('source', 'Live Failure Prediction')}"
    live = [
        Measurement(
            name=name,
            label=metric_spec(name).label,
            value=float(value),
            words=quantities.quantity(value, metric_spec(name).unit),
            usual_percent=usual_percent.get(name),
            source=source,
        )
        for name, value in draft["metrics"].items()
        if name in METRIC_NAMES and value is not None
    ]
    fleet = [
        Measurement(
            name=name,
            label=FLEET_COLUMNS[name].label,
            value=None if isinstance(value, str) else float(value),
            words=value_in_words(name, value),
            source=source,
        )
        for name, value in draft.get("columns", {}).items()
        if name in FLEET_COLUMNS
    ]
    return (*live, *fleet)
