"""Set one line of the file .env, the others left as they are."""

import os
import re
import secrets
from pathlib import Path

from core.errors import SettingsError

__all__ = ["set_line"]


def set_line(path: Path, name: str, value: str) -> None:
    """Write `name` with `value`, in single quotes, into the file; whole or not at all.

    The first line that sets `name` is replaced and later ones go; where there is none, one is
    added. The file is readable by its owner alone from then on: it holds secrets. A link stays one,
    and what it leads to is written.

    Raises
    ------
    SettingsError
        The file cannot be read or written.
    """
    path = Path(os.path.realpath(path))
    beside = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    own = re.compile(rf"\s*(?:export\s+)?{re.escape(name)}\s*=")
    try:
        text = path.read_text(encoding="utf-8-sig") if path.exists() else ""
        lines, is_set = [], False
        for line in text.splitlines():
            if own.match(line) is None:
                lines.append(line)
            elif not is_set:
                lines.append(f"{name}='{value}'")
                is_set = True
        if not is_set:
            lines.append(f"{name}='{value}'")
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(("\n".join(lines) + "\n").encode())
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} cannot be written ({error}); it is as it was.") from error
    finally:
        beside.unlink(missing_ok=True)
