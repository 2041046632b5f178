"""The database of what was measured and what came of it: an SQLite file, or PostgreSQL by URL.

`Store` is the door: samples, scored risks and alarms of hosts, corrections of tickets, replies
to them and the audit trail go in and come out as frozen results.
`SampleRecorder` hands it each sample of a sampler and keeps to the retention.
"""

from core.store.recorder import SampleRecorder
from core.store.records import (
    AlarmRecord,
    AuditEntry,
    AuditFilter,
    Correction,
    JobRecord,
    JobState,
    RiskRecord,
    SampleTable,
    SavedReply,
)
from core.store.store import Store

__all__ = [
    "AlarmRecord",
    "AuditEntry",
    "AuditFilter",
    "Correction",
    "JobRecord",
    "JobState",
    "RiskRecord",
    "SampleRecorder",
    "SampleTable",
    "SavedReply",
    "Store",
]
