"""The columns of words and texts, and which kind of column reads what."""

from collections import Counter

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.dataset.cells import NO_VALUE, flag
from core.dataset.column import Column, Writing
from core.dataset.measured_columns import NumberColumn, TimeColumn
from core.dataset.schema import ColumnSpec

__all__ = ["CategoryColumn", "column_for"]

_MOST_LABELS = 10_000


class NameColumn(Column):
    """Names: what stands there, without blanks around it."""

    def values(self, cells: pa.Array) -> pa.Array:
        """Return the names."""
        values = pc.utf8_trim_whitespace(cells)
        if values.equals(cells):
            return cells
        self.changed = True
        return pc.if_else(pc.equal(values, ""), None, values)


class TextColumn(Column):
    """Text as it was written, to the last character; missing where it is blank."""

    def values(self, cells: pa.Array) -> pa.Array:
        """Return the texts."""
        return pc.if_else(pc.utf8_is_space(cells), None, cells)


class CategoryColumn(Column):
    """Few different words. `counts` says how often each occurs (of the first 10,000 different)."""

    def __init__(self, spec: ColumnSpec, found_as: str) -> None:
        super().__init__(spec, found_as)
        self.counts: Counter[str] = Counter()
        # A category may well be called "None"; a blank task type is written in many ways.
        self._no_value = frozenset({""}) if spec.name == "ticket_category" else NO_VALUE

    def values(self, cells: pa.Array) -> pa.Array:
        """Return the words, as a dictionary array."""
        coded = cells.dictionary_encode()
        words = coded.dictionary.to_pylist()
        meant = [self._meant(word) for word in words]
        times = np.bincount(coded.indices.drop_null().to_numpy(), minlength=len(words))
        for word, n_times in zip(meant, times.tolist(), strict=True):
            if word is not None and (word in self.counts or len(self.counts) < _MOST_LABELS):
                self.counts[word] += n_times
        if meant == words:
            return coded
        self.changed = True
        return pa.array(meant, pa.string()).take(coded.indices).dictionary_encode()

    def _meant(self, word: str) -> str | None:
        trimmed = word.strip()
        return None if trimmed.casefold() in self._no_value else trimmed


class FlagColumn(Column):
    """Yes or no, as 1 or 0."""

    def values(self, cells: pa.Array) -> pa.Array:
        """Return 1 and 0."""
        coded = cells.dictionary_encode()
        words = coded.dictionary.to_pylist()
        self.changed = self.changed or not {"0", "1"}.issuperset(words)
        return pa.array([flag(word) for word in words], pa.int8()).take(coded.indices)


def column_for(spec: ColumnSpec, found_as: str, written: Writing, *, separator: str) -> Column:
    """Return a new column for cells of the kind that `spec` names, `written` as is known by now."""
    match spec.kind:
        case "number":
            return NumberColumn(spec, found_as, written, comma_separates_cells=separator == ",")
        case "time":
            return TimeColumn(spec, found_as, written)
        case "flag":
            return FlagColumn(spec, found_as)
        case "category":
            return CategoryColumn(spec, found_as)
        case "name":
            return NameColumn(spec, found_as)
        case "text":
            return TextColumn(spec, found_as)
