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
