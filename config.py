"""Every setting of the app, read once from the environment and the file .env beside this module."""

import os
import re
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from core.errors import SettingsError

__all__ = ["ENV_FILE", "ROOT", "Limits", "Settings", "load", "read_env_file"]

ROOT = Path(__file__).resolve().parent
ENV_FILE = ROOT / ".env"
_ENV_LINE = re.compile(r"(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Up to where a metric may rise, in its unit; None: there is no such limit.

    `excluded` says why there is none, in the words of whoever has set it.
    """

    warning: float | None = None
    hard: float | None = None
    excluded: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    """How a setting's text becomes its value, and in words what is allowed.

    `read` returns the value, or raises ValueError where the text cannot be used.
    """

    read: Callable[[str], Any]
    allowed: str


def _number(low: float, high: float) -> _Kind:
    def read(text: str) -> float:
        number = float(text)
        if not low <= number <= high:  # NaN is not between them either
            raise ValueError(text)
        return number

    return _Kind(read=read, allowed=f"a number from {low:g} to {high:g}")


def _whole_number(low: int, high: int) -> _Kind:
    def read(text: str) -> int:
        number = int(text)
        if not low <= number <= high:
            raise ValueError(text)
        return number

    return _Kind(read=read, allowed=f"a whole number from {low} to {high}")


def _text(pattern: str, allowed: str) -> _Kind:
    def read(text: str) -> str:
        if re.fullmatch(pattern, text) is None:
            raise ValueError(text)
        return text

    return _Kind(read=read, allowed=allowed)


def _choice(*allowed: str) -> _Kind:
    def read(text: str) -> str:
        return allowed[allowed.index(text.upper())]

    return _Kind(read=read, allowed="one of " + ", ".join(allowed))


def _names() -> _Kind:
    def read(text: str) -> tuple[str, ...]:
        names = tuple(name.strip() for name in text.split(",") if name.strip())
        if not names or any(re.fullmatch(r"[\w.*:\[\]-]+", name) is None for name in names):
            raise ValueError(text)
        return names

    return _Kind(read=read, allowed="host names separated by commas")


def _limits() -> _Kind:
    def read(text: str) -> Limits:
        word, _, reason = text.partition(":")
        if word.strip().lower() == "none":
            return Limits(excluded=reason.strip())
        warning, hard = (float(part) for part in text.split(","))
        if not 0 < warning <= hard < float("inf"):
            raise ValueError(text)
        return Limits(warning=warning, hard=hard)

    return _Kind(
        read=read,
        allowed="warning and hard limit such as 80,95, or none, or none: and the reason",
    )


def _folder() -> _Kind:
    def read(text: str) -> Path:
        path = ROOT / Path(text).expanduser()
        if path.exists() and not path.is_dir():
            raise ValueError(text)
        return path

    return _Kind(read=read, allowed="a folder, not a file")


def _existing_path() -> _Kind:
    def read(text: str) -> Path:
        path = ROOT / Path(text).expanduser()
        if not path.exists():
            raise ValueError(text)
        return path

    return _Kind(read=read, allowed="a path that exists on this machine")


def _web_address() -> _Kind:
    def read(text: str) -> str:
        parts = urlsplit(text)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0:
            raise ValueError(text)
        return text

    return _Kind(read=read, allowed="an http or https address such as http://127.0.0.1:8501/health")


def _database() -> _Kind:
    def read(text: str) -> str:
        if text.partition("://")[0] not in ("sqlite", "postgresql", "postgresql+psycopg"):
            raise ValueError(text)
        # Plain "postgresql" would ask SQLAlchemy for a driver that is not installed.
        return re.sub(r"^postgresql:", "postgresql+psycopg:", text)

    return _Kind(
        read=read, allowed="sqlite:///FILE or postgresql+psycopg://USER:PASSWORD@HOST/NAME"
    )


def _model_address() -> _Kind:
    """Return the kind of the address of a language model: no name, password or query in it."""

    def read(text: str) -> str:
        parts = urlsplit(text)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0:
            raise ValueError(text)
        if parts.username is not None or parts.query or parts.fragment:
            raise ValueError(text)
        return text.rstrip("/")

    return _Kind(read=read, allowed="an http or https address without a password or a query")


def _or_none(kind: _Kind) -> _Kind:
    """Return the kind whose setting may be left out; its value is then ""."""
    return _Kind(read=lambda text: kind.read(text) if text else "", allowed=kind.allowed)


def _own_health_address(read: Mapping[str, Any]) -> str:
    # An app that listens at every address is asked at the nearest one.
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(read["host"], read["host"])  # noqa: S104
    return f"http://{f'[{host}]' if ':' in host else host}:{read['port']}/_stcore/health"


def _setting(
    variable: str,
    kind: _Kind,
    default: str | Callable[[Mapping[str, Any]], str],
    meaning: str,
    *,
    default_in_words: str = "",
    unit: str = "",
    is_secret: bool = False,
) -> Any:
    """Return a dataclass field that knows how it is read and its row of the README's table.

    A `default` that depends on the machine or on settings above it is a function of those, and
    needs its wording. What is secret is never shown, not even where it cannot be used.
    """
    in_words = default_in_words or default
    return field(
        repr=not is_secret,
        metadata={
            "is_secret": is_secret,
            "variable": variable,
            "kind": kind,
            "default": default,
            "row": (variable, f"{in_words} {unit}".strip(), f"{meaning}; {kind.allowed}"),
        },
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What can be set from outside."""

    host: str = _setting(
        "HOST",
        _text(r"[\w.:-]+", "an address such as 127.0.0.1"),
        "127.0.0.1",
        "where the app listens (0.0.0.0: on every network)",
    )
    port: int = _setting(
        "PORT",
        _whole_number(1, 65535),
        "8501",
        "port of the app (where it is taken, the next free one is used)",
    )
    allowed_hosts: tuple[str, ...] = _setting(
        "ALLOWED_HOSTS", _names(), "localhost,127.0.0.1", "names under which browsers may reach it"
    )
    sample_interval_s: float = _setting(
        "SAMPLE_INTERVAL_S", _number(0.5, 3600), "5", "time between two samples", unit="s"
    )
    history_days: float = _setting(
        "HISTORY_DAYS", _number(0.01, 3650), "7", "how long samples are kept", unit="days"
    )
    host_name: str = _setting(
        "HOST_NAME",
        _text(r"[^\s,][^,\n]{0,99}", "up to 100 characters without a comma"),
        lambda _: socket.gethostname() or "localhost",
        "name of this host in samples, alarms and tickets",
        default_in_words="the machine's name",
    )
    disk_path: Path = _setting(
        "DISK_PATH",
        _existing_path(),
        lambda _: os.environ.get("SYSTEMDRIVE", "") + os.sep,
        "the filesystem that disk_percent watches",
        default_in_words="the system drive",
    )
    response_probe_url: str = _setting(
        "RESPONSE_PROBE_URL",
        _web_address(),
        _own_health_address,
        "its round trip is response_time_ms",
        default_in_words="the app's own health address",
    )
    data_dir: Path = _setting("DATA_DIR", _folder(), "data", "database and data files")
    models_dir: Path = _setting("MODELS_DIR", _folder(), "models", "model versions")
    logs_dir: Path = _setting("LOGS_DIR", _folder(), "logs", "the rotating log")
    runbooks_dir: Path = _setting(
        "RUNBOOKS_DIR", _folder(), "data/runbooks", "Markdown files that replies draw on"
    )
    hf_token: str = _setting(
        "HF_TOKEN",
        _or_none(_text(r"[!-~]{1,500}", "a token without spaces")),
        "",
        "token for the language model that writes replies (none: they are written offline)",
        default_in_words="none",
        is_secret=True,
    )
    hf_base_url: str = _setting(
        "HF_BASE_URL",
        _model_address(),
        "https://router.huggingface.co/v1",
        "where the language model is asked (any OpenAI-compatible server)",
    )
    hf_model: str = _setting(
        "HF_MODEL",
        _text(r"[\w./:@+-]{1,200}", "a model's name such as org/name:provider"),
        "meta-llama/Llama-3.1-8B-Instruct:featherless-ai",
        "the language model",
    )
    hf_timeout_s: float = _setting(
        "HF_TIMEOUT_S",
        _number(1, 600),
        "60",
        "how long a reply of the language model may take, retries included",
        unit="s",
    )
    hf_proxy: str = _setting(
        "HF_PROXY",
        _or_none(_web_address()),
        "",
        "web proxy to the language model (those of the environment are not used)",
        default_in_words="none",
        is_secret=True,
    )
    forecast_days: float = _setting(
        "FORECAST_DAYS", _number(1, 365), "30", "how far ahead capacity is forecast", unit="days"
    )
    cpu_limits: Limits = _setting("CPU_LIMITS", _limits(), "80,95", "limits of CPU in percent")
    memory_limits: Limits = _setting(
        "MEMORY_LIMITS", _limits(), "80,95", "limits of memory in percent"
    )
    disk_limits: Limits = _setting(
        "DISK_LIMITS", _limits(), "80,90", "limits of this host's disk in percent"
    )
    network_limits: Limits = _setting(
        "NETWORK_LIMITS", _limits(), "none", "limits of the fleet's traffic, in the dataset's unit"
    )
    power_limits: Limits = _setting(
        "POWER_LIMITS", _limits(), "none", "limits of the fleet's power, in the dataset's unit"
    )
    database_url: str = _setting(
        "DATABASE_URL",
        _database(),
        lambda read: f"sqlite:///{(read['data_dir'] / 'app.db').as_posix()}",
        "the database",
        default_in_words="app.db in DATA_DIR",
    )
    log_level: str = _setting(
        "LOG_LEVEL",
        _choice("DEBUG", "INFO", "WARNING", "ERROR"),
        "INFO",
        "the least severe message that is logged",
    )

    @classmethod
    def rows(cls) -> tuple[tuple[str, str, str], ...]:
        """Return (variable, default, meaning and what is allowed) of every setting."""
        return tuple(setting.metadata["row"] for setting in fields(cls))


def load(environ: Mapping[str, str] | None = None, env_file: Path | None = None) -> Settings:
    """Return the settings: from `environ` (os.environ where None), else `env_file` (ENV_FILE).

    A variable set to nothing counts as not set. Relative paths start at the project's folder.

    Raises
    ------
    SettingsError
        A variable's value cannot be used; the message names it, the value and what is allowed.
    """
    given = read_env_file(env_file or ENV_FILE)
    given |= os.environ if environ is None else environ
    read: dict[str, Any] = {}
    for setting in fields(Settings):
        variable, default = setting.metadata["variable"], setting.metadata["default"]
        text = given.get(variable, "").strip()
        if not text:
            text = default(read) if callable(default) else default
        try:
            read[setting.name] = setting.metadata["kind"].read(text)
        except ValueError as error:
            allowed = setting.metadata["kind"].allowed
            shown = repr(_without_password(text))
            if setting.metadata["is_secret"]:
                shown = "set to something else"
            message = f"{variable} is {shown}, but must be {allowed}."
            raise SettingsError(message) from error
    return Settings(**read)


def read_env_file(path: Path) -> dict[str, str]:
    """Return the NAME=value lines of `path`; nothing where there is no such file.

    Blank lines and lines that begin with # are skipped, `export` before a name is allowed, quotes
    around a value are taken off, and ` #` after a value without quotes begins a comment.

    Raises
    ------
    SettingsError
        The file is no UTF-8 text, or a line has not the form NAME=value.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        message = f"{path.name} cannot be read ({error}). Save it as UTF-8 text or remove it."
        raise SettingsError(message) from error
    values: dict[str, str] = {}
    for number, line in enumerate(lines, start=1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        match = _ENV_LINE.fullmatch(text)
        if match is None:
            # The line itself stays out of the message: it may hold a token.
            raise SettingsError(f"Line {number} of {path.name} is not of the form NAME=value.")
        name, value = match.groups()
        quoted = re.fullmatch(r"""(["'])(.*?)\1\s*(?:#.*)?""", value)
        values[name] = quoted[2] if quoted else re.split(r"(?:^|\s)#", value, maxsplit=1)[0].strip()
    return values


def _without_password(text: str) -> str:
    return re.sub(r"://.*@", "://***@", text)
