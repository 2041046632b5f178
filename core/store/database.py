"""The tables, and opening the database that holds them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import (
    JSON,
    URL,
    Boolean,
    Column,
    DateTime,
    Engine,
    Float,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    create_engine,
    inspect,
    make_url,
    text,
)
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.schema import CreateColumn, CreateIndex, CreateTable
from sqlalchemy.types import TypeDecorator

from core.errors import StoreError
from core.store import sqlite_file
from core.store.append_only import protect_audit

__all__ = ["Tables", "UtcDateTime", "open_engine", "prepare", "store_errors"]

CONNECT_TIMEOUT_S = 5
# What SQLite says of a file that is damaged or none of its own.
_DAMAGED = ("disk image is malformed", "file is not a database")

# Held while tables are made, so that several processes may start at once. The number is any that
# other programs in the same PostgreSQL database do not use.
LOCK_TABLES = {
    "sqlite": "BEGIN IMMEDIATE",
    "postgresql": "SELECT pg_advisory_xact_lock(5871002451)",
}


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime in UTC, in and out.

    PostgreSQL keeps the zone; SQLite has no such type, and its text is UTC without saying so.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Return what the database keeps; ValueError for a time without a zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone")
        in_utc = value.astimezone(UTC)
        return in_utc.replace(tzinfo=None) if dialect.name == "sqlite" else in_utc

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Return the time in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Tables:
    """The tables of a store; `samples` has one column for each metric."""

    def __init__(self, metric_names: Sequence[str]) -> None:
        self.metadata = MetaData()
        self.samples = Table(
            "samples",
            self.metadata,
            Column("host", Text, primary_key=True),
            Column("at", UtcDateTime, primary_key=True),
            *(Column(name, Float(53)) for name in metric_names),
        )
        self.risks = Table(
            "risks",
            self.metadata,
            Column("host", Text, primary_key=True),
            Column("at", UtcDateTime, primary_key=True),
            Column("probability", Float(53), nullable=False),
            Column("cause", Text),
            Column("model_version", Text, nullable=False),
        )
        self.alarms = Table(
            "alarms",
            self.metadata,
            Column("id", Integer, primary_key=True),
            Column("host", Text, nullable=False),
            Column("started_at", UtcDateTime, nullable=False),
            Column("ended_at", UtcDateTime),
            Column("peak_probability", Float(53), nullable=False),
            Column("cause", Text, nullable=False),
            Column("reason", Text, nullable=False),
        )
        Index("alarms_by_host", self.alarms.c.host, self.alarms.c.started_at)
        self.corrections = Table(
            "corrections",
            self.metadata,
            Column("id", Integer, primary_key=True),
            Column("at", UtcDateTime, nullable=False),
            Column("who", Text, nullable=False),
            Column("text", Text, nullable=False),
            Column("old", Text, nullable=False),
            Column("new", Text, nullable=False),
            Column("telemetry", JSON, nullable=False),
        )
        self.replies = Table(
            "replies",
            self.metadata,
            Column("id", Integer, primary_key=True),
            Column("at", UtcDateTime, nullable=False),
            Column("ticket", Text, nullable=False),
            Column("text", Text, nullable=False),
            Column("provider", Text, nullable=False),
            Column("model", Text, nullable=False),
            Column("prompt_version", Text, nullable=False),
            Column("is_edited", Boolean, nullable=False),
            Column("thumb", Integer, nullable=False),
            Column("comment", Text, nullable=False),
        )
        self.audit = Table(
            "audit",
            self.metadata,
            Column("id", Integer, primary_key=True),
            Column("at", UtcDateTime, nullable=False),
            Column("who", Text, nullable=False),
            Column("origin", Text, nullable=False),
            Column("action", Text, nullable=False),
            Column("subject", Text, nullable=False),
            Column("detail", Text, nullable=False),
        )
        self.jobs = Table(
            "jobs",
            self.metadata,
            Column("id", Integer, primary_key=True),
            Column("kind", Text, nullable=False),
            Column("who", Text, nullable=False),
            Column("owner", Text, nullable=False),
            Column("started_at", UtcDateTime, nullable=False),
            Column("ended_at", UtcDateTime),
            Column("state", Text, nullable=False),
            Column("fraction", Float(53), nullable=False),
            Column("message", Text, nullable=False),
            Column("log", Text, nullable=False),
            Column("result", JSON(none_as_null=True)),
        )


@contextmanager
def store_errors(what: str) -> Iterator[None]:
    """Turn what the database raises into a StoreError that says what failed.

    The statement and its values stay out of the message; the driver's own words tell no password.
    """
    try:
        yield
    except SQLAlchemyError as error:
        said = str(getattr(error, "orig", None) or error).strip().splitlines()
        detail = said[0] if said else type(error).__name__
        if any(words in detail for words in _DAMAGED):
            detail += (
                ". Bring a backup of the file back, or move it aside: the app begins an empty one "
                "with its next start"
            )
        raise StoreError(f"{what}: {detail}. DATABASE_URL names the database.") from error


def open_engine(url: str) -> Engine:
    """Return the engine for `url`; nothing is connected yet.

    Raises
    ------
    StoreError
        `url` is no address of an SQLite file or a PostgreSQL database, the file's folder cannot be
        made, or the driver is not installed.
    """
    address = _address(url)
    with store_errors(f"The database {_shown(address)} cannot be opened"):
        try:
            if address.get_backend_name() == "sqlite":
                file = address.database or ""
                # SQLite has its own form of address, too.
                path = None if file.startswith("file:") else Path(file)
                if path is not None:
                    path.parent.mkdir(parents=True, exist_ok=True)
                engine = create_engine(address)
                sqlite_file.set_up(engine, path)
                return engine
            # Connections that died with the server are noticed before they are used. Without the
            # encoding texts come as bytes from a database that was made in the C locale.
            return create_engine(
                address,
                pool_pre_ping=True,
                connect_args={"connect_timeout": CONNECT_TIMEOUT_S, "client_encoding": "utf8"},
            )
        except (OSError, ImportError) as error:
            raise StoreError(
                f"The database {_shown(address)} cannot be opened: {error}."
                " DATABASE_URL names the database."
            ) from error


def prepare(engine: Engine, tables: Tables) -> None:
    """Create the tables that are not there, and the columns of metrics that are new.

    Raises
    ------
    StoreError
        The database cannot be reached or written.
    """
    place = _shown(engine.url)
    with store_errors(f"The database {place} cannot be set up"), engine.begin() as connection:
        connection.exec_driver_sql(LOCK_TABLES[engine.dialect.name])
        for table in tables.metadata.sorted_tables:
            connection.execute(CreateTable(table, if_not_exists=True))
            for index in table.indexes:
                connection.execute(CreateIndex(index, if_not_exists=True))
        there = {column["name"] for column in inspect(connection).get_columns("samples")}
        for column in tables.samples.columns:
            if column.name not in there:
                described = CreateColumn(column).compile(dialect=engine.dialect)
                connection.execute(text(f"ALTER TABLE samples ADD COLUMN {described}"))
        protect_audit(connection)


def _address(url: str) -> URL:
    # `from None`: the original error repeats the whole URL, password included.
    try:
        address = make_url(url)
    except (SQLAlchemyError, ValueError):
        raise StoreError(
            "DATABASE_URL is no address of a database; it looks like sqlite:///FILE or"
            " postgresql+psycopg://USER:PASSWORD@HOST/NAME."
        ) from None
    if address.get_backend_name() not in LOCK_TABLES:
        raise StoreError(
            f"DATABASE_URL asks for {address.get_backend_name()!r};"
            " the history is kept in sqlite or postgresql."
        )
    if address.get_backend_name() == "sqlite" and address.database in (None, "", ":memory:"):
        raise StoreError(
            "DATABASE_URL names a database in memory, which no second thread sees;"
            " name a file as in sqlite:///data/app.db."
        )
    return address


def _shown(url: URL) -> str:
    """Return `url` without the password and without the query, which may hold one too."""
    return url.set(query={}).render_as_string(hide_password=True)
