"""The dataset changed for a person: saved, switched, deleted; each checked and on record."""

import csv
import io
import re
from collections.abc import Mapping
from pathlib import Path

from core import dataset
from core.access import Actor, require_admin
from core.admin.trail import note
from core.dataset import ImportedDataset, Prepared
from core.errors import DataError
from core.store import Store
from core.tickets.export import neutralised

__all__ = ["activate", "delete", "download", "import_file", "save"]

# A cell that begins with anything but a letter, a digit, or a number's sign with its number: most
# files have none, and need not be taken apart.
_TO_LOOK_AT = re.compile(
    rb"(?:^|[,\n])\"?(?![-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?\"?(?:[,\r\n]|\Z))[^\w,\r\n\"<(\[/]",
    re.IGNORECASE,
)


def save(actor: Actor, store: Store, prepared: Prepared, data_dir: Path) -> ImportedDataset:
    """Store what was prepared of an upload as a new version, and make it the active one.

    Raises
    ------
    NotAllowedError
        `actor` is no admin.
    DataError
        It could not be stored; the dataset is as it was.
    StoreError
        It is stored, and could not be entered in the audit trail.
    """
    require_admin(actor, "save a dataset")
    return _noted(actor, store, dataset.adopt(prepared, data_dir), "uploaded")


def import_file(
    actor: Actor, store: Store, file: Path, data_dir: Path, rename: Mapping[str, str]
) -> ImportedDataset:
    """Store a file of this machine as a new version, and make it the active one.

    Raises
    ------
    NotAllowedError
        `actor` is no admin.
    DataError
        As `core.dataset.import_file` does; the dataset is as it was.
    StoreError
        It is stored, and could not be entered in the audit trail.
    """
    require_admin(actor, "import a dataset")
    return _noted(actor, store, dataset.import_file(file, data_dir, rename=rename), "imported")


def activate(actor: Actor, store: Store, data_dir: Path, version: str) -> ImportedDataset:
    """Make a stored version the active one.

    Raises
    ------
    NotAllowedError
        `actor` is no admin.
    DataError
        There is no such version, or it cannot be used; the active one stays.
    StoreError
        It is active, and that could not be entered in the audit trail.
    """
    require_admin(actor, "switch to another version of the dataset")
    try:
        former = f"before: {dataset.current(data_dir).version}"
    except DataError:  # what is to be mended may be the active version itself
        former = "before: none that could be used"
    activated = dataset.activate(data_dir, version)
    note(store, actor, "activated", f"dataset {version}", former)
    return activated


def delete(actor: Actor, store: Store, data_dir: Path, version: str) -> None:
    """Delete a stored version for good; the active one is refused.

    Raises
    ------
    NotAllowedError
        `actor` is no admin.
    DataError
        There is no such version, or it is the active one.
    StoreError
        It is deleted, and that could not be entered in the audit trail.
    """
    require_admin(actor, "delete a version of the dataset")
    known = {stored.version: stored.report for stored in dataset.versions(data_dir)}
    dataset.delete(data_dir, version)
    report = known.get(version)
    detail = "" if report is None else f"{report.source}, {report.rows_kept:,} rows"
    note(store, actor, "deleted", f"dataset {version}", detail)


def download(stored: ImportedDataset) -> bytes:
    """Return the CSV file of a version, to be opened in a spreadsheet without harm.

    A name or text that a spreadsheet would take for a formula has an apostrophe before it; all else
    is as it is stored.

    Raises
    ------
    DataError
        The file cannot be read.
    """
    try:
        data = stored.csv.read_bytes()
    except OSError as error:
        raise DataError(f"{stored.csv} cannot be read ({error.strerror}).") from error
    if _TO_LOOK_AT.search(data) is None:
        return data
    text = io.StringIO(newline="")
    rows = csv.reader(io.StringIO(data.decode("utf-8", "replace"), newline=""))
    csv.writer(text, lineterminator="\n").writerows(map(neutralised, row) for row in rows)
    return text.getvalue().encode()


def _noted(actor: Actor, store: Store, stored: ImportedDataset, action: str) -> ImportedDataset:
    report = stored.report
    detail = f"{report.source}, {report.rows_kept:,} of {report.rows_read:,} rows"
    note(store, actor, action, f"dataset {stored.version}", detail)
    return stored
