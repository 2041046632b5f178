from datetime import UTC, datetime

import pyarrow as pa
import pytest

from core.dataset.cells import CommaUse, comma_uses, date_order, flag, micros, number


@pytest.mark.parametrize(
    ("text", "comma", "value"),
    [
        ("12", "thousands separator", 12.0),
        (" -1.5e2 ", "thousands separator", -150.0),
        ("+7.", "thousands separator", 7.0),
        ("45 %", "thousands separator", 45.0),
        ("45,5", "decimal mark", 45.5),
        ("45,5", "thousands separator", 45.5),
        ("0,951", "thousands separator", 0.951),
        ("1,234", "thousands separator", 1234.0),
        ("1,234", "decimal mark", 1.234),
        ("1.234,5", "decimal mark", 1234.5),
        ("1,234,567.5", "thousands separator", 1234567.5),
    ],
)
def test_a_number_is_read_as_people_write_it(text: str, comma: CommaUse, value: float) -> None:
    assert number(text, comma) == value


@pytest.mark.parametrize(
    "text", ["", "abc", "12 W", "1_000", "0x10", "١٢", "nan", "inf", "1e999", "1.2.3", "--5", "%"]
)
def test_what_is_no_number_is_none(text: str) -> None:
    assert number(text, "thousands separator") is None


@pytest.mark.parametrize(
    ("text", "use"),
    [
        ("45,5", "decimal mark"),
        ("-0,951 %", "decimal mark"),
        ("1,2345", "decimal mark"),
        ("1.234,567", "decimal mark"),
        ("1,234.5", "thousands separator"),
        ("1,234,567", "thousands separator"),
        ("1,234", "not told"),
        ("45.5", None),
        ("too hot, 5", None),
        ("1,2,3", None),
        (",", None),
        (",5", "decimal mark"),
    ],
)
def test_what_a_comma_is_for_is_told_by_numbers_that_can_be_read_in_one_way_only(
    text: str, use: str | None
) -> None:
    assert list(comma_uses(pa.array([text, None]))) == ([] if use is None else [use])


@pytest.mark.parametrize(
    "text",
    [
        "2025-03-04T05:06:07Z",
        "2025-03-04 05:06:07 UTC",
        "2025-03-04T06:06:07+01:00",
        "20250304T050607",
        "1741064767",
        "1741064767.0",
        "1741064767000",
        "1741064767000000",
        "03/04/2025 05:06:07",
        "3/4/2025 5:06:07 am",
    ],
)
def test_a_moment_is_read_in_utc(text: str) -> None:
    expected = datetime(2025, 3, 4, 5, 6, 7, tzinfo=UTC)
    assert micros(text, "month first") == expected.timestamp() * 1e6


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("04.03.2025", datetime(2025, 3, 4, tzinfo=UTC)),
        ("04/03/2025 17:30", datetime(2025, 3, 4, 17, 30, tzinfo=UTC)),
        ("4-3-2025 12:00 AM", datetime(2025, 3, 4, tzinfo=UTC)),
        ("04.03.2025 01:02:03,25", datetime(2025, 3, 4, 1, 2, 3, 250_000, tzinfo=UTC)),
    ],
)
def test_a_date_with_the_day_first_is_read_so(text: str, moment: datetime) -> None:
    assert micros(text, "day first") == moment.timestamp() * 1e6


@pytest.mark.parametrize(
    "text",
    ["", "yesterday", "2025-02-30", "30/02/2025", "12", "04.03.2025 25:00", "04.03.2025 noon",
     "0001-01-01T00:00:00+23:59"],
)  # fmt: skip
def test_what_is_no_moment_is_none(text: str) -> None:
    assert micros(text, "day first") is None


@pytest.mark.parametrize(
    ("text", "order"),
    [
        (" 13/04/2025 10:00", "day first"),
        ("04-13-2025", "month first"),
        ("03.04.2025", "day first"),
        ("03/04/2025", "not told"),
        ("13/14/2025", "not told"),
        ("45/04/2025", "not told"),
        ("2025-01-01", None),
        ("1741064767", None),
    ],
)
def test_the_order_of_day_and_month_is_told_by_dates_that_can_be_read_in_one_way_only(
    text: str, order: str | None
) -> None:
    assert date_order(text) == order


@pytest.mark.parametrize(
    ("text", "value"), [("1", 1), ("0.0", 0), (" TRUE", 1), ("no", 0), ("Normal", 0), ("2", None)]
)
def test_a_flag_is_yes_or_no(text: str, value: int | None) -> None:
    assert flag(text) == value
