"""Sequences and files of hosts, as the failure commands read them."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from core.metrics import METRIC_NAMES
from tests.core.failure.fakes import steps

HEADER = ",".join(["host", "timestamp", *METRIC_NAMES])
LINE = "web-1,2026-01-31T12:0{}:00Z,{},40,50,45,0,10,1000,3600,120,500"


def rows(**metrics: Any) -> list[list[float | None]]:
    """Ten steps as JSON has them."""
    return [[None if np.isnan(v) else v for v in step] for step in steps(10, **metrics).tolist()]


def saved(folder: Path, document: object, name: str = "sequence.json") -> Path:
    path = folder / name
    path.write_text(json.dumps(document))
    return path
