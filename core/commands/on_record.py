"""What the command line changes of models, entered in the audit trail like what pages change."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from core.access import command_line_actor
from core.artifacts import Manifest
from core.store import Store

__all__ = ["activate_on_record", "note_training"]


def activate_on_record(
    open_store: Callable[[], Store], models_dir: Path, area: str, version: str
) -> Manifest:
    """Make a version the active one and return its manifest; errors as `core.admin.models`."""
    from core.admin.models import activate

    with closing(open_store()) as store:
        return activate(command_line_actor(), store, models_dir, area, version, "")


def note_training(open_store: Callable[[], Store], subject: str, detail: str) -> None:
    """Enter that a model was trained; StoreError where that cannot be written."""
    from core.admin.trail import note

    with closing(open_store()) as store:
        note(store, command_line_actor(), "trained", subject, detail)
