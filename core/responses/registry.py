"""The reply providers, found in `core/responses/providers/`: one module each."""

from core.registry import Registry
from core.responses.provider import Access, Provider

__all__ = ["PROVIDERS", "create_provider", "default_provider", "provider_names", "register"]

PROVIDERS: Registry[Provider] = Registry(
    "core.responses.providers",
    "reply provider",
    lambda provider: provider.name,
    first=("offline",),
)
register = PROVIDERS.register
provider_names = PROVIDERS.names


def create_provider(name: str, access: Access) -> Provider:
    """Return a new provider of this name.

    Raises
    ------
    UnknownNameError
        No provider has this name; the message lists those there are.
    """
    return PROVIDERS.find(name)(access)


def default_provider(access: Access) -> str:
    """Return who writes where nobody chooses: a language model that can be reached, else offline.

    The Hugging Face router asks for a token; a server of one's own may do without.
    """
    return "huggingface" if access.token or not access.is_router else "offline"
