"""The columns of numbers and moments while they are read."""

import math
from collections import Counter
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.dataset.cells import CommaUse, DateOrder, comma_uses, date_order, micros, number
from core.dataset.column import SHOWN_CELLS, Column, LineNumbers, Unit, Writing, says_nothing
from core.dataset.report import ColumnReport
from core.dataset.schema import PERCENT_NAMES, ColumnSpec
from core.stray_times import Bulk, bulk_of

__all__ = ["NumberColumn", "TimeColumn"]

_MOMENT = pa.timestamp("us", tz="UTC")
_DAY_S = 86_400
_FIRST_MOMENT = pa.scalar(datetime(1, 1, 1, tzinfo=UTC), _MOMENT)


class NumberColumn(Column):
    """Numbers; shares are stored as percent.

    Whether a share came as 0-1 or as 0-100 is told from the first values and held against all of
    them at the end (`misread`). A percent sign proves the latter; a value below 0 is no share and
    tells nothing. What a comma is for is told in the same way, by the cells that can only be read
    in one; where none tells it, it is the decimal mark unless commas separate cells.
    """

    # Monitoring writes single absurd values, so a few beyond 1 do not make a column percent.
    _FRACTION_SHARE = 0.99

    def __init__(
        self, spec: ColumnSpec, found_as: str, written: Writing, *, comma_separates_cells: bool
    ) -> None:
        super().__init__(spec, found_as)
        self.unit = written.unit
        self._unit_is_given = written.unit is not None
        self._usual_comma: CommaUse = (
            "thousands separator" if comma_separates_cells else "decimal mark"
        )
        self._given_comma = written.comma
        self._told_commas: Counter[str] = Counter()
        self._commas_read_as: set[CommaUse] = set()
        self._n_numbers = 0
        self._n_with_sign = 0
        self._n_shares = 0
        self._n_up_to_one = 0

    @property
    def misread(self) -> Writing | None:
        """How all cells should have been read; None where they were."""
        if not self._commas_read_as <= {self._comma}:
            return Writing(comma=self._comma)  # other numbers, of which the unit is told anew
        right = self._told_unit
        if self._unit_is_given or self.unit is None or self.unit == right:
            return None
        return Writing(unit=right, comma=self._given_comma)

    def report(self) -> ColumnReport:
        """Return what was found, and what commas were taken for."""
        if self._told_commas:
            use = self._comma
            other: CommaUse = "thousands separator" if use == "decimal mark" else "decimal mark"
            n_others = self._told_commas[other]
            although = f", although in {n_others:,} it can only be the {other}" if n_others else ""
            self.note(f"a comma is read as the {use}{although}")
        return super().report()

    def values(self, cells: pa.Array) -> pa.Array:
        """Return the numbers, shares as percent."""
        numbers = self._numbers(cells)
        if self.spec.name in PERCENT_NAMES:
            known = numbers.drop_null().to_numpy()
            self._n_numbers += known.size
            self._n_shares += int(np.count_nonzero(known >= 0.0))
            self._n_up_to_one += int(np.count_nonzero((known >= 0.0) & (known <= 1.0)))
            if self.unit is None and known.size:
                self.unit = self._told_unit
            if 0 < self._n_with_sign < self._n_numbers:
                self.note("cells with and without a % sign are all read as percent")
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
        comma = self._comma_in(cells)
        if comma == "decimal mark":
            try:  # the quick way, where a comma is all that is odd
                return pc.replace_substring(cells, ",", ".").cast(pa.float64())
            except pa.ArrowInvalid:
                pass
        numbers = pa.array(
            [None if text is None else number(text, comma) for text in cells.to_pylist()],
            pa.float64(),
        )
        with_sign = pc.and_(pc.ends_with(cells, "%"), pc.is_valid(numbers))
        self._n_with_sign += pc.sum(with_sign).as_py() or 0
        return numbers

    def _comma_in(self, cells: pa.Array) -> CommaUse:
        """Return what commas are for in these cells, as far as it is told by now."""
        told = comma_uses(cells)
        self._told_commas += told
        if told:
            self._commas_read_as.add(self._comma)
        return self._comma

    @property
    def _comma(self) -> CommaUse:
        """What commas are for: as given, or as most cells say that tell it."""
        if self._given_comma is not None:
            return self._given_comma
        n_decimal = self._told_commas["decimal mark"]
        n_thousands = self._told_commas["thousands separator"]
        if not n_decimal and not n_thousands:
            return self._usual_comma
        return "decimal mark" if n_decimal >= n_thousands else "thousands separator"

    @property
    def _told_unit(self) -> Unit:
        if self._n_with_sign or not self._n_shares:
            return "percent"
        up_to_one = self._n_up_to_one >= self._FRACTION_SHARE * self._n_shares
        return "fraction" if up_to_one else "percent"


class TimeColumn(Column):
    """Moments, in UTC.

    Whether dates such as 03/04/2024 have the day first is told from those that can only be read
    one way, as far as they have come, and held against all of them at the end (`misread`).
    """

    def __init__(self, spec: ColumnSpec, found_as: str, written: Writing) -> None:
        super().__init__(spec, found_as)
        self._given_order = written.date_order
        self._told: Counter[str | None] = Counter()
        self._read_in: set[DateOrder] = set()
        self._rows_of_day: Counter[int] = Counter()

    @property
    def misread(self) -> Writing | None:
        """The order in which all dates should have been read; None where they were."""
        return None if self._read_in <= {self._order} else Writing(date_order=self._order)

    def report(self) -> ColumnReport:
        """Return what was found, how dates were read that do not tell it, and rows far off."""
        order = self._order
        other: DateOrder = "month first" if order == "day first" else "day first"
        read_so = f"dates such as 03/04/2024 are read {order}"
        if self._told[other]:
            self.note(f"{read_so}, although {self._told[other]:,} can only be {other}")
        elif self._told["not told"]:
            self.note(read_so if self._told[order] else f"{read_so}, which the file does not tell")
        bulk = self._bulk()
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

    @property
    def _order(self) -> DateOrder:
        """The order to read dates in: the given one, or that of most which tell it."""
        if self._given_order is not None:
            return self._given_order
        n_day_first, n_month_first = self._told["day first"], self._told["month first"]
        return "day first" if n_day_first and n_day_first >= n_month_first else "month first"

    def _odd_moments(self, texts: list[str | None]) -> pa.Array:
        told = Counter(None if text is None else date_order(text) for text in texts)
        del told[None]
        self._told += told
        order = self._order
        if told:
            self._read_in.add(order)
        found = [None if text is None else micros(text, order) for text in texts]
        return pa.array(found, pa.int64()).cast(_MOMENT)

    def _bulk(self) -> Bulk:
        """Return where most of the rows lie in time."""
        days = sorted(self._rows_of_day)
        first_s = _DAY_S * np.array(days, float)
        n_rows = np.array([self._rows_of_day[day] for day in days])
        return bulk_of(first_s, first_s + _DAY_S, n_rows)

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
