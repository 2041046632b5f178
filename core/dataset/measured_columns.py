"""The columns of numbers and moments while they are read."""

import math
from collections import Counter
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.dataset.cells import DateOrder, date_order, micros, number
from core.dataset.column import SHOWN_CELLS, Column, LineNumbers, Unit, says_nothing
from core.dataset.report import ColumnReport
from core.dataset.schema import PERCENT_NAMES, ColumnSpec
from core.stray_times import bulk_of

__all__ = ["NumberColumn", "TimeColumn"]

_MOMENT = pa.timestamp("us", tz="UTC")
_DAY_S = 86_400
_FIRST_MOMENT = pa.scalar(datetime(1, 1, 1, tzinfo=UTC), _MOMENT)


class NumberColumn(Column):
    """Numbers; shares are stored as percent.

    Whether a share came as 0-1 or as 0-100 is told from the first values and held against all of
    them at the end (`wrong_unit`).
    """

    # Monitoring writes single absurd values, so a few beyond 1 do not make a column percent.
    _FRACTION_SHARE = 0.99

    def __init__(
        self, spec: ColumnSpec, found_as: str, unit: Unit | None, *, comma_separates_cells: bool
    ) -> None:
        super().__init__(spec, found_as)
        self.unit = unit
        self._unit_is_given = unit is not None
        self._comma_separates_cells = comma_separates_cells
        self._n_values = 0
        self._n_up_to_one = 0

    @property
    def wrong_unit(self) -> Unit | None:
        """The unit that the column should have been read in; None where it was."""
        if self.unit is None or self._unit_is_given:
            return None
        right = self._told_unit(self._n_up_to_one, self._n_values)
        return None if right == self.unit else right

    def values(self, cells: pa.Array) -> pa.Array:
        """Return the numbers, shares as percent."""
        numbers = self._numbers(cells)
        if self.spec.name in PERCENT_NAMES:
            known = numbers.drop_null().to_numpy()
            n_up_to_one = int(np.count_nonzero((known >= 0.0) & (known <= 1.0)))
            self._n_values += known.size
            self._n_up_to_one += n_up_to_one
            if self.unit is None and known.size:
                self.unit = self._told_unit(n_up_to_one, known.size)
            if self.unit == "fraction":
                self.changed = True
                # 0.07 is 7.000000000000001 % to a computer.
                numbers = pc.round(pc.multiply(numbers, 100.0), ndigits=10)
                numbers = pc.if_else(pc.is_finite(numbers), numbers, None)
        return numbers

    def count(self, cells: pa.Array, values: pa.Array, line_of: LineNumbers) -> None:
        """Count as for every column, and the values beyond what is possible."""
        super().count(cells, values, line_of)
        bounds = pc.min_max(values)
        low, high = bounds["min"].as_py(), bounds["max"].as_py()
        if low is None or high is None:
            return
        self.minimum = low if self.minimum is None else min(float(self.minimum), low)
        self.maximum = high if self.maximum is None else max(float(self.maximum), high)
        lowest = -np.inf if self.spec.low is None else self.spec.low
        highest = np.inf if self.spec.high is None else self.spec.high
        if lowest <= low and high <= highest:
            return
        beyond = pc.or_(pc.less(values, lowest), pc.greater(values, highest))
        rows = pc.indices_nonzero(beyond)
        self.outside += len(rows)
        for row in rows[:SHOWN_CELLS].to_pylist():
            self.show(self.first_outside, cells[row].as_py(), line_of(row))

    def _numbers(self, cells: pa.Array) -> pa.Array:
        try:
            numbers = cells.cast(pa.float64())
        except pa.ArrowInvalid:
            self.changed = True
            numbers = self._odd_numbers(cells)
        # "nan" and "inf" are numbers to a computer only; one of them leaves its mark on the sum.
        if not math.isfinite(pc.sum(numbers).as_py() or 0.0):
            numbers = pc.if_else(pc.is_finite(numbers), numbers, None)
        return numbers

    def _odd_numbers(self, cells: pa.Array) -> pa.Array:
        cells = pc.utf8_trim_whitespace(cells)
        cells = pc.if_else(says_nothing(cells), None, cells)
        try:
            return cells.cast(pa.float64())
        except pa.ArrowInvalid:
            pass
        if not self._comma_separates_cells and pc.any(pc.match_substring(cells, ",")).as_py():
            self.note("a comma is read as the decimal mark")
        return pa.array(
            [
                None
                if text is None
                else number(text, comma_separates_cells=self._comma_separates_cells)
                for text in cells.to_pylist()
            ],
            pa.float64(),
        )

    def _told_unit(self, n_up_to_one: int, n_values: int) -> Unit:
        return "fraction" if n_up_to_one >= self._FRACTION_SHARE * n_values else "percent"


class TimeColumn(Column):
    """Moments, in UTC."""

    def __init__(self, spec: ColumnSpec, found_as: str) -> None:
        super().__init__(spec, found_as)
        self._order: DateOrder = "not told"
        self._rows_of_day: Counter[int] = Counter()

    def report(self) -> ColumnReport:
        """Return what was found, and how many rows lie far off all others."""
        days = sorted(self._rows_of_day)
        first_s = _DAY_S * np.array(days, float)
        bulk = bulk_of(
            first_s, first_s + _DAY_S, np.array([self._rows_of_day[day] for day in days])
        )
        if bulk.n_outside:
            self.note(f"{bulk.told(bulk.n_outside)}, and no forecast looks there")
        return super().report()

    def values(self, cells: pa.Array) -> pa.Array:
        """Return the moments from the year 1 on, which is where Python's calendar begins."""
        moments = self._moments(cells)
        first = pc.min(moments).value
        if first is not None and first < _FIRST_MOMENT.value:
            moments = pc.if_else(pc.less(moments, _FIRST_MOMENT), None, moments)
        return moments

    def _moments(self, cells: pa.Array) -> pa.Array:
        try:
            return self._plain_moments(cells)
        except pa.ArrowInvalid:
            pass
        self.changed = True
        cells = pc.utf8_trim_whitespace(cells)
        try:
            return self._plain_moments(pc.if_else(says_nothing(cells), None, cells))
        except pa.ArrowInvalid:
            return self._odd_moments(cells.to_pylist())

    def _plain_moments(self, cells: pa.Array) -> pa.Array:
        """Return the moments of cells in ISO-8601, ArrowInvalid where one is not."""
        try:
            moments = cells.cast(pa.timestamp("us")).cast(_MOMENT)
        except pa.ArrowInvalid:
            return cells.cast(_MOMENT)
        if moments.null_count < len(moments):
            self.note("no time zone is given: read as UTC")
        return moments

    def _odd_moments(self, texts: list[str | None]) -> pa.Array:
        if self._order == "not told":
            self._order = date_order(text for text in texts if text is not None)
        found = [None if text is None else micros(text, self._order) for text in texts]
        ordered = self._order if self._order != "not told" else "month first, which it does not say"
        if any("/" in text for text, at in zip(texts, found, strict=True) if text and at):
            self.note(f"dates such as 03/04/2024 are read {ordered}")
        return pa.array(found, pa.int64()).cast(_MOMENT)

    def count(self, cells: pa.Array, values: pa.Array, line_of: LineNumbers) -> None:
        """Count as for every column, and of each day; keep the first and the last moment."""
        super().count(cells, values, line_of)
        days = values.drop_null().cast(pa.int64()).to_numpy() // (1_000_000 * _DAY_S)
        for found in pc.value_counts(pa.array(days)).to_pylist():
            self._rows_of_day[found["values"]] += found["counts"]
        bounds = pc.min_max(values)
        if not bounds["min"].is_valid:
            return
        low, high = (
            str(np.datetime64(bounds[end].value, "us").astype("datetime64[s]")) + "Z"
            for end in ("min", "max")
        )
        self.minimum = low if self.minimum is None else min(str(self.minimum), low)
        self.maximum = high if self.maximum is None else max(str(self.maximum), high)
