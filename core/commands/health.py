"""What is ready, what is not, and how to mend it."""

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from core.commands.failure import Measuring
from core.errors import CoreError
from core.store import Store

__all__ = ["Check", "check_all"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One part of the product: whether it is ready, what was found, and what to do if not."""

    name: str
    ready: bool
    found: str


def check_all(*, models_dir: Path, database_url: str, measure: Measuring) -> tuple[Check, ...]:
    """Return what is found of each part, the ones that matter most first."""
    return (
        _checked("telemetry", lambda: _telemetry(measure)),
        _checked("failure model", lambda: _failure_model(models_dir)),
        _checked("ticket model", lambda: _ticket_model(models_dir)),
        _checked("store", lambda: _store(database_url)),
        _training(),
    )


def _checked(name: str, look: Callable[[], str]) -> Check:
    try:
        return Check(name=name, ready=True, found=look())
    except CoreError as error:
        return Check(name=name, ready=False, found=str(error))


def _telemetry(measure: Measuring) -> str:
    [sample] = measure(1, 1.0)
    gaps = [f"{reading.metric} ({reading.gap})" for reading in sample if reading.gap]
    n_measured = sum(reading.value is not None for reading in sample)
    return f"{n_measured} metrics measured" + (f"; missing: {', '.join(gaps)}" if gaps else "")


def _failure_model(models_dir: Path) -> str:
    from core.failure.serving import load_model

    return f"{load_model(models_dir).version} is active"


def _ticket_model(models_dir: Path) -> str:
    from core.tickets.predict import load_model

    return f"{load_model(models_dir).report.version} is active"


def _store(database_url: str) -> str:
    Store(database_url).close()
    return "the database can be written"


def _training() -> Check:
    missing = [name for name in ("keras", "tensorflow") if importlib.util.find_spec(name) is None]
    if missing:
        found = f"{', '.join(missing)} is not installed; run `pip install -r requirements.txt`"
        return Check(name="training", ready=False, found=found)
    return Check(name="training", ready=True, found="TensorFlow is installed")
