from datetime import UTC, datetime

import pytest

from core.dataset.cells import date_order, flag, micros, number


@pytest.mark.parametrize(
    ("text", "separated_by_comma", "value"),
    [
        ("12", True, 12.0),
        (" -1.5e2 ", True, -150.0),
        ("+7.", True, 7.0),
        ("45 %", True, 45.0),
        ("45,5", False, 45.5),
        ("45,5", True, 45.5),
        ("1,234", True, 1234.0),
        ("1,234", False, 1.234),
        ("1.234,5", False, 1234.5),
        ("1,234,567.5", True, 1234567.5),
    ],
)
def test_a_number_is_read_as_people_write_it(
    text: str, separated_by_comma: bool, value: float
) -> None:
    assert number(text, comma_separates_cells=separated_by_comma) == value


@pytest.mark.parametrize(
    "text", ["", "abc", "12 W", "1_000", "0x10", "١٢", "nan", "inf", "1e999", "1.2.3", "--5", "%"]
)
def test_what_is_no_number_is_none(text: str) -> None:
    assert number(text, comma_separates_cells=True) is None


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
