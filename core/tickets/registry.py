"""The candidate models, found in `core/tickets/candidates/`: one module each."""

from core.registry import Registry
from core.tickets.candidate import Candidate

__all__ = ["CANDIDATES", "candidate_names", "create_candidate", "register"]

CANDIDATES: Registry[Candidate] = Registry(
    "core.tickets.candidates", "ticket model", lambda candidate: candidate.name
)
register = CANDIDATES.register
candidate_names = CANDIDATES.names


def create_candidate(name: str) -> Candidate:
    """Return the candidate of this name.

    Raises
    ------
    UnknownNameError
        No candidate has this name; the message lists those there are.
    """
    return CANDIDATES.find(name)()
