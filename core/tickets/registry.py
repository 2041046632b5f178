"""The candidate models, found in `core/tickets/candidates/`: one module each."""

import importlib
import pkgutil

from core.errors import UnknownNameError
from core.tickets.candidate import Candidate

__all__ = ["candidate_names", "create_candidate", "register"]

_PACKAGE = "core.tickets.candidates"
_registered: dict[str, type[Candidate]] = {}
_loaded = False


def register(candidate: type[Candidate]) -> type[Candidate]:
    """Make `candidate` known under its name; a class decorator.

    Raises
    ------
    ValueError
        The name is no identifier, or another candidate has it.
    """
    name = candidate.name
    if not name.isidentifier():
        raise ValueError(f"a candidate is named like a variable, not {name!r}")
    other = _registered.get(name)
    # The same class again is a module that failed on its first import and is tried once more.
    if other is not None and _origin(other) != _origin(candidate):
        raise ValueError(
            f"two candidates are named {name!r}: {_origin(other)} and {_origin(candidate)}"
        )
    _registered[name] = candidate
    return candidate


def candidate_names() -> tuple[str, ...]:
    """Return the names of all candidates in alphabetical order."""
    return tuple(sorted(_load()))


def create_candidate(name: str) -> Candidate:
    """Return the candidate of this name.

    Raises
    ------
    UnknownNameError
        No candidate has this name; the message lists those there are.
    """
    known = _load()
    if name not in known:
        raise UnknownNameError(
            f"No ticket model is named {name[:40]!r}; there are {', '.join(sorted(known))}."
        )
    return known[name]()


def _load() -> dict[str, type[Candidate]]:
    global _loaded
    if not _loaded:
        package = importlib.import_module(_PACKAGE)
        for module in pkgutil.iter_modules(package.__path__):
            importlib.import_module(f"{_PACKAGE}.{module.name}")
        _loaded = True
    return _registered


def _origin(candidate: type[Candidate]) -> str:
    return f"{candidate.__module__}.{candidate.__qualname__}"
