"""What can be filtered by: the most frequent values, and a search among the VMs."""

from datetime import datetime

from core.dataset.overview.engine import Engine
from core.dataset.overview.filters import NOT_GIVEN
from core.dataset.overview.results import Choice, Choices
from core.dataset.schema import TASK_NAMES

__all__ = ["choices", "search_vms"]

_MOST_CHOICES = 200
# Counting the rows of each VM takes memory for each of them, and where there are as many as this
# the counts help nobody to choose.
_MOST_COUNTED_VMS = 100_000


def choices(
    engine: Engine, *, n_vms: int, since: datetime | None, until: datetime | None
) -> Choices:
    """Return what the dataset can be filtered by; `since` and `until` are its extent."""
    found = {name: _values(engine, name) for name in TASK_NAMES}
    return Choices(
        since=since,
        until=until,
        n_vms=n_vms,
        vms=_values(engine, "vm_id") if n_vms <= _MOST_COUNTED_VMS else _first_vms(engine),
        task_types=found["task_type"],
        priorities=found["task_priority"],
        statuses=found["task_status"],
    )


def search_vms(engine: Engine, text: str, *, n_vms: int, limit: int) -> tuple[Choice, ...]:
    """Return VMs whose name contains `text`, whatever its case; one with just this name first.

    By name where they can be counted; where there are too many, those that are found first.
    """
    if n_vms > _MOST_COUNTED_VMS:
        sql = """
            (SELECT vm_id FROM fleet WHERE vm_id = $text LIMIT 1)
            UNION
            (SELECT DISTINCT vm_id FROM fleet WHERE contains(lower(vm_id), lower($text))
             LIMIT $limit)
            ORDER BY vm_id <> $text, vm_id LIMIT $limit
        """
        rows = engine.rows(sql, {"text": text, "limit": limit})
        return tuple(Choice(value=name, rows=None) for (name,) in rows)
    sql = """
        SELECT vm_id, count(*) FROM fleet WHERE contains(lower(vm_id), lower($text))
        GROUP BY vm_id
        ORDER BY lower(vm_id) <> lower($text), NOT starts_with(lower(vm_id), lower($text)), vm_id
        LIMIT $limit
    """
    rows = engine.rows(sql, {"text": text, "limit": limit})
    return tuple(Choice(value=name, rows=n) for name, n in rows)


def _values(engine: Engine, column: str) -> tuple[Choice, ...]:
    """Return the most frequent values of a column of the schema."""
    sql = f"""
        SELECT {column}, count(*) AS n FROM fleet GROUP BY {column} ORDER BY n DESC, {column}
        LIMIT {_MOST_CHOICES + 1}
    """  # noqa: S608 - the column is one of ours
    found = engine.rows(sql)
    if [name for name, _ in found] == [None]:
        return ()  # the file does not have the column
    if column == "vm_id":
        found = [(name, n) for name, n in found if name is not None]
    return tuple(
        Choice(value=NOT_GIVEN if name is None else name, rows=n)
        for name, n in found[:_MOST_CHOICES]
    )


def _first_vms(engine: Engine) -> tuple[Choice, ...]:
    """Return the first VMs by name, in constant memory."""
    rows = engine.rows(f"SELECT unnest(min(vm_id, {_MOST_CHOICES})) FROM fleet")  # noqa: S608
    names = dict.fromkeys(name for (name,) in rows)
    return tuple(Choice(value=name, rows=None) for name in names)
