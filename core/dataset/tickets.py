"""The tickets of a dataset: as people wrote them, or derived by a rule where nobody did."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from core.dataset.derive import RATIOS
from core.dataset.schema import NUMBER_NAMES, TASK_NAMES, TICKET_NAMES

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["DECIDING_NAMES", "RULE", "Tickets", "with_tickets"]

_BUSY_PERCENT = 85.0
_FILLING_PERCENT = 70.0
_HIGH_SHARE = 0.95  # of a column whose unit the file does not tell

RULE = (
    "Anomaly where anomaly_status is 1; else Performance-CPU where cpu_usage is at least "
    f"{_BUSY_PERCENT:g} %; else Performance-Memory where memory_usage is; else Network where "
    f"network_traffic is above {_HIGH_SHARE:.0%} of its values; else Power where power_consumption "
    "is; else Capacity-Planning where cpu_usage and memory_usage are both at "
    f"least {_FILLING_PERCENT:g} %; else General."
)
"""How ticket_category is derived, in words."""

DECIDING_NAMES = (
    "anomaly_status",
    "cpu_usage",
    "memory_usage",
    "network_traffic",
    "power_consumption",
)
"""The columns that the rule reads."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tickets:
    """The rows of a dataset that are tickets.

    `frame` has `ticket_text` in every row; `ticket_category` is missing where nobody filed it.
    `text_by_rule` and `category_by_rule` say what is *derived by rule*; then `deciding_columns`
    names everything that the rule read or that tells it, a derived text too: a model that sees
    those relearns the rule.
    """

    frame: "pd.DataFrame"
    text_by_rule: bool
    category_by_rule: bool
    deciding_columns: tuple[str, ...]


def with_tickets(frame: "pd.DataFrame") -> Tickets:
    """Return the tickets of a dataset as `load` hands it out.

    Where no row has a text, every row becomes a ticket: its text names the VM, the task, the
    utilisation and the anomaly flag. Where no row has a category, it is derived by `RULE`.

    Parameters
    ----------
    frame : DataFrame
        Some or all rows of a dataset. What is high in it is told from these rows.
    """
    has_telemetry = any(frame[name].notna().any() for name in NUMBER_NAMES if name in frame)
    text_by_rule = has_telemetry and not _is_given(frame, "ticket_text")
    category_by_rule = has_telemetry and not _is_given(frame, "ticket_category")
    deciding: tuple[str, ...] = ()
    if category_by_rule:
        frame = frame.assign(ticket_category=_categories(frame))
        follow = [
            name for name, parts in RATIOS.items() if not set(parts).isdisjoint(DECIDING_NAMES)
        ]
        deciding = tuple(name for name in (*DECIDING_NAMES, *follow) if name in frame)
    if text_by_rule:
        frame = frame.assign(ticket_text=list(_texts(frame)))
        deciding += ("ticket_text",) if category_by_rule else ()
    for name in TICKET_NAMES:
        if name not in frame:
            frame = frame.assign(**{name: None})
    return Tickets(
        frame=frame[frame["ticket_text"].notna()],
        text_by_rule=text_by_rule,
        category_by_rule=category_by_rule,
        deciding_columns=deciding,
    )


def _is_given(frame: "pd.DataFrame", name: str) -> bool:
    return name in frame and bool(frame[name].notna().any())


def _categories(frame: "pd.DataFrame") -> npt.NDArray[np.object_]:
    """Return what `RULE` says for each row; a missing measurement meets no condition."""

    def column(name: str) -> npt.NDArray[np.float64]:
        if name not in frame:
            return np.full(len(frame), np.nan)
        return np.asarray(frame[name].to_numpy(dtype=np.float64, na_value=np.nan))

    def is_high(values: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
        known = values[np.isfinite(values)]
        return values > (np.quantile(known, _HIGH_SHARE) if known.size else np.inf)

    cpu, memory = column("cpu_usage"), column("memory_usage")
    conditions = {
        "Anomaly": column("anomaly_status") == 1,
        "Performance-CPU": cpu >= _BUSY_PERCENT,
        "Performance-Memory": memory >= _BUSY_PERCENT,
        "Network": is_high(column("network_traffic")),
        "Power": is_high(column("power_consumption")),
        "Capacity-Planning": (cpu >= _FILLING_PERCENT) & (memory >= _FILLING_PERCENT),
    }
    return np.select(
        list(conditions.values()), [np.array(name, object) for name in conditions], "General"
    ).astype(object)


def _texts(frame: "pd.DataFrame") -> Iterator[str]:
    """Yield the derived text of each row; what is missing is left out."""
    parts = [
        ("vm_id", "VM {}"),
        *((name, f"{name.removeprefix('task_')} {{}}") for name in TASK_NAMES),
        ("cpu_usage", "cpu {:.1f} %"),
        ("memory_usage", "memory {:.1f} %"),
        ("network_traffic", "network {:.4g}"),
        ("power_consumption", "power {:.4g}"),
        ("anomaly_status", "anomaly flag {:.0f}"),
    ]
    parts = [(name, text) for name, text in parts if name in frame]
    columns: list[list[Any]] = [frame[name].tolist() for name, _ in parts]
    known = [frame[name].notna().tolist() for name, _ in parts]
    for n in range(len(frame)):
        told = [
            text.format(column[n])
            for (_, text), column, is_known in zip(parts, columns, known, strict=True)
            if is_known[n]
        ]
        yield ", ".join(told) or "nothing was measured"
