"""The stored dataset: imported whole or not at all, in versions, one of them active."""

import contextlib
import json
import secrets
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.dataset.manifest import (
    CSV,
    DELETED,
    IMPORT_COMMAND,
    MANIFEST,
    PARQUET,
    VERSION,
    ImportedDataset,
    described,
    publish,
    remedy,
    version_folders,
)
from core.dataset.placing import beside_of, put, sha256, write
from core.dataset.report import DatasetReport
from core.errors import DataError, MissingDataError

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "ImportedDataset",
    "Prepared",
    "activate",
    "adopt",
    "brought_as",
    "current",
    "delete",
    "import_file",
    "load",
    "prepare",
    "verify",
    "versions",
]

_CURRENT = "CURRENT"
_UNFINISHED = ".*.writing"
_ABANDONED_AFTER_S = 24 * 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A dataset that was read and written, and is no version yet: its files are in `folder`.

    `data_hash` is the SHA-256 of its Parquet file: data that are the same have the same.
    """

    folder: Path
    report: DatasetReport
    data_hash: str

    @property
    def parquet(self) -> Path:
        """The Parquet file."""
        return self.folder / PARQUET


def import_file(
    data: Path | str | bytes,
    data_dir: Path,
    *,
    name: str | None = None,
    rename: Mapping[str, str] | None = None,
) -> ImportedDataset:
    """Validate a dataset file, store it as a new version and make that the active one.

    `data`, `name` and `rename` are those of `read`. Written are `versions/v0001/` and so on in
    `data_dir`, and the active version as `dataset.csv` and `dataset.parquet`. On any error the
    dataset that was there stays as it was.

    Raises
    ------
    DataError
        As `read` does, and where `data_dir` cannot be written.
    """
    beside = data_dir / "versions" / f".{secrets.token_hex(8)}.writing"
    try:
        with _storing(data_dir):
            beside.mkdir(parents=True)
            _remove_abandoned(beside.parent)
            prepared = _prepared(data, beside, name, rename or {}, None)
        return adopt(prepared, data_dir)
    finally:
        # Still there only where something went wrong, Ctrl-C included.
        shutil.rmtree(beside, ignore_errors=True)


def prepare(
    data: Path | str | bytes,
    folder: Path,
    *,
    name: str | None = None,
    rename: Mapping[str, str] | None = None,
    on_rows: Callable[[int], None] | None = None,
) -> Prepared:
    """Validate a dataset file and write the files of a version into `folder`, for `adopt`.

    `data`, `name` and `rename` are those of `read`; `on_rows` is told how many rows were read.

    Raises
    ------
    DataError
        As `read` does, and where `folder` cannot be written.
    """
    with _storing(folder.parent):
        return _prepared(data, folder, name, rename or {}, on_rows)


def adopt(prepared: Prepared, data_dir: Path) -> ImportedDataset:
    """Store what was prepared as a new version and make it the active one.

    Its folder becomes the version's and has to be on the same filesystem as `data_dir`. On any
    error the dataset that was there stays as it was.

    Raises
    ------
    DataError
        `data_dir` cannot be written.
    """
    versions_dir = data_dir / "versions"
    with _storing(data_dir):
        versions_dir.mkdir(parents=True, exist_ok=True)
        folder = publish(prepared.folder, versions_dir, prepared.report, prepared.data_hash)
        dataset = described(folder)
        _show(dataset, data_dir)
    return dataset


def versions(data_dir: Path) -> tuple[ImportedDataset, ...]:
    """Return all stored versions, oldest first; one that cannot be read is left out."""
    found = []
    for folder in version_folders(data_dir / "versions"):
        with contextlib.suppress(DataError):
            found.append(described(folder))
    return tuple(found)


def brought_as(path: Path) -> str | None:
    """Return what people know a stored version's CSV file by: "march.csv (dataset v0002)".

    All of them have the same file name. None for any other file.
    """
    if path.name != CSV or not VERSION.fullmatch(path.parent.name):
        return None
    try:
        dataset = described(path.parent)
    except DataError:
        return None
    return f"{dataset.report.source} (dataset {dataset.version})"


def current(data_dir: Path) -> ImportedDataset:
    """Return the active version.

    Raises
    ------
    MissingDataError
        Nothing was imported yet.
    DataError
        The active version cannot be used.
    """
    pointer = data_dir / "versions" / _CURRENT
    try:
        name = pointer.read_text(encoding="utf-8").strip()
    except FileNotFoundError as error:
        if version_folders(pointer.parent):  # what people imported is not passed over
            raise DataError(
                f"{pointer} is lost, which names the active dataset; {remedy(data_dir)}."
            ) from error
        raise MissingDataError(
            f"No dataset is stored in {data_dir}; import one with {IMPORT_COMMAND}."
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{pointer} cannot be read ({error}); {remedy(data_dir)}.") from error
    if not VERSION.fullmatch(name):
        raise DataError(
            f"{pointer} should name a version such as v0001 and holds {name[:40]!r}; "
            f"{remedy(data_dir)}."
        )
    return described(pointer.parent / name)


def activate(data_dir: Path, version: str) -> ImportedDataset:
    """Make `version` the active one and return it; one whose data was changed is refused.

    Raises
    ------
    MissingDataError
        There is no such version.
    DataError
        It is damaged, or `data_dir` cannot be written.
    """
    if not VERSION.fullmatch(version):
        raise MissingDataError(f"{version[:40]!r} is not the name of a version such as v0001.")
    dataset = described(data_dir / "versions" / version)
    verify(dataset)
    with _storing(data_dir):
        _restore_csv(dataset)
        _show(dataset, data_dir)
    return dataset


def delete(data_dir: Path, version: str) -> None:
    """Delete a stored version for good; its name is not given again, its manifest stays on record.

    Raises
    ------
    MissingDataError
        There is no such version.
    DataError
        It is the active one, or `data_dir` cannot be written.
    """
    folder = data_dir / "versions" / version
    if not VERSION.fullmatch(version) or not folder.is_dir():
        raise MissingDataError(f"There is no dataset version {version[:40]!r} in {data_dir}.")
    if current(data_dir).version == version:
        raise DataError(
            f"The dataset version {version} is the active one; make another one active first."
        )
    with _storing(data_dir):
        record = folder / MANIFEST
        if record.is_file():
            put(record, folder.with_name(f"{version}{DELETED}"))
        else:
            write(folder.with_name(f"{version}{DELETED}"), "{}\n")
        # Out of the list at once, so that no version is listed that is half gone.
        beside = beside_of(folder)
        folder.rename(beside)
        shutil.rmtree(beside)


def verify(dataset: ImportedDataset) -> None:
    """Raise DataError where the rows on the disk are not those that were imported.

    A damaged file can be read all the same and then gives other numbers; hashing it takes about a
    second a gigabyte.
    """
    data_dir = dataset.folder.parent.parent
    try:
        found = sha256(dataset.parquet)
    except OSError as error:
        raise DataError(
            f"The dataset version {dataset.version} cannot be read ({error}); "
            f"{remedy(data_dir, dataset.version)}."
        ) from error
    if found != dataset.data_hash:
        raise DataError(
            f"The dataset version {dataset.version} was changed since it was imported; "
            f"{remedy(data_dir, dataset.version)}."
        )


def load(data_dir: Path, columns: Sequence[str] | None = None) -> "pd.DataFrame":
    """Return the active dataset, by default with all columns and the derived ones.

    Parameters
    ----------
    data_dir : Path
    columns : sequence of str, optional
        Which of the dataset's and the derived columns, in this order.

    Returns
    -------
    DataFrame
        CPU and memory in percent, timestamps in UTC, missing values as NaN; a column that the file
        did not have is missing throughout.

    Raises
    ------
    MissingDataError
        Nothing was imported yet.
    DataError
        The stored file cannot be read.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    from core.dataset.derive import RATIOS, TIME_PARTS, with_derived

    dataset = current(data_dir)
    verify(dataset)
    needed: list[str] | None = None
    if columns is not None:
        parts = [part for name in columns for part in RATIOS.get(name, ())]
        parts += ["timestamp"] * any(name in TIME_PARTS for name in columns)
        stored = [name for name in columns if name not in RATIOS and name not in TIME_PARTS]
        needed = list(dict.fromkeys([*stored, *parts]))
    try:
        with pq.ParquetFile(dataset.parquet) as file:
            table = file.read(columns=needed)
    except (OSError, pa.ArrowException) as error:
        raise DataError(
            f"The dataset version {dataset.version} cannot be read ({error}); "
            f"{remedy(data_dir, dataset.version)}."
        ) from error
    frame = with_derived(table.to_pandas(split_blocks=True, self_destruct=True))
    return frame if columns is None else frame[list(columns)]


def _prepared(
    data: Path | str | bytes,
    folder: Path,
    name: str | None,
    rename: Mapping[str, str],
    on_rows: Callable[[int], None] | None,
) -> Prepared:
    """Write the files of a version."""
    from core.dataset.scan import scan
    from core.dataset.source import Source
    from core.dataset.writer import Counted, ParquetWriter, copy_csv, write_csv

    source = Source(data, name)
    with ParquetWriter(folder / PARQUET) as sink:
        finished = scan(source, Counted(sink, on_rows) if on_rows else sink, rename)
    csv, columns = folder / CSV, list(finished.columns)
    with ThreadPoolExecutor(max_workers=2) as pool:
        hashing = pool.submit(sha256, folder / PARQUET)
        if finished.is_plain:
            writing = pool.submit(copy_csv, source, finished.layout, csv)
        else:
            writing = pool.submit(write_csv, folder / PARQUET, csv, columns)
        report = finished.report()
        writing.result()
        return Prepared(folder=folder, report=report, data_hash=hashing.result())


def _restore_csv(dataset: ImportedDataset) -> None:
    """Write the CSV file of a version anew where it is not the one that was stored.

    It is the same file as the `dataset.csv` that people see, and may be written over in place.
    """
    from core.dataset.writer import write_csv

    manifest = json.loads((dataset.folder / MANIFEST).read_text(encoding="utf-8"))
    with contextlib.suppress(FileNotFoundError, KeyError):
        stat = dataset.csv.stat()
        if manifest["csv"] == {"size_bytes": stat.st_size, "mtime_ns": stat.st_mtime_ns}:
            return
    beside = beside_of(dataset.csv)
    try:
        write_csv(dataset.parquet, beside, [column.name for column in dataset.report.columns])
        beside.replace(dataset.csv)
    finally:
        beside.unlink(missing_ok=True)


def _show(dataset: ImportedDataset, data_dir: Path) -> None:
    """Make a version the one that everybody reads; the last step decides."""
    put(dataset.csv, data_dir / CSV)
    put(dataset.parquet, data_dir / PARQUET)
    write(data_dir / "versions" / _CURRENT, f"{dataset.version}\n")


@contextlib.contextmanager
def _storing(data_dir: Path) -> Iterator[None]:
    """Turn what writing may raise into one plain sentence."""
    try:
        yield
    except OSError as error:
        raise DataError(
            f"The dataset could not be stored in {data_dir} ({error.strerror or error}); "
            "free space or grant access there and import it again. The old one is as it was."
        ) from error


def _remove_abandoned(versions_dir: Path) -> None:
    """Remove what an import left that was killed; one that is running is younger than a day."""
    for folder in versions_dir.glob(_UNFINISHED):
        with contextlib.suppress(OSError):
            if time.time() - folder.stat().st_mtime > _ABANDONED_AFTER_S:
                shutil.rmtree(folder, ignore_errors=True)
