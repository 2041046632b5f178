"""What people said of answers: corrected categories and replies that were kept."""

from core.access import Actor, require_admin
from core.admin.trail import note
from core.errors import MissingDataError
from core.store import Correction, SavedReply, Store

__all__ = ["correct", "save_reply"]

_SUBJECT_CHARACTERS = 60


def correct(actor: Actor, store: Store, correction: Correction) -> None:
    """Keep a correction of a ticket's category, which joins the next training.

    Raises
    ------
    NotAllowedError
        `actor` is no admin.
    MissingDataError
        The ticket has no text, by which the training would know it.
    StoreError
        It is not kept, or is kept and could not be entered in the audit trail.
    """
    require_admin(actor, "correct a ticket's category")
    if not correction.text.strip():
        raise MissingDataError(
            "A correction is learnt by the text of its ticket, and this ticket has none; classify "
            "it with a text and correct that."
        )
    store.add_correction(correction)
    note(
        store, actor, "corrected", _ticket(correction.text), f"{correction.old} -> {correction.new}"
    )


def save_reply(actor: Actor, store: Store, reply: SavedReply) -> int:
    """Keep a reply with its ticket and what was thought of it; return its id.

    Raises
    ------
    NotAllowedError
        `actor` is no admin.
    StoreError
        It is not kept, or is kept and could not be entered in the audit trail.
    """
    require_admin(actor, "save a reply")
    number = store.add_reply(reply)
    edited = ", edited" if reply.is_edited else ""
    note(store, actor, "saved reply", _ticket(reply.ticket), f"number {number}{edited}")
    return number


def _ticket(text: str) -> str:
    # The trail says which ticket it was; what stands in it is in its own table.
    short = " ".join(text.split())
    if len(short) > _SUBJECT_CHARACTERS:
        short = f"{short[: _SUBJECT_CHARACTERS - 1]}…"
    return f"ticket: {short}"
