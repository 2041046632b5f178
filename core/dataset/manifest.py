"""A stored version of the dataset: its folder, and the manifest in it."""

import json
import re
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core.dataset.placing import write
from core.dataset.report import DatasetReport, report_from_json
from core.errors import DataError, MissingDataError

__all__ = [
    "CSV",
    "DELETED",
    "FORMAT",
    "IMPORT_COMMAND",
    "MANIFEST",
    "PARQUET",
    "VERSION",
    "ImportedDataset",
    "described",
    "publish",
    "remedy",
    "version_folders",
]

FORMAT = 1
CSV, PARQUET, MANIFEST = "dataset.csv", "dataset.parquet", "manifest.json"
VERSION = re.compile(r"v[0-9]{4,9}")
DELETED = ".deleted.json"
"""Ends the name of what stands for a version that was deleted: its manifest, kept on record."""
IMPORT_COMMAND = "`python -m core dataset import FILE`"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedDataset:
    """A stored dataset: which version, since when (ISO-8601, UTC), where, and what is in it.

    `data_hash` is the SHA-256 of `parquet`, which holds the columns of the schema; `csv` holds the
    same values for people and other programs.
    """

    version: str
    created_at: str
    folder: Path
    data_hash: str
    report: DatasetReport

    @property
    def csv(self) -> Path:
        """The CSV file of this version."""
        return self.folder / CSV

    @property
    def parquet(self) -> Path:
        """The Parquet file of this version."""
        return self.folder / PARQUET


def publish(beside: Path, versions_dir: Path, report: DatasetReport, data_hash: str) -> Path:
    """Give the finished folder, its data on the disk itself, the next name that never was one.

    Another import may take that name first.
    """
    csv = (beside / CSV).stat()
    manifest: dict[str, Any] = {
        "format": FORMAT,
        "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "parquet_sha256": data_hash,
        "csv": {"size_bytes": csv.st_size, "mtime_ns": csv.st_mtime_ns},
        "report": asdict(report),
    }
    write(beside / MANIFEST, json.dumps(manifest, indent=1, allow_nan=False) + "\n")
    while True:
        taken = [int(folder.name[1:]) for folder in version_folders(versions_dir)]
        gone = (path.name.removesuffix(DELETED) for path in versions_dir.glob(f"*{DELETED}"))
        taken += [int(name[1:]) for name in gone if VERSION.fullmatch(name)]
        folder = versions_dir / f"v{max(taken, default=0) + 1:04d}"
        try:
            beside.rename(folder)
        except OSError:
            if folder.is_dir():
                continue
            raise
        return folder


def described(folder: Path) -> ImportedDataset:
    """Return what the manifest of a version says."""
    data_dir = folder.parent.parent
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        if folder.is_dir():
            raise DataError(
                f"{folder / MANIFEST} is lost; {remedy(data_dir, folder.name)}."
            ) from error
        raise MissingDataError(
            f"There is no dataset version {folder.name} in {data_dir}; {remedy(data_dir)}."
        ) from error
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(
            f"{folder / MANIFEST} cannot be read ({error}); {remedy(data_dir, folder.name)}."
        ) from error
    try:
        if manifest["format"] != FORMAT:
            raise DataError(
                f"The dataset version {folder.name} is in format {manifest['format']!r}, and this "
                f"program reads format {FORMAT}; {remedy(data_dir, folder.name)}."
            )
        return ImportedDataset(
            version=folder.name,
            created_at=str(manifest["created_at"]),
            folder=folder,
            data_hash=str(manifest["parquet_sha256"]),
            report=report_from_json(manifest["report"]),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise DataError(
            f"{folder / MANIFEST} is not the manifest of a dataset ({error}); "
            f"{remedy(data_dir, folder.name)}."
        ) from error


def version_folders(versions_dir: Path) -> list[Path]:
    """Return the folders of the stored versions, oldest first."""
    if not versions_dir.is_dir():
        return []
    found = [path for path in versions_dir.iterdir() if VERSION.fullmatch(path.name)]
    return sorted((path for path in found if path.is_dir()), key=lambda path: int(path.name[1:]))


def remedy(data_dir: Path, broken: str | None = None) -> str:
    """Return what can be done about a version that cannot be used: the one that is `broken`."""
    names = (folder.name for folder in version_folders(data_dir / "versions"))
    known = [name for name in names if name != broken]
    again = f"import the file again with {IMPORT_COMMAND}"
    if not known:
        return again
    return (
        f"{again} or return to another version with `python -m core dataset activate VERSION` "
        f"(there are {', '.join(known[-5:])})"
    )
