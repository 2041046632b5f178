"""DuckDB over one Parquet file and nothing else: no network, no other file, bounded memory."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["MEMORY_MB", "THREADS", "Engine"]

# Two threads are what a laptop can spare; the memory is what the aggregates over 2,000,000 rows
# need and a little more, what does not fit goes to a temporary folder.
MEMORY_MB, THREADS = 160, 2


class Engine:
    """Answers SQL over the rows of one Parquet file, which it calls `fleet`.

    Beside the columns of the dataset they have a `file_row_number` (0: the first). May be used from
    several threads at once.

    Parameters
    ----------
    parquet : Path
        The file of a dataset version.
    memory_mb, threads : int
        What DuckDB may use, all queries together.

    Raises
    ------
    DataError
        The file cannot be read.
    """

    def __init__(
        self, parquet: Path, *, memory_mb: int = MEMORY_MB, threads: int = THREADS
    ) -> None:
        import duckdb

        self._name = parquet.parent.name
        self._spill = tempfile.TemporaryDirectory(prefix="fleet-")
        self._connection = duckdb.connect(
            ":memory:",
            config={
                "memory_limit": f"{memory_mb}MB",
                "threads": threads,
                "temp_directory": self._spill.name,
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
                "allow_community_extensions": False,
                # The system caches files already, outside of our memory.
                "enable_external_file_cache": False,
                "preserve_insertion_order": False,
                # Names in a query are never Python variables of whoever asks.
                "python_enable_replacements": False,
            },
        )
        try:
            self._open(str(parquet))
        except DataError:
            self.close()
            raise

    def rows(self, sql: str, parameters: Mapping[str, object] | None = None) -> list[Any]:
        """Return the rows of the answer as tuples; DataError where the file cannot be read."""
        with self._our_errors(), self._connection.cursor() as cursor:
            return cursor.execute(sql, dict(parameters or {})).fetchall()

    def columns(self, sql: str, parameters: Mapping[str, object] | None = None) -> dict[str, Any]:
        """Return the answer as arrays by name, masked where something is missing."""
        with self._our_errors(), self._connection.cursor() as cursor:
            return dict(cursor.execute(sql, dict(parameters or {})).fetchnumpy())

    def batches(
        self, sql: str, parameters: Mapping[str, object], n_rows: int
    ) -> Iterator["pa.RecordBatch"]:
        """Yield the answer in parts of about `n_rows` rows, without ever holding all of it."""
        with self._our_errors(), self._connection.cursor() as cursor:
            reader: pa.RecordBatchReader = cursor.sql(sql, params=dict(parameters)).to_arrow_reader(
                n_rows
            )
            yield from reader

    def close(self) -> None:
        """Close the file and remove what was put aside."""
        self._connection.close()
        self._spill.cleanup()

    def _open(self, path: str) -> None:
        """Read one file, and nothing else from then on."""
        with self._our_errors():
            self._connection.execute("SET allowed_paths = [$path]", {"path": path})
            self._connection.read_parquet(path, file_row_number=True).create_view("fleet")
            self._connection.execute("SET enable_external_access = false")
            self._connection.execute("SET lock_configuration = true")

    @contextmanager
    def _our_errors(self) -> Iterator[None]:
        import duckdb

        try:
            yield
        except duckdb.OutOfMemoryException as error:
            raise DataError(
                f"The selection from dataset {self._name} holds too many different values to be "
                f"summed up in the memory set aside for it ({error}); narrow the filters."
            ) from error
        except (duckdb.IOException, duckdb.InvalidInputException, OSError) as error:
            raise DataError(
                f"The dataset version {self._name} cannot be read ({error}); import the file again "
                "with `python -m core dataset import FILE`."
            ) from error
