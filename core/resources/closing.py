"""Stop and close what was built."""

from core.resources import (
    analytics,
    condition,
    configured,
    fleet_data,
    fleet_work,
    host,
    models,
    people,
    replies,
    uploaded,
    work,
)

__all__ = ["release"]


def release() -> None:
    """Stop and close what was built; the next use builds it again."""
    for resource in (
        work.jobs,
        uploaded.uploads,
        fleet_work._capacity,
        host._host_capacity,
        fleet_work._anomalies,
        fleet_work._kept,
        fleet_data._overview,
        fleet_data._machine,
        fleet_data._choices,
        fleet_data._fleet,
        fleet_data._demo_imported,
        replies.responder,
        people.door,
        host.sampler,
        host._host_watch,
        analytics._since,
        analytics._report,
        analytics._compared,
        models._failure_manifest,
        models._failure_model,
        models._ticket_manifest,
        models._ticket_model,
        host._probe,
        host.store,
        condition.packages,
        configured._read,
    ):
        resource.clear()
