"""The reply providers, found in `core/responses/providers/`: one module each."""

import importlib
import pkgutil

from core.errors import UnknownNameError
from core.responses.provider import Access, Provider

__all__ = ["create_provider", "default_provider", "provider_names", "register"]

_PACKAGE = "core.responses.providers"
_registered: dict[str, type[Provider]] = {}
_loaded = False


def register(provider: type[Provider]) -> type[Provider]:
    """Make `provider` known under its name; a class decorator.

    Raises
    ------
    ValueError
        The name is no identifier, or another provider has it.
    """
    name = provider.name
    if not name.isidentifier():
        raise ValueError(f"a provider is named like a variable, not {name!r}")
    other = _registered.get(name)
    # The same class again is a module that failed on its first import and is tried once more.
    if other is not None and _origin(other) != _origin(provider):
        raise ValueError(
            f"two providers are named {name!r}: {_origin(other)} and {_origin(provider)}"
        )
    _registered[name] = provider
    return provider


def provider_names() -> tuple[str, ...]:
    """Return the names of all providers: offline first, the others in alphabetical order."""
    return tuple(sorted(_load(), key=lambda name: (name != "offline", name)))


def create_provider(name: str, access: Access) -> Provider:
    """Return a new provider of this name.

    Raises
    ------
    UnknownNameError
        No provider has this name; the message lists those there are.
    """
    known = _load()
    if name not in known:
        raise UnknownNameError(
            f"No reply provider is named {name[:40]!r}; there are {', '.join(provider_names())}."
        )
    return known[name](access)


def default_provider(access: Access) -> str:
    """Return who writes where nobody chooses: a language model that can be reached, else offline.

    The Hugging Face router asks for a token; a server of one's own may do without.
    """
    return "huggingface" if access.token or not access.is_router else "offline"


def _load() -> dict[str, type[Provider]]:
    global _loaded
    if not _loaded:
        package = importlib.import_module(_PACKAGE)
        for module in pkgutil.iter_modules(package.__path__):
            importlib.import_module(f"{_PACKAGE}.{module.name}")
        _loaded = True
    return _registered


def _origin(provider: type[Provider]) -> str:
    return f"{provider.__module__}.{provider.__qualname__}"
