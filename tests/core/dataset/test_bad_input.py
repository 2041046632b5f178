import gzip
from pathlib import Path

import pytest

from core.dataset import check, read
from core.errors import DataError, MissingDataError, SchemaError
from tests.core.dataset.csv_files import fleet_csv


@pytest.mark.parametrize(
    ("data", "error", "says"),
    [
        (b"", MissingDataError, "is empty"),
        (b"\xef\xbb\xbf\r\n \n", MissingDataError, "is empty"),
        ("\ufeff".encode("utf-16-le"), MissingDataError, "is empty"),
        (b"ticket_text,ticket_category\n\n", MissingDataError, "a header and no rows"),
        (b"ticket_text,ticket_category", MissingDataError, "a header and no rows"),
        (b"ticket_text,ticket_category\n" + b"\n" * 100, MissingDataError, "no rows"),
        (b"a,b,c\n1,2,3\n", SchemaError, "found are 'a', 'b', 'c'"),
        (b"vm_id,timestamp\nx,2025-01-01\n", SchemaError, "at least one measurement"),
        (b"timestamp,value\n2025-01-01,1\n", SchemaError, "needed are vm_id"),
        (b"ticket_text,Ticket Text\na,b\n", SchemaError, "two columns 'ticket_text'"),
        (b"ticket_text,ticket_category\na\nb\n", SchemaError, "the header has 2 cells, line 2 has"),
        (b"PK\x03\x04\x14\x00", DataError, "an Excel or zip file"),
        (b"PAR1\x15\x04", DataError, "a Parquet file"),
        (bytes(range(256)) * 20, DataError, "not a text file"),
        (gzip.compress(fleet_csv(*[{}] * 9).encode())[:-20], DataError, "the whole file there"),
        (b"\x1f\x8b not gzip at all", DataError, "cannot be read"),
        (b'ticket_text,x\n"' + b"a\n" * 6_000_000, DataError, "quotation mark"),
    ],
)
def test_what_cannot_be_used_is_one_plain_sentence(
    data: bytes, error: type[DataError], says: str
) -> None:
    with pytest.raises(error) as raised:
        check(data, name="fleet.csv")
    message = str(raised.value)
    assert says in message
    assert "fleet.csv" in message
    assert "\n" not in message
    assert len(message) < 500


def test_a_name_that_is_nearly_right_is_pointed_out_in_the_error() -> None:
    data = b"vm_id,timestamp,cpu usage %\nx,2025-01-01,1\n"
    with pytest.raises(SchemaError, match="'cpu usage %' looks like 'cpu_usage'"):
        check(data)


def test_other_names_of_a_ticket_file_are_pointed_out_in_the_error() -> None:
    with pytest.raises(SchemaError, match="'Document' looks like 'ticket_text'"):
        check(b"Document,Topic_group\nhelp,Access\n")


def test_a_name_that_would_steer_a_terminal_is_spelt_out_in_error_and_note() -> None:
    with pytest.raises(SchemaError, match=r"'\\x1bcpu usage' looks like 'cpu_usage'"):
        check(b"vm_id,timestamp,\x1bcpu usage\nx,2025-01-01,1\n")
    report = check(b"vm_id,timestamp,cpu_usage,\x1bmemory usage\nx,2025-01-01T00:00:00Z,1,2\n")
    assert r"'\x1bmemory usage' looks like 'memory_usage'" in "".join(report.notes)


def test_a_path_that_is_not_there_or_a_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(MissingDataError, match=r"nothing\.csv is not there"):
        check(tmp_path / "nothing.csv")
    with pytest.raises(DataError, match=tmp_path.name):
        check(tmp_path)


def test_a_header_with_very_many_names_gives_a_short_message() -> None:
    header = ",".join(f"column_{n}" for n in range(2_000))
    with pytest.raises(SchemaError) as raised:
        check(f"{header}\n{'1,' * 1_999}1\n".encode())
    assert "and 1992 more" in str(raised.value)
    assert len(str(raised.value)) < 500


def test_markup_and_formulas_come_out_as_they_went_in() -> None:
    cells = ["<script>alert(1)</script>", "=HYPERLINK(1)", "@SUM(A1)", "**bold**", "\x1b[31mred"]
    text = fleet_csv(*({"vm_id": cell, "task_type": cell} for cell in cells))
    table, _ = read(text.encode())
    assert table["vm_id"].to_pylist() == cells
    assert table["task_type"].to_pylist() == cells


def test_a_column_of_nothing_but_nonsense_is_missing_throughout() -> None:
    table, report = read(fleet_csv(*[{"cpu_usage": "hot", "timestamp": "?"}] * 3).encode())
    assert table["cpu_usage"].null_count == table["timestamp"].null_count == table.num_rows
    column = report.column("cpu_usage")
    assert column is not None
    assert (column.uncoercible, column.minimum, column.unit) == (3, None, None)
