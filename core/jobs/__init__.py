"""Trainings in the background: a command in a process of its own, one at a time, on record.

A `JobRunner` starts them and follows them; `lock` keeps every other process from training at the
same time. A job ends with the process that started it, however that ends; what then still stands
as running in the store is marked as interrupted by whoever looks next.
"""

from core.jobs.lock import Owner, held, on_record, owner
from core.jobs.runner import JobRunner, settled

__all__ = ["JobRunner", "Owner", "held", "on_record", "owner", "settled"]
