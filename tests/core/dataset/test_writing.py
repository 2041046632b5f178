"""How the cells of a column are written, which only later cells may tell."""

from core.dataset import read
from tests.core.dataset.csv_files import fleet_csv

# Ten of these are more than a batch.
FILLING = {"ticket_text": "y" * 1_000_000}


def column_in_batches(name: str, *batches: list[str], separator: str = ",") -> bytes:
    """Return a fleet file whose column `name` has these cells, read in as many batches."""
    rows: list[dict[str, str]] = []
    for cells in batches:
        rows += [{name: cell, "ticket_text": "-"} for cell in cells]
        rows += [{name: "", **FILLING}] * 10
    return fleet_csv(*rows[:-10], separator=separator).encode()


def stored_and_said(name: str, data: bytes) -> tuple[list[str], list[str]]:
    """Return the values of a column that do not fill batches, and what the report says of it."""
    table, report = read(data)
    values = zip(table[name].to_pylist(), table["ticket_text"].to_pylist(), strict=True)
    stored = [str(value) for value, text in values if text == "-"]
    return stored, [note for note in report.notes if note.startswith(name)]


def test_dates_when_only_a_later_batch_tells_that_the_day_is_first_then_all_are_read_so() -> None:
    data = column_in_batches("timestamp", ["01/03/2025", "12/03/2025"], ["13/03/2025"])
    stored, said = stored_and_said("timestamp", data)
    assert [at[:10] for at in stored] == ["2025-03-01", "2025-03-12", "2025-03-13"]
    assert said == ["timestamp: dates such as 03/04/2024 are read day first."]


def test_dates_when_a_later_batch_tells_that_the_month_is_first_then_only_that_is_said() -> None:
    data = column_in_batches("timestamp", ["03/01/2025", "03/12/2025"], ["03/13/2025"])
    stored, said = stored_and_said("timestamp", data)
    assert [at[:10] for at in stored] == ["2025-03-01", "2025-03-12", "2025-03-13"]
    assert said == ["timestamp: dates such as 03/04/2024 are read month first."]


def test_dates_when_none_tells_the_order_then_it_is_said_that_it_is_a_guess() -> None:
    stored, said = stored_and_said("timestamp", column_in_batches("timestamp", ["03-04-2025"]))
    assert [at[:10] for at in stored] == ["2025-03-04"]
    assert said == [
        "timestamp: dates such as 03/04/2024 are read month first, which the file does not tell."
    ]


def test_dates_when_they_contradict_each_other_then_most_decide_and_it_is_said() -> None:
    data = column_in_batches(
        "timestamp", ["04/13/2025", "01/03/2025"], ["13/03/2025", "14/03/2025"]
    )
    stored, said = stored_and_said("timestamp", data)
    assert [at[:10] for at in stored] == ["None", "2025-03-01", "2025-03-13", "2025-03-14"]
    assert said == [
        "timestamp: 1 cell was no time and stored as missing, first on line 2: '04/13/2025'.",
        "timestamp: dates such as 03/04/2024 are read day first, although 1 can only be month "
        "first.",
    ]


def test_shares_when_they_have_a_percent_sign_then_they_are_percent_however_small() -> None:
    stored, said = stored_and_said("cpu_usage", column_in_batches("cpu_usage", ["0.1%", "0.2 %"]))
    assert stored == ["0.1", "0.2"]
    assert said == []


def test_shares_when_only_a_later_batch_has_percent_signs_then_all_are_percent() -> None:
    data = column_in_batches("cpu_usage", ["0.1", "0.2"], ["0.3%"])
    stored, said = stored_and_said("cpu_usage", data)
    assert stored == ["0.1", "0.2", "0.3"]
    assert said == ["cpu_usage: cells with and without a % sign are all read as percent."]


def test_shares_when_no_number_has_the_percent_sign_then_it_proves_nothing() -> None:
    data = column_in_batches("cpu_usage", ["0.1", "0.2", "about 5%"])
    stored, said = stored_and_said("cpu_usage", data)
    assert stored == ["10.0", "20.0", "None"]
    assert "came as 0-1" in said[0]


def test_shares_when_some_are_marked_by_minus_one_then_the_others_tell_the_unit() -> None:
    cells = [f"{0.85 + n % 10 / 100:.2f}" for n in range(39)] + ["-1"]  # 2.5 %
    stored, said = stored_and_said("memory_usage", column_in_batches("memory_usage", cells))
    assert stored[:3] == ["85.0", "86.0", "87.0"]
    assert "came as 0-1" in said[0]
    assert "1 value was outside 0-100 %, first on line 41: '-1'" in said[1]


def test_shares_when_a_batch_holds_only_minus_one_then_a_later_one_tells_the_unit() -> None:
    data = column_in_batches("cpu_usage", ["-1", "-1"], ["0.5", "0.6"])
    assert stored_and_said("cpu_usage", data)[0] == ["-100.0", "-100.0", "50.0", "60.0"]


def test_shares_when_only_a_later_batch_tells_the_unit_then_all_are_read_in_it() -> None:
    data = column_in_batches("cpu_usage", ["0.5", "0.6"], ["60", "70"])
    assert stored_and_said("cpu_usage", data)[0] == ["0.5", "0.6", "60.0", "70.0"]


def test_commas_when_one_cannot_separate_thousands_then_all_of_the_column_are_decimal() -> None:
    data = column_in_batches("cpu_usage", ["0,95", "0,951", "45,5", "45,125"])
    stored, said = stored_and_said("cpu_usage", data)
    assert stored == ["0.95", "0.951", "45.5", "45.125"]
    assert said == ["cpu_usage: a comma is read as the decimal mark."]


def test_commas_when_only_a_later_batch_tells_their_use_then_all_are_read_so() -> None:
    data = column_in_batches("cpu_usage", ["45,125", "98,250"], ["45,5"])
    stored, said = stored_and_said("cpu_usage", data)
    assert stored == ["45.125", "98.25", "45.5"]
    assert said == ["cpu_usage: a comma is read as the decimal mark."]


def test_shares_when_a_later_batch_tells_the_use_of_commas_then_the_unit_is_told_anew() -> None:
    data = column_in_batches("cpu_usage", ["1,000", "1,000"], ["0,5", "0,951"], ["0,25"])
    stored, said = stored_and_said("cpu_usage", data)
    assert stored == ["100.0", "100.0", "50.0", "95.1", "25.0"]
    assert "came as 0-1" in said[0]
    assert said[1:] == ["cpu_usage: a comma is read as the decimal mark."]


def test_commas_when_every_one_can_separate_thousands_then_that_is_how_it_is_read_and_said() -> (
    None
):
    data = column_in_batches("network_traffic", ["1,234", "999"], ["12,345.5"])
    stored, said = stored_and_said("network_traffic", data)
    assert stored == ["1234.0", "999.0", "12345.5"]
    assert said == ["network_traffic: a comma is read as the thousands separator."]


def test_commas_when_they_contradict_each_other_then_most_decide_and_it_is_said() -> None:
    data = column_in_batches("network_traffic", ["1,234.5", "1,234"], ["45,5", "7,25"])
    stored, said = stored_and_said("network_traffic", data)
    assert stored == ["1234.5", "1.234", "45.5", "7.25"]
    assert said == [
        "network_traffic: a comma is read as the decimal mark, although in 1 it can only be the "
        "thousands separator."
    ]


def test_commas_when_other_marks_separate_cells_then_they_are_decimal_unless_cells_tell() -> None:
    data = column_in_batches("network_traffic", ["1,234", "7"], separator=";")
    assert stored_and_said("network_traffic", data)[0] == ["1.234", "7.0"]
    data = column_in_batches("network_traffic", ["1,234", "7"], ["1,234.5"], separator=";")
    assert stored_and_said("network_traffic", data)[0] == ["1234.0", "7.0", "1234.5"]
