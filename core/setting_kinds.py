"""How the text of a setting becomes its value, and in words what is allowed."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

__all__ = [
    "ROOT",
    "Kind",
    "Limits",
    "choice",
    "database",
    "emails",
    "existing_path",
    "folder",
    "host_names",
    "limits",
    "model_address",
    "number",
    "or_none",
    "text",
    "web_address",
    "whole_number",
]

ROOT = Path(__file__).resolve().parents[1]
"""The project's folder, where relative paths start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Up to where a metric may rise, in its unit; None: there is no such limit.

    `excluded` says why there is none, in the words of whoever has set it.
    """

    warning: float | None = None
    hard: float | None = None
    excluded: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """How a setting's text becomes its value, and in words what is allowed.

    `read` returns the value, or raises ValueError where the text cannot be used.
    """

    read: Callable[[str], Any]
    allowed: str


def number(low: float, high: float) -> Kind:
    """Return the kind of a number from `low` to `high`."""

    def read(text: str) -> float:
        number = float(text)
        if not low <= number <= high:  # NaN is not between them either
            raise ValueError(text)
        return number

    return Kind(read=read, allowed=f"a number from {low:g} to {high:g}")


def whole_number(low: int, high: int) -> Kind:
    """Return the kind of a whole number from `low` to `high`."""

    def read(text: str) -> int:
        number = int(text)
        if not low <= number <= high:
            raise ValueError(text)
        return number

    return Kind(read=read, allowed=f"a whole number from {low} to {high}")


def text(pattern: str, allowed: str) -> Kind:
    """Return the kind of a text that matches `pattern` as a whole."""

    def read(text: str) -> str:
        if re.fullmatch(pattern, text) is None:
            raise ValueError(text)
        return text

    return Kind(read=read, allowed=allowed)


def choice(*allowed: str) -> Kind:
    """Return the kind of one of a few words, in any case."""

    def read(text: str) -> str:
        return allowed[allowed.index(text.upper())]

    return Kind(read=read, allowed="one of " + ", ".join(allowed))


def host_names() -> Kind:
    """Return the kind of a list of names separated by commas."""

    def read(text: str) -> tuple[str, ...]:
        names = tuple(name.strip() for name in text.split(",") if name.strip())
        if not names or any(re.fullmatch(r"[\w.*:\[\]-]+", name) is None for name in names):
            raise ValueError(text)
        return names

    return Kind(read=read, allowed="host names separated by commas")


def emails() -> Kind:
    """Return the kind of a list of e-mail addresses separated by commas; it may be empty."""

    def read(text: str) -> tuple[str, ...]:
        addresses = tuple(part.strip() for part in text.split(",") if part.strip())
        if any(re.fullmatch(r"[^\s@,]+@[^\s@,]+", address) is None for address in addresses):
            raise ValueError(text)
        return addresses

    return Kind(read=read, allowed="e-mail addresses separated by commas")


def limits() -> Kind:
    """Return the kind of a warning and a hard limit."""

    def read(text: str) -> Limits:
        word, _, reason = text.partition(":")
        if word.strip().lower() == "none":
            return Limits(excluded=reason.strip())
        warning, hard = (float(part) for part in text.split(","))
        if not 0 < warning <= hard < float("inf"):
            raise ValueError(text)
        return Limits(warning=warning, hard=hard)

    return Kind(
        read=read,
        allowed="warning and hard limit such as 80,95, or none, or none: and the reason",
    )


def folder() -> Kind:
    """Return the kind of a folder, which need not be there yet."""

    def read(text: str) -> Path:
        path, is_there = _path(text)
        if is_there and not path.is_dir():
            raise ValueError(text)
        return path

    return Kind(read=read, allowed="a folder, not a file")


def existing_path() -> Kind:
    """Return the kind of a path that is there."""

    def read(text: str) -> Path:
        path, is_there = _path(text)
        if not is_there:
            raise ValueError(text)
        return path

    return Kind(read=read, allowed="a path that exists on this machine")


def _path(text: str) -> tuple[Path, bool]:
    """Return the path that `text` means, and whether it is there; ValueError where nobody knows."""
    try:
        path = ROOT / Path(text).expanduser()
        return path, path.exists()
    # The home of somebody who is not known; a name too long, a folder that is not ours to look in.
    except (RuntimeError, OSError) as error:
        raise ValueError(getattr(error, "strerror", None) or str(error)) from error


def web_address() -> Kind:
    """Return the kind of an http or https address."""

    def read(text: str) -> str:
        parts = urlsplit(text)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0:
            raise ValueError(text)
        return text

    return Kind(read=read, allowed="an http or https address such as http://127.0.0.1:8501/health")


def database() -> Kind:
    """Return the kind of the address of a database."""

    def read(text: str) -> str:
        if text.partition("://")[0] not in ("sqlite", "postgresql", "postgresql+psycopg"):
            raise ValueError(text)
        scheme, _, file = text.partition(":///")
        # SQLite has its own form of address, too, and databases that are no file.
        if scheme == "sqlite" and file and not file.startswith(("file:", ":memory:", "?")):
            name, mark, query = file.partition("?")
            return f"sqlite:///{_path(name)[0].as_posix()}{mark}{query}"
        # Plain "postgresql" would ask SQLAlchemy for a driver that is not installed.
        return re.sub(r"^postgresql:", "postgresql+psycopg:", text)

    return Kind(read=read, allowed="sqlite:///FILE or postgresql+psycopg://USER:PASSWORD@HOST/NAME")


def model_address() -> Kind:
    """Return the kind of the address of a language model: no name, password or query in it."""

    def read(text: str) -> str:
        parts = urlsplit(text)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0:
            raise ValueError(text)
        if parts.username is not None or parts.query or parts.fragment:
            raise ValueError(text)
        return text.rstrip("/")

    return Kind(read=read, allowed="an http or https address without a password or a query")


def or_none(kind: Kind) -> Kind:
    """Return the kind whose setting may be left out; its value is then ""."""
    return Kind(read=lambda text: kind.read(text) if text else "", allowed=kind.allowed)
