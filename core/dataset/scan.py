"""A dataset file read from beginning to end: clean tables, and what was wrong on the way."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.dataset.column import Column, Writing
from core.dataset.columns import CategoryColumn, column_for
from core.dataset.evidence import findings
from core.dataset.fingerprints import (
    IntArray,
    UintArray,
    fingerprints,
    joined,
    n_different,
    repetitions,
)
from core.dataset.layout import Layout, lay_out
from core.dataset.notes import notes
from core.dataset.report import CategoryCount, DatasetReport
from core.dataset.rows import Batch, LongRowError, Rows, prefetched
from core.dataset.sample import Sample
from core.dataset.schema import COLUMNS, DEMO_COLUMN, TICKET_NAMES, column_spec
from core.dataset.source import NotUtf8Error, Source
from core.errors import MissingDataError, SchemaError

__all__ = ["CODED_SCHEMA", "SCHEMA", "Scan", "Sink", "scan"]

_TYPES = {
    "name": pa.string(),
    "time": pa.timestamp("us", tz="UTC"),
    "number": pa.float64(),
    "category": pa.string(),
    "flag": pa.int8(),
    "text": pa.string(),
}
SCHEMA = pa.schema([(spec.name, _TYPES[spec.kind]) for spec in COLUMNS])
"""Every table of the dataset has these columns; one that the file lacks is null throughout."""

CODED_SCHEMA = pa.schema(
    [
        (spec.name, pa.dictionary(pa.int32(), pa.string()))
        if spec.kind == "category"
        else (spec.name, _TYPES[spec.kind])
        for spec in COLUMNS
    ]
)
"""The same while it is read: categories as numbers of the words, which is faster to write."""

_SAMPLE_ROWS = 10_000
_SHOWN_LINES = 5
_SHOWN_CATEGORIES = 50


class Sink(Protocol):
    """Where clean tables go."""

    def begin(self) -> None:
        """Start with nothing; called again where reading has to start again."""

    def add(self, table: pa.Table) -> None:
        """Take the next rows, in the columns of `CODED_SCHEMA`."""

    def drop(self, rows: IntArray) -> None:
        """Leave out rows that were added, by their index from the beginning; called at the end."""


class Scan:
    """One reading of a file from beginning to end, laid out as `layout` says."""

    def __init__(self, source: Source, layout: Layout, written: Mapping[str, Writing]) -> None:
        self.layout = layout
        self._source = source
        self._rows = Rows(source, layout)
        self._columns: dict[str, Column] = {
            name: column_for(
                column_spec(name),
                found_as,
                written.get(name, Writing()),
                separator=layout.separator,
            )
            for name, found_as in zip(layout.names, layout.header, strict=True)
            if name is not None
        }
        self._sample = Sample(_SAMPLE_ROWS, seed=0)
        self._row_prints: list[UintArray] = []
        self._vm_prints: list[UintArray] = []
        self._lines: list[IntArray] = []
        self._repeated: IntArray = np.empty(0, np.int64)
        self._n_added = 0
        self._n_tickets = 0
        self._is_demo = False

    def run(self, sink: Sink) -> None:
        """Read all rows and hand the clean ones to `sink`."""
        sink.begin()
        for batch in prefetched(self._rows.batches()):
            table = self._clean(batch)
            self._remember(table, batch)
            self._n_added += table.num_rows
            self._n_tickets += table.num_rows - table["ticket_text"].null_count
            self._is_demo = self._is_demo or pc.any(pc.equal(table[DEMO_COLUMN], 1)).as_py() is True
            self._sample.add(table)
            sink.add(table)
        if self._row_prints:
            self._repeated = repetitions(np.concatenate(self._row_prints))
        if self._drops_repeated:
            sink.drop(self._repeated)

    @property
    def misread(self) -> dict[str, Writing]:
        """The columns that turned out to be written otherwise than their first cells told."""
        found = {name: column.misread for name, column in self._columns.items()}
        return {name: written for name, written in found.items() if written is not None}

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the dataset that the file has, in its order."""
        return tuple(self._columns)

    @property
    def is_plain(self) -> bool:
        """Whether the text below the header, read by anyone, is the table that was made of it."""
        return (
            self.layout.separator == ","
            and None not in self.layout.names
            and self._n_kept == self._rows.n_read
            and not self._rows.damaged_characters
            and not any(column.changed for column in self._columns.values())
        )

    def report(self) -> DatasetReport:
        """Return what was found.

        Raises
        ------
        MissingDataError
            No row could be kept.
        """
        if not self._n_kept:
            raise self._nothing_kept()
        layout, rows = self.layout, self._rows
        labels = self._columns.get("ticket_category")
        counts = labels.counts.most_common() if isinstance(labels, CategoryColumn) else []
        report = DatasetReport(
            source=self._source.name,
            size_bytes=self._source.size_bytes,
            encoding=self._source.encoding.label,
            separator=layout.separator,
            compression=self._source.compression,
            kind=layout.kind,
            rows_read=rows.n_read,
            rows_kept=self._n_kept,
            rows_broken=rows.n_broken,
            first_broken=tuple(rows.first_broken),
            rows_empty=rows.n_empty,
            duplicates=self._repeated.size,
            first_duplicate_lines=self._repeated_lines(),
            damaged_characters=rows.damaged_characters,
            columns=tuple(column.report() for column in self._columns.values()),
            missing_columns=layout.missing,
            unused_columns=layout.unused,
            vm_count=self._vm_count(),
            tickets=self._n_tickets,
            category_count=len(counts),
            categories=tuple(
                CategoryCount(category=category, rows=n_rows)
                for category, n_rows in counts[:_SHOWN_CATEGORIES]
            ),
            derived_by_rule=self._derived_by_rule(),
            is_demo=self._is_demo,
            signal=findings(self._sample.table()),
            notes=(),
        )
        return replace(report, notes=notes(report))

    @property
    def _drops_repeated(self) -> bool:
        """Whether equal rows are one.

        The same VM with the same values at the same time is one measurement, written down twice.
        Two people may well write the same ticket.
        """
        return self.layout.kind != "tickets" and bool(self._repeated.size)

    @property
    def _n_kept(self) -> int:
        return self._n_added - (self._repeated.size if self._drops_repeated else 0)

    def _clean(self, batch: Batch) -> pa.Table:
        """Return the batch in the columns of `CODED_SCHEMA`."""
        values = {
            name: self._columns[name].take(cells, batch.line_of)
            for name, cells in zip(self.layout.names, batch.cells, strict=True)
            if name is not None
        }
        columns = [
            values[field.name] if field.name in values else pa.nulls(batch.n_rows, field.type)
            for field in CODED_SCHEMA
        ]
        return pa.table(columns, schema=CODED_SCHEMA)

    def _remember(self, table: pa.Table, batch: Batch) -> None:
        """Keep what tells repeated rows and different VMs once all rows are there."""
        prints = {name: fingerprints(table[name].chunk(0)) for name in self._columns}
        rows = joined(prints.values())
        if self.layout.kind != "tickets":
            # Without a name or a time nobody can say that two rows are one measurement.
            alone = pc.or_(table["vm_id"].is_null(), table["timestamp"].is_null())
            if pc.any(alone).as_py():
                own = np.arange(self._n_added, self._n_added + rows.size, dtype=np.uint64)
                rows = np.where(alone.to_numpy(), joined([rows, own]), rows)
        self._row_prints.append(rows)
        self._lines.append(batch.lines)
        if "vm_id" in prints:
            self._vm_prints.append(prints["vm_id"])

    def _repeated_lines(self) -> tuple[int, ...]:
        lines = np.concatenate(self._lines)
        return tuple(lines[self._repeated[:_SHOWN_LINES]].tolist())

    def _vm_count(self) -> int | None:
        column = self._columns.get("vm_id")
        if column is None:
            return None
        # "No name" has a fingerprint as well, and is no VM.
        return n_different(np.concatenate(self._vm_prints)) - bool(column.missing)

    def _derived_by_rule(self) -> tuple[str, ...]:
        """Return the ticket columns that will be derived: those of telemetry without tickets."""
        if self.layout.kind == "tickets":
            return ()
        return tuple(name for name in TICKET_NAMES if name not in self._columns)

    def _nothing_kept(self) -> MissingDataError | SchemaError:
        if not self._rows.n_broken:
            return MissingDataError(f"{self._source.name} has a header and no rows below it.")
        first = self._rows.first_broken[0]
        return SchemaError(
            f"No row of {self._source.name} is as long as its header: the header has "
            f"{first.expected_cells} cells, line {first.line} has {first.cells}. "
            "Export it again, with texts in quotation marks."
        )


def scan(source: Source, sink: Sink, rename: Mapping[str, str]) -> Scan:
    """Read a source into `sink` and return the finished scan.

    What the beginning of a file tells of its encoding, its length of rows and how its cells are
    written may turn out to be wrong further down; then it is read again, with what is known by
    then.

    Raises
    ------
    DataError
        As `read` does.
    """
    layout = lay_out(source, rename)
    written: dict[str, Writing] = {}
    while True:
        attempt = Scan(source, layout, written)
        try:
            attempt.run(sink)
        except NotUtf8Error:
            source.look_closer()
            layout = lay_out(source, rename)
            continue
        except LongRowError:
            layout = replace(layout, has_long_rows=True)
            continue
        if misread := attempt.misread:
            written |= misread
            continue
        return attempt
