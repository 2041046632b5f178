"""What the pages share, built once per process on first use: the app's composition root."""

from core.resources.analytics import (
    active_version,
    comparison,
    model_report,
    model_versions,
    since,
    since_again,
)
from core.resources.closing import release
from core.resources.condition import health, packages, places
from core.resources.configured import settings, settings_in_force
from core.resources.fleet_data import choices, dataset, fleet, limits, machine, overview
from core.resources.fleet_work import (
    anomalies,
    anomalies_again,
    capacity,
    capacity_again,
    capacity_of,
)
from core.resources.host import host_capacity, host_capacity_again, sampler, store, watch
from core.resources.models import failure_manifest, failure_model, ticket_manifest, ticket_model
from core.resources.people import actor, asker, cookie_name, door, has_provider, sign_out
from core.resources.replies import responder
from core.resources.uploaded import drop_upload, upload, uploads
from core.resources.work import jobs, training_elsewhere

__all__ = [
    "active_version",
    "comparison",
    "model_report",
    "model_versions",
    "since",
    "since_again",
    "actor",
    "asker",
    "anomalies",
    "anomalies_again",
    "capacity",
    "capacity_again",
    "capacity_of",
    "choices",
    "cookie_name",
    "dataset",
    "door",
    "drop_upload",
    "failure_manifest",
    "failure_model",
    "fleet",
    "has_provider",
    "health",
    "host_capacity",
    "host_capacity_again",
    "jobs",
    "limits",
    "machine",
    "overview",
    "packages",
    "places",
    "release",
    "responder",
    "sampler",
    "settings",
    "sign_out",
    "settings_in_force",
    "store",
    "ticket_manifest",
    "ticket_model",
    "training_elsewhere",
    "upload",
    "uploads",
    "watch",
]
