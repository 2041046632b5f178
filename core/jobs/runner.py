"""Starts jobs, follows them, and keeps in the store how far they are and how they ended."""

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from core.errors import CoreError, JobError, StoreError
from core.jobs.lock import Lock, Owner, is_of, on_record, owner
from core.jobs.process import JobProcess
from core.store import JobRecord, JobState, Store

__all__ = ["Finish", "JobRunner", "settled"]

_log = logging.getLogger(__name__)

Finish = Callable[[Mapping[str, Any]], tuple[str, Mapping[str, Any]]]
"""Does what is left to do with the command's answer; returns the last message and the result."""

_KEPT_EVERY_S = 1.0
_CLOSES_WITHIN_S = 10.0
_LOOKED_THROUGH = 100
_LONGEST = timedelta(days=3)  # far beyond what any training takes


@dataclass(slots=True)
class _Run:
    """The job that runs: its lock, its process, and how it is to end where it was stopped."""

    job: JobRecord
    lock: Lock
    process: JobProcess
    finish: Finish
    stopped: JobState | None = None
    thread: threading.Thread | None = None


class JobRunner:
    """Runs one job at a time; threads may share it.

    Parameters
    ----------
    store : Store
        Where jobs are kept.
    models_dir : Path
        The folder that they write, whose lock they take.
    module : str
        What is run, as `python -m` takes it.
    """

    def __init__(self, store: Store, models_dir: Path, *, module: str = "core") -> None:
        self._store = store
        self._models_dir = models_dir
        self._module = module
        self._guard = threading.Lock()
        self._run: _Run | None = None
        settled(store, models_dir)

    def start(
        self, kind: str, what: str, arguments: Sequence[str], who: str, finish: Finish
    ) -> JobRecord:
        """Begin a job and return it, running.

        Parameters
        ----------
        kind : str
            By which later ones are compared with it: "tickets", "failure".
        what : str
            What it does, as those read it who have to wait for it.
        arguments : sequence of str
            Of the command.
        who : str
            Who has asked for it.
        finish : callable
            Called with the command's answer in a thread of ours, while the lock is held; a
            CoreError fails the job.

        Raises
        ------
        JobError
            Another one runs, here or in another process.
        StoreError
            It cannot be put on record.
        """
        with self._guard:
            lock = Lock(self._models_dir, what, who)
            try:
                job = JobRecord(
                    kind=kind,
                    who=who,
                    owner=on_record(lock.owner.token, self._models_dir),
                    started_at=lock.owner.since,
                    message=what,
                )
                job = replace(job, id=self._store.put_job(job))
                process = JobProcess(self._module, arguments, lock.owner.token)
            except OSError as error:
                lock.release()
                raise JobError(f"The training could not be started ({error}).") from error
            except StoreError:
                lock.release()
                raise
            run = _Run(job=job, lock=lock, process=process, finish=finish)
            run.thread = threading.Thread(target=self._follow, args=(run,), name="job", daemon=True)
            self._run = run
            run.thread.start()
            return job

    def running(self) -> JobRecord | None:
        """Return the job that this process runs, with its latest progress; None without one."""
        run = self._run
        return None if run is None else _so_far(run)

    def cancel(self) -> None:
        """Stop the job that runs here, if one does; it ends within seconds."""
        self._stop("cancelled")

    def wait(self, timeout_s: float) -> None:
        """Return once no job runs here, or after `timeout_s` seconds."""
        run = self._run
        if run is not None and run.thread is not None:
            run.thread.join(timeout_s)

    def close(self) -> None:
        """Stop the job that runs here and mark it as interrupted."""
        self._stop("interrupted")
        self.wait(_CLOSES_WITHIN_S)

    def jobs(self, limit: int = 50) -> tuple[JobRecord, ...]:
        """Return the last jobs of all processes, the latest first, each as it stands now."""
        mine = self.running()
        found = settled(self._store, self._models_dir, limit)
        return tuple(mine if mine is not None and job.id == mine.id else job for job in found)

    def expected_s(self, kind: str) -> float | None:
        """Return how long the last job of its kind that was done has taken; None without one."""
        for job in self._store.jobs(_LOOKED_THROUGH):
            if job.kind == kind and job.state == "done" and job.ended_at is not None:
                took_s = (job.ended_at - job.started_at).total_seconds()
                if took_s > 0:  # it is not where the clock was set back meanwhile
                    return took_s
        return None

    def _stop(self, how: JobState) -> None:
        run = self._run
        if run is not None:
            run.stopped = run.stopped or how
            run.process.ask_to_end()

    def _follow(self, run: _Run) -> None:
        kept_s = time.monotonic()
        while not run.process.ended():
            if time.monotonic() - kept_s >= _KEPT_EVERY_S:
                kept_s = time.monotonic()
                self._keep(_so_far(run))
        try:
            self._keep(_ended(run))
        finally:
            with self._guard:
                self._run = None
                run.lock.release()

    def _keep(self, job: JobRecord) -> None:
        try:
            self._store.put_job(job)
        except StoreError as error:
            # The work itself goes on; where its end cannot be kept, it will count as interrupted.
            _log.error("Job %d could not be kept: %s", job.id, error)


def settled(store: Store, models_dir: Path, limit: int = _LOOKED_THROUGH) -> tuple[JobRecord, ...]:
    """Return the last jobs, the latest first; those whose process is gone are now interrupted.

    A job of an app with another models folder, which shares the database, is left to that app.
    """
    jobs = store.jobs(limit)
    if all(job.state != "running" for job in jobs):
        return jobs
    holder = owner(models_dir)
    # Read again after the lock was looked at: a job ends in the store before it lets go.
    jobs = store.jobs(limit)
    found = []
    for job in jobs:
        message = _why_it_is_over(job, holder, models_dir) if job.state == "running" else ""
        if message:
            gone = replace(job, state="interrupted", ended_at=datetime.now(UTC), message=message)
            store.put_job(gone)
            found.append(gone)
        else:
            found.append(job)
    return tuple(found)


def _why_it_is_over(job: JobRecord, holder: Owner | None, models_dir: Path) -> str:
    """Return why a job that stands as running does no more; "" where it may."""
    if not is_of(job.owner, models_dir):
        # Its app says how it ended, unless that never starts again: a container has a new name.
        if datetime.now(UTC) - job.started_at < _LONGEST:
            return ""
        return "Its app, which has another models folder, has not said for days how it ended."
    if holder is None or holder.token not in ("", job.owner.partition(" ")[0]):
        return "The process that ran this is gone. Nothing was activated; start it again."
    return ""


def _so_far(run: _Run) -> JobRecord:
    process = run.process
    message = "Stopping" if run.stopped else process.message
    return replace(run.job, fraction=process.fraction, message=message, log=process.log)


def _ended(run: _Run) -> JobRecord:
    """Return the job as it ended, after what was left to do was done."""
    job = replace(_so_far(run), ended_at=datetime.now(UTC))
    problem = run.process.why_it_failed()
    answer = run.process.result()
    # One that was done at that very moment is not followed up either: nothing takes over.
    if run.stopped == "interrupted":
        message = "The app was stopped while this ran. Nothing was activated; start it again."
        return replace(job, state="interrupted", message=message)
    if run.stopped:
        return replace(job, state="cancelled", message="Stopped on request. Nothing was activated.")
    if problem:
        return replace(job, state="failed", message=problem)
    try:
        message, result = run.finish(answer or {})
    except CoreError as error:
        return replace(job, state="failed", message=str(error), result=answer)
    now = datetime.now(UTC)
    return replace(job, state="done", fraction=1.0, message=message, result=result, ended_at=now)
