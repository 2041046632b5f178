"""The fleet dataset: a CSV file checked, cleaned and stored; demo data; tickets by rule.

`read` and `check` look at a file, `import_file` stores it, `load` hands out what is stored. Their
modules load pyarrow, which importing the area does not: each is imported when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from core.dataset.report import DatasetReport
from core.dataset.schema import CATEGORIES, COLUMN_NAMES, COLUMNS

if TYPE_CHECKING:
    from core.dataset.archive import (
        ImportedDataset,
        Prepared,
        activate,
        adopt,
        brought_as,
        current,
        delete,
        import_file,
        load,
        prepare,
        verify,
        versions,
    )
    from core.dataset.as_written import AsWritten, read_as_written
    from core.dataset.derive import with_derived
    from core.dataset.reader import check, read
    from core.dataset.tickets import Tickets, with_tickets

__all__ = [
    "CATEGORIES",
    "COLUMNS",
    "COLUMN_NAMES",
    "AsWritten",
    "DatasetReport",
    "ImportedDataset",
    "Prepared",
    "Tickets",
    "activate",
    "adopt",
    "brought_as",
    "check",
    "current",
    "delete",
    "import_file",
    "load",
    "prepare",
    "read",
    "read_as_written",
    "verify",
    "versions",
    "with_derived",
    "with_tickets",
]

_HOMES = {
    "AsWritten": "as_written",
    "check": "reader",
    "read": "reader",
    "read_as_written": "as_written",
    "with_derived": "derive",
    "Tickets": "tickets",
    "with_tickets": "tickets",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES.get(name, 'archive')}"), name)
