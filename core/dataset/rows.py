"""The rows of a CSV text, batch by batch, each with the line on which it begins."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from core.dataset.layout import Layout
from core.dataset.report import BadRow
from core.dataset.source import Source, Utf8, file_errors
from core.errors import DataError

__all__ = ["Batch", "LongRowError", "Rows", "prefetched"]

IntArray = npt.NDArray[np.int64]

# A block is the most that one row may take. Of small ones the parser's arrays stay in the
# processor's cache, which halves its time; what comes after it costs less in larger batches.
_BLOCK_BYTES = 1 << 20
_LONG_BLOCK_BYTES = 8 << 20
_BATCH_BYTES = 8 << 20
_SHOWN_ROWS = 5
_SHOWN_CHARACTERS = 120
_LINE_END = re.compile(r"\r\n|\r|\n")


class LongRowError(DataError):
    """A row is longer than `layout` expects them to be."""


@dataclass(slots=True)
class _Broken:
    """The rows that have another number of cells than the header.

    `numbers` count all rows from 1 on, header lines included; `newlines` are those within each.
    """

    numbers: list[int] = field(default_factory=list)
    newlines: list[int] = field(default_factory=list)
    first: list[pacsv.InvalidRow] = field(default_factory=list)

    def skip(self, row: pacsv.InvalidRow) -> str:
        """Take note of a row that pyarrow cannot use; it is left out."""
        self.numbers.append(row.number)
        self.newlines.append(len(_LINE_END.findall(row.text)))
        if len(self.first) < _SHOWN_ROWS:
            self.first.append(row)
        return "skip"


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Some rows: one array of cells (null where nothing stands) for each name of the header."""

    cells: tuple[pa.Array, ...]
    n_rows: int
    lines: IntArray

    def line_of(self, row: int) -> int:
        """Return the line of the file on which a row begins."""
        return int(self.lines[row])


class Rows:
    """Reads the rows of a source once; what was wrong with them is told afterwards.

    With `keeps_empty` a row whose cells hold nothing is handed out like any other. Blank lines are
    no rows then, and count as no lines either: use the lines of batches that leave out empty rows.
    """

    def __init__(self, source: Source, layout: Layout, *, keeps_empty: bool = False) -> None:
        self._source = source
        self._layout = layout
        self._keeps_empty = keeps_empty
        self._broken = _Broken()
        self.n_read = 0
        self.n_empty = 0
        self.damaged_characters = 0
        self.first_broken: list[BadRow] = []

    @property
    def n_broken(self) -> int:
        """How many rows had another number of cells than the header."""
        return len(self._broken.numbers)

    def batches(self) -> Iterator[Batch]:
        """Yield the rows that are as long as the header, those that hold something.

        Raises
        ------
        NotUtf8Error
            From some row on the text is not UTF-8.
        LongRowError
            A row is too long unless the layout `has_long_rows`.
        DataError
            The text cannot be taken apart into rows, or the file cannot be read.
        """
        with file_errors(self._source.name), self._source.open() as stream:
            try:
                yield from self._batches(stream)
            except pa.ArrowInvalid as error:
                raise self._explained(error) from error
            self.damaged_characters = stream.damaged
        self.n_read += self.n_broken

    def _batches(self, stream: Utf8) -> Iterator[Batch]:
        keys = [str(n) for n in range(len(self._layout.header))]
        reader = pacsv.open_csv(
            stream,
            # With threads it would not number the rows, and gain nothing: a stream is one thread.
            read_options=pacsv.ReadOptions(
                use_threads=False,
                block_size=_LONG_BLOCK_BYTES if self._layout.has_long_rows else _BLOCK_BYTES,
                column_names=keys,
                skip_rows=self._layout.first_line - 1,
            ),
            parse_options=pacsv.ParseOptions(
                delimiter=self._layout.separator,
                newlines_in_values=True,
                ignore_empty_lines=self._keeps_empty,
                invalid_row_handler=self._broken.skip,
            ),
            convert_options=pacsv.ConvertOptions(
                column_types=dict.fromkeys(keys, pa.string()),
                check_utf8=False,  # it was looked at on the way in
                null_values=[""],
                strings_can_be_null=True,
            ),
        )
        number, n_newlines = self._layout.first_line, 0
        with reader:
            for found in _gathered(reader):
                newlines = _newlines_within(found)
                numbers = self._numbers(number, found.num_rows)
                before = n_newlines + np.cumsum(newlines) - newlines
                n_newlines += int(newlines.sum())
                if found.num_rows:
                    number = int(numbers[-1]) + 1
                    self._place_broken(numbers, before)
                    yield self._held(found, numbers + before + self._newlines_in_broken(numbers))
        after = np.array([n_newlines])
        self._place_broken(np.array([np.iinfo(np.int64).max]), after)

    def _numbers(self, first: int, n_rows: int) -> IntArray:
        """Return the numbers of the next `n_rows` rows, which leave out those of broken rows."""
        broken = self._broken.numbers[bisect_left(self._broken.numbers, first) :]
        numbers = np.arange(first, first + n_rows + len(broken))
        if not broken:
            return numbers
        return np.setdiff1d(numbers, broken, assume_unique=True)[:n_rows]

    def _newlines_in_broken(self, numbers: IntArray) -> IntArray:
        """Return how many line ends stand inside the broken rows before each of these rows."""
        if not self._broken.numbers:
            return np.zeros(1, np.int64)
        total = np.concatenate([[0], np.cumsum(self._broken.newlines, dtype=np.int64)])
        return np.asarray(total[np.searchsorted(self._broken.numbers, numbers)])

    def _place_broken(self, numbers: IntArray, newlines_before: IntArray) -> None:
        """Give the first broken rows their lines, as far as the rows up to them are known."""
        for row in self._broken.first[len(self.first_broken) :]:
            if row.number > numbers[-1]:
                return
            within = newlines_before[np.searchsorted(numbers, row.number)]
            in_broken = self._newlines_in_broken(np.array([row.number]))[0]
            self.first_broken.append(
                BadRow(
                    line=int(row.number + within + in_broken),
                    cells=row.actual_columns,
                    expected_cells=row.expected_columns,
                    text=row.text[:_SHOWN_CHARACTERS],
                )
            )

    def _held(self, found: pa.RecordBatch, lines: IntArray) -> Batch:
        """Return the rows of a batch that are wanted."""
        self.n_read += found.num_rows
        if not self._keeps_empty and all(column.null_count for column in found.columns):
            held = pc.is_valid(found.columns[0])
            for column in found.columns[1:]:
                held = pc.or_(held, pc.is_valid(column))
            n_held = pc.sum(held).as_py() or 0
            self.n_empty += found.num_rows - n_held
            self.n_read -= found.num_rows - n_held
            found = found.filter(held)
            lines = lines[held.to_numpy(zero_copy_only=False)]
        return Batch(cells=tuple(found.columns), n_rows=found.num_rows, lines=lines)

    def _explained(self, error: pa.ArrowInvalid) -> DataError:
        text = str(error).partition("\n")[0]
        if "straddling" in text:
            kind = DataError if self._layout.has_long_rows else LongRowError
            return kind(
                f"{self._source.name} has a row of more than {_LONG_BLOCK_BYTES >> 20} MB; "
                'a quotation mark (") without its partner is the usual reason.'
            )
        return DataError(f"{self._source.name} cannot be taken apart into rows ({text}).")


def prefetched(batches: Iterator[Batch]) -> Iterator[Batch]:
    """Yield what `batches` yields, and let it prepare the next one meanwhile in a thread."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        following = pool.submit(next, batches, None)
        while (batch := following.result()) is not None:
            following = pool.submit(next, batches, None)
            yield batch


def _gathered(blocks: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Yield the rows of small blocks in larger batches."""
    waiting: list[pa.RecordBatch] = []
    for block in blocks:
        waiting.append(block)
        if sum(one.nbytes for one in waiting) >= _BATCH_BYTES:
            yield pa.concat_batches(waiting)
            waiting = []
    if waiting:
        yield pa.concat_batches(waiting)


def _newlines_within(found: pa.RecordBatch) -> IntArray:
    """Return for each row how many line ends stand inside its cells."""
    counts = np.zeros(found.num_rows, np.int64)
    for column in found.columns:
        _, _, text = column.buffers()
        # One look at all the bytes: hardly any column has a line end in it.
        if text is None or not text.size or np.frombuffer(text, np.uint8).min() > ord("\r"):
            continue
        for pattern, sign in (("\n", 1), ("\r", 1), ("\r\n", -1)):
            count = pc.fill_null(pc.count_substring(column, pattern), 0)
            counts += sign * count.to_numpy(zero_copy_only=False)
    return counts
