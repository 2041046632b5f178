"""Which rows count: filters as SQL conditions whose values are bound, never written into it."""

from dataclasses import dataclass, field
from datetime import datetime

__all__ = ["NOT_GIVEN", "Condition", "Filters"]

NOT_GIVEN = "(not given)"
"""How rows without a task type, a priority or a status are named, in results and in filters."""

_COLUMNS = {
    "vms": "vm_id",
    "task_types": "task_type",
    "priorities": "task_priority",
    "statuses": "task_status",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A condition for WHERE, and the values of its parameters by their names."""

    sql: str
    parameters: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Which rows of the dataset count; what is left empty leaves all of them.

    Parameters
    ----------
    since, until : datetime, optional
        Aware moments; rows from `since` on and before `until`.
    vms, task_types, priorities, statuses : tuple of str
        A row counts where its value is among them; `NOT_GIVEN` stands for a missing one.

    Raises
    ------
    ValueError
        A moment has no time zone.
    """

    since: datetime | None = None
    until: datetime | None = None
    vms: tuple[str, ...] = ()
    task_types: tuple[str, ...] = ()
    priorities: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for moment in (self.since, self.until):
            if moment is not None and moment.tzinfo is None:
                raise ValueError(f"{moment!r} has no time zone")

    @property
    def in_words(self) -> str:
        """What is filtered by: "time and VM"; empty where nothing is."""
        words = ["time"] if self.since is not None or self.until is not None else []
        names = {"vms": "VM", "task_types": "task type", "priorities": "priority"}
        names["statuses"] = "status"
        words += [word for name, word in names.items() if getattr(self, name)]
        return " and ".join(", ".join(words).rsplit(", ", 1))

    def condition(self) -> Condition:
        """Return the condition for the rows that count."""
        rest = self.condition_but_time()
        parts, parameters = [rest.sql], dict(rest.parameters)
        if self.since is not None:
            parts.append("timestamp >= $since")
            parameters["since"] = self.since
        if self.until is not None:
            parts.append("timestamp < $until")
            parameters["until"] = self.until
        return Condition(sql=" AND ".join(parts), parameters=parameters)

    def condition_but_time(self) -> Condition:
        """Return the condition for the rows that count at whatever time."""
        parts, parameters = ["true"], dict[str, object]()
        for name, column in _COLUMNS.items():
            wanted: tuple[str, ...] = getattr(self, name)
            if not wanted:
                continue
            values = [value for value in wanted if value != NOT_GIVEN]
            keys = [f"{name}_{n}" for n in range(len(values))]
            parameters |= dict(zip(keys, values, strict=True))
            choices = [f"{column} IN ({', '.join(f'${key}' for key in keys)})"] if keys else []
            if len(values) < len(wanted):
                choices.append(f"{column} IS NULL")
            parts.append(f"({' OR '.join(choices)})")
        return Condition(sql=" AND ".join(parts), parameters=parameters)
