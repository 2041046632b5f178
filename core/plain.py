"""The plain data that JSON takes, and frozen dataclasses from what it gives back."""

import math
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

__all__ = ["plain", "restored"]


def plain(value: Any) -> Any:
    """Return `value` as JSON knows it: numpy's numbers as Python's, NaN and infinity as null."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def restored(kind: Any, data: Any) -> Any:
    """Return what `dataclasses.asdict` and JSON made of a `kind`, as it was.

    Tuples, mappings by text, nested dataclasses and `X | None` are known. A field that is not in
    the data takes its default: what was written before there was such a field can still be read.

    Raises
    ------
    KeyError
        Where a field without a default is not there.
    TypeError
        Where data is of another shape than `kind`.
    """
    if is_dataclass(kind):
        if not isinstance(data, Mapping):
            raise TypeError(f"{getattr(kind, '__name__', kind)} is not made of {type(data)}")
        hints = get_type_hints(kind)
        known = {
            field.name: restored(hints[field.name], data[field.name])
            for field in fields(kind)
            if field.name in data or (field.default is MISSING and field.default_factory is MISSING)
        }
        return kind(**known)  # type: ignore[operator]
    if get_origin(kind) is tuple:
        return tuple(restored(get_args(kind)[0], item) for item in data)
    if get_origin(kind) is Mapping:
        return {str(name): restored(get_args(kind)[1], item) for name, item in data.items()}
    if get_origin(kind) is UnionType and data is not None:
        return restored(get_args(kind)[0], data)
    return data
