import dataclasses
import gzip
import json
from pathlib import Path

import pytest

from core.dataset import check, read
from core.dataset.report import report_from_json
from tests.core.dataset.csv_files import ROW, column_csv, fleet_csv, ticket_csv


def test_a_plain_file_is_read_with_nothing_to_complain_about() -> None:
    table, report = read(fleet_csv({}, {"vm_id": "vm-002"}).encode())
    assert (report.kind, report.rows_read, report.rows_kept) == ("telemetry", 2, 2)
    assert report.vm_count == 2
    row = table.to_pylist()[0]
    assert row["vm_id"] == "vm-001"
    assert row["timestamp"].isoformat() == "2025-03-01T10:00:00+00:00"
    assert row["cpu_usage"] == 41.5
    assert row["anomaly_status"] == 0
    assert row["ticket_text"] is None
    assert all(column.missing == column.uncoercible == 0 for column in report.columns)


def test_names_are_matched_whatever_their_case_blanks_and_hyphens() -> None:
    names = {"vm_id": "VM ID", "cpu_usage": "Cpu Usage", "memory_usage": "MEMORY-USAGE"}
    table, report = read(fleet_csv({}, names=names).encode())
    assert table["cpu_usage"].to_pylist() == [41.5]
    assert table["memory_usage"].to_pylist() == [60.0]
    column = report.column("cpu_usage")
    assert column is not None
    assert column.found_as == "Cpu Usage"


def test_a_name_that_is_nearly_right_is_pointed_out_and_can_be_renamed() -> None:
    text = fleet_csv({}, names={"cpu_usage": "cpu usage %"}).encode()
    report = check(text)
    assert "'cpu usage %' looks like 'cpu_usage'" in report.notes[0]
    assert report.column("cpu_usage") is None
    table, renamed = read(text, rename={"cpu usage %": "cpu_usage"})
    assert table["cpu_usage"].to_pylist() == [41.5]
    assert not renamed.unused_columns


def test_missing_and_unused_columns_are_listed() -> None:
    names = {"energy_efficiency": "rack", "task_status": "notes"}
    report = check(fleet_csv({}, names=names).encode())
    missing = {column.name for column in report.missing_columns}
    assert missing == {"energy_efficiency", "task_status", "ticket_text", "ticket_category"}
    assert [column.name for column in report.unused_columns] == ["rack", "notes"]
    assert any("Not used: 'rack', 'notes'" in note for note in report.notes)


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize(
    ("codec", "label"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8 with BOM"),
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16 without BOM"),
        ("utf-16-be", "UTF-16 without BOM"),
        ("latin-1", "Latin-1"),
    ],
)
def test_every_encoding_and_separator_gives_the_same_rows(
    codec: str, label: str, separator: str
) -> None:
    text = fleet_csv({"task_type": "Büro, groß; à\tla"}, separator=separator)
    table, report = read(text.encode(codec))
    assert table["task_type"].to_pylist() == ["Büro, groß; à\tla"]
    assert table["cpu_usage"].to_pylist() == [41.5]
    assert (report.encoding, report.separator) == (label, separator)


def test_the_marks_of_windows_are_read_as_such() -> None:
    table, report = read(fleet_csv({"task_type": "“büro” – 5 €"}).encode("cp1252"))
    assert table["task_type"].to_pylist() == ["“büro” – 5 €"]
    assert report.encoding == "Windows-1252"


def test_latin_1_is_recognised_by_a_letter_far_below_the_beginning() -> None:
    rows = [("plain text " * 50, "General")] * 1_000 + [("Drücker", "Büro")]
    table, report = read(ticket_csv(rows).encode("latin-1"))
    assert report.encoding == "Latin-1"
    assert table["ticket_text"].to_pylist()[-1] == "Drücker"
    assert table.num_rows == 1_001


def test_a_few_damaged_bytes_do_not_make_utf_8_something_else() -> None:
    data = ticket_csv([("größer, höher, weiter", "A"), ("?", "B")]).encode()
    table, report = read(data.replace(b"?", b"\xff"))
    assert table["ticket_text"].to_pylist() == ["größer, höher, weiter", "\ufffd"]
    assert report.damaged_characters == 1
    assert any("damaged" in note for note in report.notes)


def test_a_gzipped_file_of_several_members_is_read_whole(tmp_path: Path) -> None:
    text = ticket_csv([("one", "A"), ("two", "B")]).encode()
    path = tmp_path / "tickets.csv.gz"
    path.write_bytes(gzip.compress(text[:40]) + gzip.compress(text[40:]))
    table, report = read(path)
    assert table["ticket_text"].to_pylist() == ["one", "two"]
    assert (report.source, report.compression) == ("tickets.csv.gz", "gzip")


def test_the_line_that_excel_writes_above_the_header_tells_the_separator() -> None:
    _, report = read(b"sep=;\r\nticket_text;ticket_category\r\na, b;General\r\n")
    assert report.separator == ";"
    assert report.rows_kept == 1


def test_text_is_kept_to_the_last_character() -> None:
    text = ' =1+1\t"quoted", \x00 NUL, 😀 日本語 עברית\r\nsecond line \u2028 '
    table, _ = read(ticket_csv([(text, "General"), ("+49 123", "General")]).encode())
    assert table["ticket_text"].to_pylist() == [text, "+49 123"]


def test_a_cell_of_a_megabyte_is_kept_whole() -> None:
    long = "ä, " * 350_000
    table, _ = read(ticket_csv([(long, "General"), ("short", "General")]).encode())
    assert table["ticket_text"].to_pylist() == [long, "short"]


def test_lines_are_counted_through_quoted_line_ends_blank_lines_and_broken_rows() -> None:
    text = (
        "ticket_text,ticket_category,cpu_usage\n"  # line 1
        '"one\nstill one\r\nand still",A,5\n'  # 2-4
        "\n"  # 5
        'broken,"A\nB"\n'  # 6-7
        "two,A,oops\n"  # 8
        "three,A,6,7,8\n"  # 9
        "four,A,ouch\n"  # 10
    )
    table, report = read(text.encode())
    assert table.num_rows == 3
    assert (report.rows_read, report.rows_broken, report.rows_empty) == (5, 2, 1)
    broken = [(row.line, row.cells, row.expected_cells) for row in report.first_broken]
    assert broken == [(6, 2, 3), (9, 5, 3)]
    cpu = report.column("cpu_usage")
    assert cpu is not None
    assert [(cell.line, cell.value) for cell in cpu.first_uncoercible] == [
        (8, "oops"),
        (10, "ouch"),
    ]


def test_lines_are_counted_over_many_batches() -> None:
    long = "x" * 4_000
    rows = [f'"{long}\n{n}",A,{n}' for n in range(5_000)]  # 20 MB, two lines each
    rows[4_321] = "y,A,bad"
    text = "\n".join(["ticket_text,ticket_category,cpu_usage", *rows])
    cpu = check(text.encode()).column("cpu_usage")
    assert cpu is not None
    assert [cell.line for cell in cpu.first_uncoercible] == [2 + 2 * 4_321]


def test_texts_of_megabytes_are_read_whole_and_the_lines_after_them_are_right() -> None:
    texts = ["short", *("x" * (n << 20) for n in (2, 5)), "short again"]
    rows = [f'"{text}\nend",A,{cpu}' for text, cpu in zip(texts, (1, 2, 3, "bad"), strict=True)]
    text = "\n".join(["ticket_text,ticket_category,cpu_usage", *rows])
    table, report = read(text.encode())
    assert table["ticket_text"].to_pylist() == [f"{text}\nend" for text in texts]
    cpu = report.column("cpu_usage")
    assert cpu is not None
    assert [cell.line for cell in cpu.first_uncoercible] == [8]


def test_missing_and_uncoercible_cells_are_told_apart() -> None:
    cells = ["1", "", "n/a", "NULL", "-", "warm", "nan", "1 000", "inf", "2"]
    table, report = read(column_csv("network_traffic", cells).encode())
    expected = [1.0, *[None] * 8, 2.0]
    assert table["network_traffic"].to_pylist() == expected
    column = report.column("network_traffic")
    assert column is not None
    assert (column.missing, column.uncoercible) == (5, 3)
    assert [(cell.line, cell.value) for cell in column.first_uncoercible] == [
        (7, "warm"),
        (9, "1 000"),
        (10, "inf"),
    ]
    assert (column.minimum, column.maximum) == (1.0, 2.0)


def test_a_decimal_comma_is_understood_and_said() -> None:
    table, report = read(column_csv("cpu_usage", ["45,5", "1.000,5", "7"], separator=";").encode())
    assert table["cpu_usage"].to_pylist() == [45.5, 1000.5, 7.0]
    assert any("comma is read as the decimal mark" in note for note in report.notes)


@pytest.mark.parametrize(
    ("cells", "unit", "stored"),
    [
        (["0.07", "0.5", "1"], "fraction", [7.0, 50.0, 100.0]),
        (["0.5", "50", "99"], "percent", [0.5, 50.0, 99.0]),
    ],
)
def test_shares_are_stored_as_percent_and_it_is_said(
    cells: list[str], unit: str, stored: list[float]
) -> None:
    table, report = read(column_csv("cpu_usage", cells).encode())
    assert table["cpu_usage"].to_pylist() == stored
    column = report.column("cpu_usage")
    assert column is not None
    assert column.unit == unit
    said = any("came as 0-1 and is stored as percent" in note for note in report.notes)
    assert said == (unit == "fraction")


def test_rows_when_a_few_have_a_wrong_year_then_it_is_said_how_many() -> None:
    days = [f"2026-03-{day:02}T08:00:00Z" for day in range(1, 31)]
    _, report = read(column_csv("timestamp", [*days, "1970-01-01", "2000-01-01"]).encode())
    said = "timestamp: 2 rows lie more than 26 years from all others, and no forecast looks there."
    assert said in report.notes
    _, report = read(column_csv("timestamp", days).encode())
    assert not any("lie" in note for note in report.notes)


def test_one_absurd_value_does_not_make_fractions_percent() -> None:
    cells = [str(n / 200) for n in range(200)] + ["55"]
    table, report = read(column_csv("memory_usage", cells).encode())
    assert table["memory_usage"].to_pylist()[100] == 50.0
    column = report.column("memory_usage")
    assert column is not None
    assert (column.outside, column.first_outside[0].value) == (1, "55")


def test_values_beyond_what_is_possible_are_pointed_out_and_kept() -> None:
    table, report = read(column_csv("cpu_usage", ["50", "130", "-1"]).encode())
    assert table["cpu_usage"].to_pylist() == [50.0, 130.0, -1.0]
    column = report.column("cpu_usage")
    assert column is not None
    assert [(cell.line, cell.value) for cell in column.first_outside] == [(3, "130"), (4, "-1")]


@pytest.mark.parametrize(
    "cell", ["2025-03-04T05:06:07Z", "2025-03-04 06:06:07+01:00", "1741064767", "4.3.2025 05:06:07"]
)
def test_times_are_read_in_utc(cell: str) -> None:
    table, report = read(column_csv("timestamp", [cell, "", "soon"]).encode())
    stored = [at.isoformat() if at else None for at in table["timestamp"].to_pylist()]
    assert stored == ["2025-03-04T05:06:07+00:00", None, None]
    column = report.column("timestamp")
    assert column is not None
    assert (column.missing, column.uncoercible) == (1, 1)
    assert column.minimum == column.maximum == "2025-03-04T05:06:07Z"


def test_a_time_before_the_calendar_begins_is_none() -> None:
    table, report = read(column_csv("timestamp", ["0000-01-01", "0001-01-01"]).encode())
    assert [at and at.year for at in table["timestamp"].to_pylist()] == [None, 1]
    column = report.column("timestamp")
    assert column is not None
    assert column.first_uncoercible[0].value == "0000-01-01"


def test_fractions_with_one_value_beyond_all_bounds_stay_numbers() -> None:
    cells = [str(n / 300) for n in range(300)] + ["1e308"]
    column = check(column_csv("cpu_usage", cells).encode()).column("cpu_usage")
    assert column is not None
    assert (column.uncoercible, column.unit) == (1, "fraction")
    assert column.maximum == pytest.approx(99.67, abs=0.01)


def test_repeated_measurements_are_left_out_and_repeated_tickets_are_kept() -> None:
    same = {"timestamp": "2025-03-01 10:00:00"}
    table, report = read(fleet_csv(same, {"vm_id": "vm-2"}, same, same).encode())
    assert table["vm_id"].to_pylist() == ["vm-001", "vm-2"]
    assert (report.rows_read, report.rows_kept, report.duplicates) == (4, 2, 2)
    assert report.first_duplicate_lines == (4, 5)
    tickets = ticket_csv([("help", "A"), ("help", "A"), ("help", "B")])
    table, report = read(tickets.encode())
    assert (table.num_rows, report.duplicates) == (3, 1)


def test_rows_that_differ_in_one_missing_cell_are_two() -> None:
    same = {"timestamp": "2025-03-01 10:00:00"}
    _, report = read(fleet_csv(same, {**same, "cpu_usage": ""}, {**same, "vm_id": ""}).encode())
    assert (report.duplicates, report.vm_count) == (0, 1)


def test_yes_and_no_are_read_in_words() -> None:
    table, _ = read(column_csv("anomaly_status", ["true", "Normal", "1.0", "", "maybe"]).encode())
    assert table["anomaly_status"].to_pylist() == [1, 0, 1, None, None]


def test_categories_are_counted_most_frequent_first() -> None:
    report = check(ticket_csv([("a", "Network"), ("b", " Power "), ("c", "Power")]).encode())
    assert [(item.category, item.rows) for item in report.categories] == [
        ("Power", 2),
        ("Network", 1),
    ]
    assert report.tickets == 3


def test_one_class_and_300_classes_are_read_and_said() -> None:
    one = check(ticket_csv([(f"text {n}", "A") for n in range(30)]).encode())
    assert any("All tickets are 'A'" in note for note in one.notes)
    many = check(ticket_csv([(f"text {n}", f"c{n}") for n in range(300)]).encode())
    assert many.category_count == 300
    assert any("300 different categories" in note for note in many.notes)


def test_tickets_without_a_category_can_be_read() -> None:
    report = check(b"ticket_text\nhelp\nmore help\n")
    assert (report.kind, report.tickets) == ("tickets", 2)
    assert any("no category" in note for note in report.notes)


def test_the_report_of_a_file_is_the_same_with_and_without_its_rows() -> None:
    data = fleet_csv({}, {"cpu_usage": "x"}).encode()
    assert check(data) == read(data)[1]


def test_a_report_survives_json() -> None:
    data = fleet_csv({}, {"cpu_usage": "x"}, {"memory_usage": "500"}, {"vm_id": "a"}).encode()
    report = check(data + b"too,short\n")
    assert report_from_json(json.loads(json.dumps(dataclasses.asdict(report)))) == report


def test_header_with_other_separators_in_its_cells_is_split_by_the_right_one() -> None:
    text = "ticket_text;ticket_category;a,b,c,d,e\nhelp;General;1\n"
    table, report = read(text.encode())
    assert report.separator == ";"
    assert table["ticket_text"].to_pylist() == ["help"]


def test_every_name_of_the_schema_is_in_the_sample_row_of_these_tests() -> None:
    report = check(fleet_csv({}).encode())
    assert {column.name for column in report.columns} == set(ROW)
