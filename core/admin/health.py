"""What is ready, what is not, and how to mend it: for the command line and the page Admin."""

import importlib.metadata
import importlib.util
import platform
import re
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from core import quantities
from core.errors import CoreError
from core.metrics import Sample
from core.store import Store

if TYPE_CHECKING:
    from core.telemetry.sampler import Sampler

__all__ = [
    "Check",
    "Finding",
    "Package",
    "answering",
    "check_all",
    "checked",
    "disk",
    "packages",
    "pinned",
    "sampling",
    "summary",
    "token",
    "training",
]

State = Literal["healthy", "watch", "failing"]

_LATE_INTERVALS = 3.0
# Below this neither the database nor the log can go on for long.
_LEAST_BYTES = 100_000_000
_SHOWN_PACKAGES = 5
_PIN = re.compile(r"^([\w.-]+)(?:\[\w+\])?==([\w.]+)(;?)", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What was found of one part, in words."""

    says: str
    state: State = "healthy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One part of the product: its state, what was found, and what to do if it is not well."""

    name: str
    state: State
    found: str

    @property
    def ready(self) -> bool:
        """Whether it can be used."""
        return self.state != "failing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """A library of the app: which version is asked for, and which is there ("" for none)."""

    name: str
    pinned: str
    installed: str


def check_all(
    *, models_dir: Path, database_url: str, measure: Callable[[int, float], Sequence[Sample]]
) -> tuple[Check, ...]:
    """Return what is found of each part without a running app, the ones that matter most first."""
    return (
        checked("telemetry", lambda: _telemetry(measure)),
        checked("failure model", lambda: _failure_model(models_dir)),
        checked("ticket model", lambda: _ticket_model(models_dir)),
        checked("store", lambda: _store(database_url)),
        checked("training", training),
    )


def checked(name: str, look: Callable[[], Finding]) -> Check:
    """Return what `look` finds; a CoreError of it is what is the matter."""
    try:
        found = look()
    except CoreError as error:
        return Check(name=name, state="failing", found=str(error))
    return Check(name=name, state=found.state, found=found.says)


def summary(checks: Sequence[Check]) -> tuple[State, str]:
    """Return the worst state of all, and in a line whether all is well."""
    failing = [check.name for check in checks if check.state == "failing"]
    watched = [check.name for check in checks if check.state == "watch"]
    if failing:
        return "failing", f"Not working: {', '.join(failing)}."
    if watched:
        return "watch", f"All works; look at: {', '.join(watched)}."
    return "healthy", f"All {len(checks)} parts are well."


def sampling(sampler: "Sampler", now: datetime) -> Finding:
    """Return whether this host is sampled, and how old the last sample is."""
    last = sampler.latest()
    if not sampler.is_running:
        return Finding(says="sampling has ended; start the app again", state="failing")
    if sampler.is_paused:
        return Finding(says="paused on the page Live Failure Prediction", state="watch")
    if last is None:
        return Finding(says="started; the first sample comes soon")
    age_s = (now - last.at).total_seconds()
    says = f"last sample {quantities.age(age_s)}, one every {sampler.interval_s:g} s"
    is_late = age_s > _LATE_INTERVALS * sampler.interval_s
    return Finding(says=says, state="watch" if is_late else "healthy")


def answering(store: Store) -> Finding:
    """Return that the database answers; StoreError where it does not."""
    store.audit(1)
    return Finding(says="the database answers")


def disk(folder: Path, wanted_bytes: int) -> Finding:
    """Return whether there is room where the data are.

    `wanted_bytes` is what the largest upload may need: itself, and twice as much as is made of it.
    """
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(existing).free
    says = f"{quantities.quantity(float(free), 'B')} free in {folder}"
    if free < _LEAST_BYTES:
        return Finding(says=f"{says}; free some, or nothing can be stored soon", state="failing")
    if free < wanted_bytes:
        wanted = quantities.quantity(float(wanted_bytes), "B")
        return Finding(says=f"{says}; the largest upload may need {wanted}", state="watch")
    return Finding(says=says)


def token(value: str, model: str) -> Finding:
    """Return whether there is a token for the language model; never the token."""
    if value:
        return Finding(says=f"set; replies are written by {model}")
    return Finding(says="not set: replies are written offline")


def training() -> Finding:
    """Return whether the failure model can be trained here; TensorFlow is not loaded for that."""
    missing = [name for name in ("keras", "tensorflow") if importlib.util.find_spec(name) is None]
    if missing:
        says = f"{', '.join(missing)} is not installed; run `pip install -r requirements.txt`"
        return Finding(says=says, state="failing")
    return Finding(says="TensorFlow is installed")


def packages(requirements: Path) -> tuple[Package, ...]:
    """Return the libraries that a requirements file pins, Python first.

    Lines for other systems (with a marker) are left out where they are not installed.
    """
    python = platform.python_version()
    found = [Package(name="python", pinned="", installed=python)]
    for name, version, marker in _PIN.findall(requirements.read_text(encoding="utf-8")):
        try:
            installed = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            if marker:
                continue
            installed = ""
        found.append(Package(name=name, pinned=version, installed=installed))
    return tuple(found)


def pinned(found: Sequence[Package]) -> Finding:
    """Return whether the libraries are those that the app was tested with."""
    others = [one for one in found if one.pinned and one.installed != one.pinned]
    if not others:
        return Finding(says=f"{len(found)} as pinned, Python {found[0].installed}")
    told = ", ".join(f"{one.name} {one.installed or 'missing'}" for one in others[:_SHOWN_PACKAGES])
    return Finding(
        says=f"{len(others)} not as pinned: {told}; run `pip install -r requirements.txt`",
        state="watch",
    )


def _telemetry(measure: Callable[[int, float], Sequence[Sample]]) -> Finding:
    [sample] = measure(1, 1.0)
    gaps = [f"{reading.metric} ({reading.gap})" for reading in sample if reading.gap]
    n_measured = sum(reading.value is not None for reading in sample)
    missing = f"; missing: {', '.join(gaps)}" if gaps else ""
    return Finding(says=f"{n_measured} metrics measured{missing}")


def _failure_model(models_dir: Path) -> Finding:
    from core.failure.serving import load_model

    return Finding(says=f"{load_model(models_dir).version} is active")


def _ticket_model(models_dir: Path) -> Finding:
    from core.tickets.predict import load_model

    return Finding(says=f"{load_model(models_dir).report.version} is active")


def _store(database_url: str) -> Finding:
    Store(database_url).close()
    return Finding(says="the database can be written")
