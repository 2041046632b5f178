"""What writes replies, what it is given, and what it says of its work."""

from abc import ABC, abstractmethod
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import ClassVar, Literal, get_args
from urllib.parse import urlsplit

from core.responses.evidence import Evidence

__all__ = [
    "LANGUAGES",
    "TONES",
    "Access",
    "Language",
    "Pieces",
    "Provider",
    "Request",
    "Tone",
    "Usage",
]

ROUTER_HOST = "router.huggingface.co"

Language = Literal["en", "de"]
Tone = Literal["plain", "friendly", "formal"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
TONES: tuple[Tone, ...] = get_args(Tone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """How a language model is reached; `timeout_s` is for the whole reply, retries included.

    `proxy` is the address of a web proxy, "" for none: those of the environment are not used.
    """

    base_url: str
    model: str
    token: str = field(default="", repr=False)
    timeout_s: float = 60.0
    proxy: str = field(default="", repr=False)

    @property
    def is_router(self) -> bool:
        """Whether it is Hugging Face's own router."""
        return urlsplit(self.base_url).hostname == ROUTER_HOST


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a reply is to be written from: masked evidence, and how to say it."""

    evidence: tuple[Evidence, ...]
    language: Language = "en"
    tone: Tone = "plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What a provider says after its last piece.

    `model` is the one that wrote, "" where none did. `is_cut` says that the text ends before its
    end. Counts of tokens are None where the provider does not tell.
    """

    model: str = ""
    is_cut: bool = False
    prompt_tokens: int | None = None
    reply_tokens: int | None = None


# Pieces of text as they come, and at the end what is to be said of them.
Pieces = Generator[str, None, Usage]


class Provider(ABC):
    """One way to write a reply; a new one is a module in `providers/` with `@register`.

    It is built for one reply. It sees masked evidence only, and yields Markdown in the form that
    `structure` reads; what it says is checked after it.
    """

    name: ClassVar[str]
    title: ClassVar[str]

    def __init__(self, access: Access) -> None:
        self.access = access

    @property
    def model(self) -> str:
        """The name of the language model that is asked, "" for none."""
        return ""

    @abstractmethod
    def write(self, request: Request) -> Pieces:
        """Yield the reply's text piece by piece; LLMError where it cannot be written or ends early.

        Closing the generator ends the work.
        """

    def payload(self, request: Request) -> str:
        """Return what would leave this machine for `request`, "" where nothing does."""
        del request
        return ""

    def stop(self) -> None:
        """End the work from another thread, even while it waits for the network."""
        return
