"""Model versions on disk: written whole or not at all, verified on loading, one of them active."""

from core.artifacts.manifest import FORMAT, TRAIN_COMMANDS, Manifest
from core.artifacts.versions import (
    activate,
    current_version,
    delete,
    keep_of_training,
    load_version,
    previous_version,
    versions,
    write_version,
)

__all__ = [
    "FORMAT",
    "TRAIN_COMMANDS",
    "Manifest",
    "activate",
    "current_version",
    "delete",
    "keep_of_training",
    "load_version",
    "previous_version",
    "versions",
    "write_version",
]
