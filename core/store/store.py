"""Write and read the history of hosts, and what people said of tickets."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, Table, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.functions import count

from core.errors import StoreError
from core.metrics import METRIC_NAMES, Sample
from core.store.database import Tables, open_engine, prepare, store_errors
from core.store.records import (
    AlarmRecord,
    AuditEntry,
    AuditFilter,
    Correction,
    JobRecord,
    RiskRecord,
    SampleTable,
    SavedReply,
)

__all__ = ["Store"]


class Store:
    """The history of hosts and tickets in one database; safe to use from several threads.

    Every method raises StoreError where the database cannot be reached, read or written. Times are
    aware datetimes; they come back in UTC.

    Parameters
    ----------
    url : str
        `sqlite:///FILE` or `postgresql+psycopg://USER:PASSWORD@HOST/NAME`.
    metric_names : sequence of str
        The metrics that are kept, in the order in which they come back. Columns of new ones are
        added; those of former ones stay and are not read.
    """

    def __init__(self, url: str, metric_names: Sequence[str] = METRIC_NAMES) -> None:
        self.metric_names = tuple(metric_names)
        self._tables = Tables(self.metric_names)
        self._engine = open_engine(url)
        prepare(self._engine, self._tables)

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()

    def add_sample(self, sample: Sample) -> None:
        """Keep a sample, gaps without their reason; one of the same host and time is replaced."""
        row = {name: sample.reading(name).value for name in self.metric_names}
        self._put(self._tables.samples, {"host": sample.host, "at": sample.at, **row})

    def samples(self, host: str, since: datetime, until: datetime | None = None) -> SampleTable:
        """Return the samples of `host` from `since` up to and including `until`."""
        samples = self._tables.samples
        columns = [samples.c[name] for name in self.metric_names]
        query = select(samples.c.at, *columns).where(samples.c.host == host, samples.c.at >= since)
        if until is not None:
            query = query.where(samples.c.at <= until)
        rows = self._read(query.order_by(samples.c.at))
        values = np.array([row[1:] for row in rows], dtype=float)
        return SampleTable(
            metric_names=self.metric_names,
            at=tuple(row[0] for row in rows),
            values=values.reshape(len(rows), len(columns)),
        )

    def last_sample_at(self, host: str, since: datetime, until: datetime) -> datetime | None:
        """Return when the last sample of `host` in that time was taken, None without one."""
        samples = self._tables.samples
        query = (
            select(samples.c.at)
            .where(samples.c.host == host, samples.c.at >= since, samples.c.at <= until)
            .order_by(samples.c.at.desc())
            .limit(1)
        )
        rows = self._read(query)
        return rows[0][0] if rows else None

    def add_risk(
        self, host: str, at: datetime, probability: float, cause: str | None, model_version: str
    ) -> None:
        """Keep what the model said at `at`; a risk of the same host and time is replaced."""
        self._put(
            self._tables.risks,
            {
                "host": host,
                "at": at,
                "probability": probability,
                "cause": cause,
                "model_version": model_version,
            },
        )

    def risks(
        self, host: str, since: datetime, until: datetime | None = None
    ) -> tuple[RiskRecord, ...]:
        """Return the risks of `host` from `since` up to and including `until`, oldest first."""
        risks = self._tables.risks
        query = select(risks.c.at, risks.c.probability, risks.c.cause, risks.c.model_version).where(
            risks.c.host == host, risks.c.at >= since
        )
        if until is not None:
            query = query.where(risks.c.at <= until)
        return tuple(
            RiskRecord(at=at, probability=probability, cause=cause, model_version=model_version)
            for at, probability, cause, model_version in self._read(query.order_by(risks.c.at))
        )

    def open_alarm(
        self, host: str, started_at: datetime, peak_probability: float, cause: str, reason: str
    ) -> int:
        """Keep an alarm that has begun and return its id."""
        alarms = self._tables.alarms
        statement = insert(alarms).values(
            host=host,
            started_at=started_at,
            peak_probability=peak_probability,
            cause=cause,
            reason=reason,
        )
        with store_errors("The alarm cannot be written"), self._engine.begin() as connection:
            return int(connection.execute(statement.returning(alarms.c.id)).scalar_one())

    def update_alarm(self, alarm_id: int, peak_probability: float, cause: str, reason: str) -> None:
        """Replace what is known of an alarm that lasts."""
        self._change_alarm(alarm_id, peak_probability=peak_probability, cause=cause, reason=reason)

    def close_alarm(
        self, alarm_id: int, ended_at: datetime, peak_probability: float, reason: str
    ) -> None:
        """End an alarm."""
        self._change_alarm(
            alarm_id, ended_at=ended_at, peak_probability=peak_probability, reason=reason
        )

    def alarms(self, host: str, limit: int) -> tuple[AlarmRecord, ...]:
        """Return the last `limit` alarms of `host`, the latest first."""
        alarms = self._tables.alarms
        query = (
            select(alarms)
            .where(alarms.c.host == host)
            .order_by(alarms.c.started_at.desc(), alarms.c.id.desc())
            .limit(limit)
        )
        return tuple(AlarmRecord(**row._mapping) for row in self._read(query))

    def add_correction(self, correction: Correction) -> None:
        """Keep a correction of a ticket, beside earlier ones of the same ticket.

        A character that a database cannot keep (NUL, half a surrogate pair) becomes U+FFFD.
        """
        row = {
            "at": correction.at,
            "who": _storable(correction.who),
            "text": _storable(correction.text),
            "old": _storable(correction.old),
            "new": _storable(correction.new),
            "telemetry": dict(correction.telemetry),
        }
        statement = insert(self._tables.corrections).values(row)
        with store_errors("The correction is not kept"), self._engine.begin() as connection:
            connection.execute(statement)

    def corrections(self) -> tuple[Correction, ...]:
        """Return every correction of a ticket that has a text, the oldest first.

        Earlier versions of the app kept some without one: such a correction names no ticket.
        """
        table = self._tables.corrections
        columns = [column for column in table.columns if column is not table.c.id]
        rows = self._read(select(*columns).order_by(table.c.at, table.c.id))
        kept = (Correction(**row._mapping) for row in rows)
        return tuple(correction for correction in kept if correction.text.strip())

    def add_reply(self, reply: SavedReply) -> int:
        """Keep a reply with its ticket and return its id; characters as for corrections."""
        row = {
            "at": reply.at,
            "ticket": _storable(reply.ticket),
            "text": _storable(reply.text),
            "provider": reply.provider,
            "model": _storable(reply.model),
            "prompt_version": reply.prompt_version,
            "is_edited": reply.is_edited,
            "thumb": reply.thumb,
            "comment": _storable(reply.comment),
        }
        replies = self._tables.replies
        statement = insert(replies).values(row).returning(replies.c.id)
        with store_errors("The reply is not kept"), self._engine.begin() as connection:
            return int(connection.execute(statement).scalar_one())

    def replies(self, limit: int) -> tuple[SavedReply, ...]:
        """Return the last `limit` replies that were kept, the latest first."""
        replies = self._tables.replies
        query = select(replies).order_by(replies.c.at.desc(), replies.c.id.desc()).limit(limit)
        return tuple(SavedReply(**row._mapping) for row in self._read(query))

    def add_audit(self, entry: AuditEntry) -> None:
        """Enter what somebody did; characters as for corrections."""
        row = {
            "at": entry.at,
            "who": _storable(entry.who),
            "origin": _storable(entry.origin),
            "action": _storable(entry.action),
            "subject": _storable(entry.subject),
            "detail": _storable(entry.detail),
        }
        statement = insert(self._tables.audit).values(row)
        with store_errors("The audit trail cannot be written"), self._engine.begin() as connection:
            connection.execute(statement)

    def audit(
        self, limit: int, *, offset: int = 0, only: AuditFilter | None = None
    ) -> tuple[AuditEntry, ...]:
        """Return `limit` entries of the audit trail after `offset` later ones, the latest first."""
        audit = self._tables.audit
        query = select(audit).where(*self._meant(only)).order_by(audit.c.id.desc())
        rows = self._read(query.offset(offset).limit(limit))
        return tuple(AuditEntry(**row._mapping) for row in rows)

    def count_audit(self, only: AuditFilter | None = None) -> int:
        """Return how many entries the audit trail has."""
        query = select(count()).select_from(self._tables.audit).where(*self._meant(only))
        return int(self._read(query)[0][0])

    def audit_actions(self) -> tuple[str, ...]:
        """Return the actions that the audit trail has entries of, by name."""
        action = self._tables.audit.c.action
        return tuple(row[0] for row in self._read(select(action).distinct().order_by(action)))

    def _meant(self, only: AuditFilter | None) -> list[ColumnElement[bool]]:
        audit, only = self._tables.audit, only or AuditFilter()
        meant: list[ColumnElement[bool]] = []
        if only.actions:
            meant.append(audit.c.action.in_(only.actions))
        if only.who:
            meant.append(audit.c.who.icontains(_storable(only.who), autoescape=True))
        if only.words:
            words = _storable(only.words)
            meant.append(
                audit.c.subject.icontains(words, autoescape=True)
                | audit.c.detail.icontains(words, autoescape=True)
            )
        if only.since is not None:
            meant.append(audit.c.at >= only.since)
        return meant

    def put_job(self, job: JobRecord) -> int:
        """Keep a job, or replace the one of its id; return the id. Characters as for corrections.

        A job that has ended stays as it is: whoever was slower to say how it ended is not heard.
        """
        jobs = self._tables.jobs
        row = {
            **{name: getattr(job, name) for name in jobs.columns.keys() if name != "id"},  # noqa: SIM118
            "who": _storable(job.who),
            "message": _storable(job.message),
            "log": _storable(job.log),
            "result": None if job.result is None else dict(job.result),
        }
        with store_errors("The job is not kept"), self._engine.begin() as connection:
            if not job.id:
                statement = insert(jobs).values(row).returning(jobs.c.id)
                return int(connection.execute(statement).scalar_one())
            still = (jobs.c.id == job.id) & (jobs.c.state == "running")
            connection.execute(update(jobs).where(still).values(row))
            return job.id

    def jobs(self, limit: int) -> tuple[JobRecord, ...]:
        """Return the last `limit` jobs, the latest first."""
        jobs = self._tables.jobs
        query = select(jobs).order_by(jobs.c.id.desc()).limit(limit)
        return tuple(JobRecord(**row._mapping) for row in self._read(query))

    def prune(self, before: datetime) -> int:
        """Delete samples and risks from before `before` and alarms that ended before it.

        Corrections, replies, jobs and the audit trail stay. Returns how many rows went.
        """
        tables = self._tables
        old = (
            delete(tables.samples).where(tables.samples.c.at < before),
            delete(tables.risks).where(tables.risks.c.at < before),
            delete(tables.alarms).where(tables.alarms.c.ended_at < before),
        )
        with store_errors("Old history cannot be deleted"), self._engine.begin() as connection:
            return sum(connection.execute(statement).rowcount for statement in old)

    def _put(self, table: Table, row: dict[str, Any]) -> None:
        dialect: Any = sqlite if self._engine.dialect.name == "sqlite" else postgresql
        statement = dialect.insert(table).values(row)
        statement = statement.on_conflict_do_update(index_elements=["host", "at"], set_=row)
        with store_errors("The history cannot be written"), self._engine.begin() as connection:
            connection.execute(statement)

    def _change_alarm(self, alarm_id: int, **columns: Any) -> None:
        alarms = self._tables.alarms
        statement = update(alarms).where(alarms.c.id == alarm_id).values(columns)
        with store_errors("The alarm cannot be written"), self._engine.begin() as connection:
            changed = connection.execute(statement).rowcount
        if not changed:
            raise StoreError(f"There is no alarm number {alarm_id}.")

    def _read(self, query: Any) -> Sequence[Any]:
        with store_errors("The history cannot be read"), self._engine.connect() as connection:
            return connection.execute(query).fetchall()


def _storable(text: str) -> str:
    return re.sub(r"[\x00\ud800-\udfff]", "\ufffd", text)
