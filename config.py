"""Every setting of the app, read once from the environment and the file .env beside this module."""

import os
import re
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal

from core import setting_kinds as kinds
from core.errors import SettingsError
from core.setting_kinds import ROOT, Limits

__all__ = [
    "ENV_FILE",
    "ROOT",
    "InForce",
    "Limits",
    "SettingInForce",
    "Settings",
    "load",
    "read",
    "read_env_file",
]

ENV_FILE = ROOT / ".env"
_SHOWN = 200  # of a value that cannot be used
# NUL, and what stands for bytes of the environment that are no UTF-8.
_NO_TEXT = re.compile(r"[\x00\ud800-\udfff]")
_ENV_LINE = re.compile(r"(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)")


def _own_health_address(read: Mapping[str, Any]) -> str:
    # An app that listens at every address is asked at the nearest one.
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(read["host"], read["host"])  # noqa: S104
    return f"http://{f'[{host}]' if ':' in host else host}:{read['port']}/_stcore/health"


def _setting(
    variable: str,
    kind: kinds.Kind,
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
        kinds.text(r"[\w.:-]+", "an address such as 127.0.0.1"),
        "127.0.0.1",
        "where the app listens (0.0.0.0: on every network)",
    )
    port: int = _setting(
        "PORT",
        kinds.whole_number(1, 65535),
        "8501",
        "port of the app (where it is taken, the next free one is used)",
    )
    allowed_hosts: tuple[str, ...] = _setting(
        "ALLOWED_HOSTS",
        kinds.host_names(),
        "localhost,127.0.0.1",
        "names under which browsers may reach it",
    )
    sample_interval_s: float = _setting(
        "SAMPLE_INTERVAL_S", kinds.number(0.5, 3600), "5", "time between two samples", unit="s"
    )
    history_days: float = _setting(
        "HISTORY_DAYS", kinds.number(0.01, 3650), "7", "how long samples are kept", unit="days"
    )
    host_name: str = _setting(
        "HOST_NAME",
        kinds.text(r"[^\s,][^,\n]{0,99}", "up to 100 characters without a comma"),
        lambda _: socket.gethostname() or "localhost",
        "name of this host in samples, alarms and tickets",
        default_in_words="the machine's name",
    )
    disk_path: Path = _setting(
        "DISK_PATH",
        kinds.existing_path(),
        lambda _: os.environ.get("SYSTEMDRIVE", "") + os.sep,
        "the filesystem that disk_percent watches",
        default_in_words="the system drive",
    )
    response_probe_url: str = _setting(
        "RESPONSE_PROBE_URL",
        kinds.web_address(),
        _own_health_address,
        "its round trip is response_time_ms",
        default_in_words="the app's own health address",
    )
    data_dir: Path = _setting("DATA_DIR", kinds.folder(), "data", "database and data files")
    models_dir: Path = _setting("MODELS_DIR", kinds.folder(), "models", "model versions")
    logs_dir: Path = _setting("LOGS_DIR", kinds.folder(), "logs", "the rotating log")
    runbooks_dir: Path = _setting(
        "RUNBOOKS_DIR", kinds.folder(), "data/runbooks", "Markdown files that replies draw on"
    )
    hf_token: str = _setting(
        "HF_TOKEN",
        kinds.or_none(kinds.text(r"[!-~]{1,500}", "a token without spaces")),
        "",
        "token for the language model that writes replies (none: they are written offline)",
        default_in_words="none",
        is_secret=True,
    )
    hf_base_url: str = _setting(
        "HF_BASE_URL",
        kinds.model_address(),
        "https://router.huggingface.co/v1",
        "where the language model is asked (any OpenAI-compatible server)",
    )
    hf_model: str = _setting(
        "HF_MODEL",
        kinds.text(r"[\w./:@+-]{1,200}", "a model's name such as org/name:provider"),
        "meta-llama/Llama-3.1-8B-Instruct:featherless-ai",
        "the language model",
    )
    hf_timeout_s: float = _setting(
        "HF_TIMEOUT_S",
        kinds.number(1, 600),
        "60",
        "how long a reply of the language model may take, retries included",
        unit="s",
    )
    hf_proxy: str = _setting(
        "HF_PROXY",
        kinds.or_none(kinds.web_address()),
        "",
        "web proxy to the language model (those of the environment are not used)",
        default_in_words="none",
        is_secret=True,
    )
    forecast_days: float = _setting(
        "FORECAST_DAYS",
        kinds.number(1, 365),
        "30",
        "how far ahead capacity is forecast, at most three times as long as was measured",
        unit="days",
    )
    cpu_limits: Limits = _setting("CPU_LIMITS", kinds.limits(), "80,95", "limits of CPU in percent")
    memory_limits: Limits = _setting(
        "MEMORY_LIMITS", kinds.limits(), "80,95", "limits of memory in percent"
    )
    disk_limits: Limits = _setting(
        "DISK_LIMITS", kinds.limits(), "80,90", "limits of this host's disk in percent"
    )
    network_limits: Limits = _setting(
        "NETWORK_LIMITS",
        kinds.limits(),
        "none",
        "limits of the fleet's traffic, in the dataset's unit",
    )
    power_limits: Limits = _setting(
        "POWER_LIMITS", kinds.limits(), "none", "limits of the fleet's power, in the dataset's unit"
    )
    database_url: str = _setting(
        "DATABASE_URL",
        kinds.database(),
        lambda read: f"sqlite:///{(read['data_dir'] / 'app.db').as_posix()}",
        "the database",
        default_in_words="app.db in DATA_DIR",
    )
    log_level: str = _setting(
        "LOG_LEVEL",
        kinds.choice("DEBUG", "INFO", "WARNING", "ERROR"),
        "INFO",
        "the least severe message that is logged",
    )
    admin_password_hash: str = _setting(
        "ADMIN_PASSWORD_HASH",
        kinds.or_none(kinds.text(r"\$argon2id?\$[!-~]{20,300}", "what that command writes")),
        "",
        "hash of the admin's password (`python -m core admin set-password` writes it to .env)",
        default_in_words="none",
        is_secret=True,
    )
    admin_emails: tuple[str, ...] = _setting(
        "ADMIN_EMAILS",
        kinds.emails(),
        "",
        "who is an admin of those that sign in through an identity provider",
        default_in_words="none",
    )
    session_hours: float = _setting(
        "SESSION_HOURS",
        kinds.number(0.05, 720),
        "12",
        "how long a sign-in lasts",
        unit="hours",
    )
    upload_limit_mb: int = _setting(
        "UPLOAD_LIMIT_MB",
        kinds.whole_number(1, 4096),
        "200",
        "size of the largest file that may be uploaded",
        unit="MB",
    )

    @classmethod
    def rows(cls) -> tuple[tuple[str, str, str], ...]:
        """Return (variable, default, meaning and what is allowed) of every setting."""
        return tuple(setting.metadata["row"] for setting in fields(cls))


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingInForce:
    """A setting as it was read: what a person may see of its value, and where that came from."""

    variable: str
    value: str
    source: Literal["environment", ".env", "default"]
    meaning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """The settings, and for people the same one by one."""

    settings: Settings
    listed: tuple[SettingInForce, ...]


def load(environ: Mapping[str, str] | None = None, env_file: Path | None = None) -> Settings:
    """Return the settings; arguments and errors are those of `read`."""
    return read(environ, env_file).settings


def read(environ: Mapping[str, str] | None = None, env_file: Path | None = None) -> InForce:
    """Return the settings: from `environ` (os.environ where None), else `env_file` (ENV_FILE).

    A variable set to nothing counts as not set. Relative paths start at the project's folder.

    Raises
    ------
    SettingsError
        A variable's value cannot be used; the message names it, the value and what is allowed.
    """
    in_file = read_env_file(env_file or ENV_FILE)
    outside = os.environ if environ is None else environ
    values: dict[str, Any] = {}
    listed = []
    for setting in fields(Settings):
        variable, default = setting.metadata["variable"], setting.metadata["default"]
        source: Literal["environment", ".env", "default"] = "default"
        if variable in outside:  # even where it is set to nothing: that takes back a line of .env
            text, source = outside[variable].strip(), "environment"
        else:
            text, source = in_file.get(variable, "").strip(), ".env"
        if not text:
            text, source = default(values) if callable(default) else default, "default"
        is_secret, kind = setting.metadata["is_secret"], setting.metadata["kind"]
        shown = _without_password(text)
        try:
            if _NO_TEXT.search(text):
                raise ValueError(text) from ValueError("it holds bytes that are no UTF-8 text")
            values[setting.name] = kind.read(text)
        except ValueError as error:
            found = "set to something else" if is_secret else repr(shown[:_SHOWN])
            message = f"{variable} is {found}, but must be {kind.allowed}{_reason(error)}."
            raise SettingsError(message) from error
        if is_secret:
            shown = "set, not shown" if text else "not set"
        meaning = setting.metadata["row"][2]
        listed.append(
            SettingInForce(variable=variable, value=shown, source=source, meaning=meaning)
        )
    return InForce(settings=Settings(**values), listed=tuple(listed))


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


def _reason(error: ValueError) -> str:
    """Return in brackets what the system has said of a value, "" where the kind says all."""
    cause = error.__cause__
    if cause is None:
        return ""
    said = str(getattr(cause, "strerror", None) or cause).rstrip(".")
    return f" ({said})"


def _without_password(text: str) -> str:
    """Return an address without who signs in and without its query, which may hold that too."""
    address, _, query = text.partition("?")
    if "://" not in text:
        return text
    if "@" in query:  # one of a password in front, or one inside of the query
        return f"{address.partition('://')[0]}://***"
    shown = re.sub(r"(?s)://.*@", "://***@", address)
    return f"{shown}?***" if query else shown
