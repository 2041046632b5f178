"""How the running app is."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import streamlit as st

import config
from core.access import Actor, require_admin
from core.resources.configured import settings
from core.resources.fleet_data import dataset
from core.resources.host import sampler, store
from core.resources.models import failure_manifest, ticket_manifest

if TYPE_CHECKING:
    from core.admin.health import Check, Package
    from core.admin.places import Place

__all__ = ["health", "packages", "places"]

_BYTES_PER_MB = 1 << 20
_UPLOAD_COPIES = 3


def health(actor: Actor) -> tuple["Check", ...]:
    """Return the state of each part now; NotAllowedError where `actor` is no admin."""
    from core.admin import health as area

    require_admin(actor, "see how the app is")
    known = settings()
    wanted = _UPLOAD_COPIES * known.upload_limit_mb * _BYTES_PER_MB
    failure, tickets = failure_manifest, ticket_manifest

    def active(version: str) -> area.Finding:
        return area.Finding(says=f"{version} is active")

    return (
        area.checked("sampler", lambda: area.sampling(sampler(), datetime.now(UTC))),
        area.checked("failure model", lambda: active(failure().version)),
        area.checked("ticket model", lambda: active(tickets().version)),
        area.checked("dataset", lambda: active(dataset().version)),
        area.checked("store", lambda: area.answering(store())),
        area.checked("disk", lambda: area.disk(known.data_dir, wanted)),
        area.checked("token", lambda: area.token(known.hf_token, known.hf_model)),
        area.checked("training", area.training),
        area.checked("libraries", lambda: area.pinned(packages())),
    )


@st.cache_resource(show_spinner=False)
def packages() -> tuple["Package", ...]:
    """Return the libraries of the app with their versions."""
    from core.admin import health as area

    return area.packages(config.ROOT / "requirements.txt")


def places(actor: Actor) -> tuple["Place", ...]:
    """Return where the files are; NotAllowedError where `actor` is no admin."""
    from core.admin.places import place

    require_admin(actor, "see where the app keeps its files")
    known = settings()
    return (
        place("database, dataset and its versions", known.data_dir),
        place("the dataset in use, as CSV", known.data_dir / "dataset.csv"),
        place("model versions", known.models_dir),
        place("the log", known.logs_dir),
        place("runbooks", known.runbooks_dir),
    )
