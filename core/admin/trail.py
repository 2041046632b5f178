"""Enter into the audit trail who did what."""

from datetime import UTC, datetime

from core.access import Actor
from core.store import AuditEntry, Store

__all__ = ["note"]


def note(store: Store, actor: Actor, action: str, subject: str, detail: str = "") -> None:
    """Enter that `actor` did `action` to `subject`, now.

    Parameters
    ----------
    store : Store
    actor : Actor
    action : str
        What was done, in a word or two that the trail can be filtered by: "activated".
    subject : str
        What it was done to: "tickets v0007".
    detail : str
        What else a reader will ask for: a reason, a file's name, a former value.

    Raises
    ------
    StoreError
        It could not be written.
    """
    store.add_audit(
        AuditEntry(
            at=datetime.now(UTC),
            who=actor.name,
            origin=actor.origin,
            action=action,
            subject=subject,
            detail=detail,
        )
    )
