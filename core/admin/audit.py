"""Read the audit trail, and write it out for others."""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import asdict

from core.access import Actor, require_admin
from core.store import AuditEntry, AuditFilter, Store
from core.tickets.export import neutralised
from core.visible import json_line

__all__ = ["COLUMNS", "as_csv", "as_json_lines", "entries", "latest"]

COLUMNS = ("id", "at", "who", "origin", "action", "subject", "detail")
_AT_A_TIME = 5_000


def latest(
    actor: Actor, store: Store, limit: int, *, offset: int = 0, only: AuditFilter | None = None
) -> tuple[AuditEntry, ...]:
    """Return `limit` entries, the latest first, after `offset` later ones.

    Raises
    ------
    NotAllowedError
        `actor` is no admin: the trail says who works when and from where.
    StoreError
        It cannot be read.
    """
    require_admin(actor, "read the audit trail")
    return store.audit(limit, offset=offset, only=only)


def entries(actor: Actor, store: Store, only: AuditFilter | None = None) -> Iterator[AuditEntry]:
    """Return every entry, the latest first, read in parts; errors as for `latest`."""
    require_admin(actor, "read the audit trail")

    def read() -> Iterator[AuditEntry]:
        offset = 0
        while part := store.audit(_AT_A_TIME, offset=offset, only=only):
            yield from part
            offset += len(part)

    return read()


def as_csv(found: Iterable[AuditEntry]) -> str:
    """Return the entries as CSV in which a spreadsheet takes nothing for a formula."""
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(COLUMNS)
    for entry in found:
        lines.writerow([neutralised(str(value)) for value in _row(entry).values()])
    return text.getvalue()


def as_json_lines(found: Iterable[AuditEntry]) -> str:
    """Return the entries as one JSON object a line."""
    return "".join(json_line(_row(entry)) + "\n" for entry in found)


def _row(entry: AuditEntry) -> dict[str, object]:
    values = asdict(entry) | {"at": entry.at.isoformat(timespec="milliseconds")}
    return {name: values[name] for name in COLUMNS}
