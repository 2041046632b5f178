"""Tickets with what is known of them, as pages and commands hand them over."""

import config
from core import quantities
from core.metrics import metric_spec
from core.responses.evidence import Measurement, PastTicket, Predicted, TicketFacts
from core.responses.provider import Access
from core.responses.responder import Responder
from core.responses.runbooks import Runbook, read_runbooks

RUNBOOKS: tuple[Runbook, ...] = read_runbooks(config.ROOT / "data" / "runbooks")
NOWHERE = Access(base_url="http://127.0.0.1:9/v1", model="m")
CPU_TICKET = (
    "Since this morning checkout on web-14 (10.0.0.3) is slow, top shows java at 390 %. One "
    "process seems to spin since the new release. Write to bob@corp.example."
)


def responder(*runbooks: Runbook) -> Responder:
    """Return a responder with the project's runbooks, or with those given."""
    return Responder(runbooks or RUNBOOKS, NOWHERE)


def measured(name: str, value: float, usual_percent: float | None = None) -> Measurement:
    spec = metric_spec(name)
    return Measurement(
        name=name,
        label=spec.label,
        value=value,
        words=quantities.quantity(value, spec.unit),
        usual_percent=usual_percent,
    )


def facts(
    text: str = CPU_TICKET, category: str = "Performance-CPU", **changes: object
) -> TicketFacts:
    known: dict[str, object] = {
        "predicted": Predicted(category=category, confidence=0.91, model="ticket model v0001"),
        "measurements": (measured("cpu_percent", 97.0, 99.0), measured("memory_percent", 61.0)),
        "similar": (
            PastTicket(
                text="web-3 was slow, java again", category="Performance-CPU", similarity=0.6
            ),
        ),
    }
    return TicketFacts(text=text, **(known | changes))  # type: ignore[arg-type]
