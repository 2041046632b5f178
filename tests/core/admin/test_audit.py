"""The audit trail as files for others."""

import csv
import io
import json
from datetime import UTC, datetime

from core.admin import audit
from core.store import AuditEntry

ENTRY = AuditEntry(
    id=7,
    at=datetime(2026, 3, 1, 12, tzinfo=UTC),
    who='=HYPERLINK("http://192.0.2.1")',
    origin="127.0.0.1",
    action="corrected",
    subject="ticket: a, b\nc",
    detail="-1+1",
)


def test_csv_when_written_then_a_spreadsheet_takes_nothing_for_a_formula():
    header, row = csv.reader(io.StringIO(audit.as_csv([ENTRY])))
    assert tuple(header) == audit.COLUMNS
    assert row[2].startswith("'=")
    assert row[5] == ENTRY.subject
    assert row[6] == "'-1+1"


def test_json_lines_when_written_then_every_line_is_an_entry_as_it_is():
    (line,) = audit.as_json_lines([ENTRY]).splitlines()
    assert json.loads(line) == {
        "id": 7,
        "at": "2026-03-01T12:00:00.000+00:00",
        "who": ENTRY.who,
        "origin": ENTRY.origin,
        "action": ENTRY.action,
        "subject": ENTRY.subject,
        "detail": ENTRY.detail,
    }
