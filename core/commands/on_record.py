"""What the command line changes of models, on record like what pages change."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from core.access import command_line_actor
from core.artifacts import Manifest
from core.errors import CoreError, StoreError
from core.jobs import Owner, held, on_record
from core.store import JobRecord, JobState, Store

__all__ = [
    "Told",
    "activate_on_record",
    "alone_in",
    "note_training",
    "training_on_record",
]

_log = logging.getLogger(__name__)

Told = Callable[[float, str], None]
"""Told how far a training is (0-1), and in words what it does."""

_KEPT_EVERY_S = 1.0


def activate_on_record(
    open_store: Callable[[], Store], models_dir: Path, area: str, version: str, reason: str = ""
) -> Manifest:
    """Make a version the active one and return its manifest; errors as `core.admin.models`."""
    from core.admin.models import activate

    with closing(open_store()) as store:
        return activate(command_line_actor(), store, models_dir, area, version, reason)


def note_training(open_store: Callable[[], Store], subject: str, detail: str) -> None:
    """Enter that a model was trained; StoreError where that cannot be written."""
    from core.admin.trail import note

    with closing(open_store()) as store:
        note(store, command_line_actor(), "trained", subject, detail)


def alone_in(models_dir: Path, what: str) -> AbstractContextManager[Owner | None]:
    """Hold the lock of a models folder; JobError where a training runs there."""
    return held(models_dir, what, f"{command_line_actor().name} on the command line")


@contextmanager
def training_on_record(
    open_store: Callable[[], Store], models_dir: Path, apps_models_dir: Path, kind: str, what: str
) -> Iterator[Told]:
    """Hold the lock of a models folder, and keep the training among the jobs of its app.

    One that the app has started stands there already, and one in another folder is not its
    concern.

    Parameters
    ----------
    open_store : callable
    models_dir, apps_models_dir : Path
        Where this one writes, and where the app does whose store it is.
    kind, what : str
        As `core.jobs.JobRunner.start`.

    Yields
    ------
    Told
        To be called with the progress.

    Raises
    ------
    JobError
        Another training runs in that folder.
    StoreError
        It cannot be put on record; nothing has begun.
    """
    with alone_in(models_dir, what) as lock:
        if lock is None or models_dir.resolve() != apps_models_dir.resolve():
            yield lambda fraction, message: None
            return
        job = JobRecord(
            kind=kind,
            who=lock.who,
            owner=on_record(lock.token, models_dir),
            started_at=lock.since,
            message=what,
        )
        with closing(open_store()) as store:
            kept = _Kept(store, job)
            state: JobState = "failed"
            message = "It ended unexpectedly; the terminal that it ran in says more."
            try:
                yield kept
                state, message = "done", kept.message
            except (KeyboardInterrupt, SystemExit):
                state, message = "cancelled", "Stopped on request. Nothing was activated."
                raise
            except CoreError as error:
                message = str(error)
                raise
            finally:
                kept.end(state, message)


class _Kept:
    """A training of this process in the store."""

    def __init__(self, store: Store, job: JobRecord) -> None:
        self._store = store
        self._job = replace(job, id=store.put_job(job))
        self._kept_s = time.monotonic()

    @property
    def message(self) -> str:
        """What it does, or has done at last."""
        return self._job.message

    def __call__(self, fraction: float, message: str) -> None:
        self._job = replace(self._job, fraction=fraction, message=message)
        if time.monotonic() - self._kept_s >= _KEPT_EVERY_S:
            self._keep()

    def end(self, state: JobState, message: str) -> None:
        """Keep how it ended."""
        self._job = replace(self._job, state=state, message=message, ended_at=datetime.now(UTC))
        self._keep()

    def _keep(self) -> None:
        self._kept_s = time.monotonic()
        try:
            self._store.put_job(self._job)
        except StoreError as error:
            # The work itself goes on; where its end cannot be kept, it will count as interrupted.
            _log.error("Job %d could not be kept: %s", self._job.id, error)
