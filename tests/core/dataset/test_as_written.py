import csv
import gzip
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.dataset import read_as_written
from core.errors import DataError, SchemaError
from tests.core.dataset.csv_files import fleet_csv

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\ufeff"), max_size=8)


def test_columns_that_the_dataset_has_no_place_for_stay_beside_what_is_meant() -> None:
    data = b"\xef\xbb\xbfID;Ticket Text;Queue\n 7 ;help;a\n8;;\n"
    found = read_as_written(data)
    assert found.header == ("ID", "Ticket Text", "Queue")
    assert list(found.rows()) == [(" 7 ", "help", "a"), ("8", "", "")]
    assert found.frame["ticket_text"].tolist()[0] == "help"
    assert found.frame["ticket_text"].isna().tolist() == [False, True]


def test_numbers_are_meant_in_percent_and_shown_as_they_stood() -> None:
    found = read_as_written(fleet_csv({"cpu_usage": "0.25"}, {"cpu_usage": "1.0"}).encode())
    assert found.frame["cpu_usage"].tolist() == [25.0, 100.0]
    at = found.header.index("cpu_usage")
    assert [row[at] for row in found.rows()] == ["0.25", "1.0"]
    assert found.frame["ts_hour"].tolist() == [10, 10]


def test_repeated_and_empty_rows_keep_their_place() -> None:
    line = "vm-1,2025-03-01T10:00:00Z,{}\n"
    text = "vm_id,timestamp,cpu_usage\n" + line.format(41) * 2 + ",,\n\n" + line.format(43)
    found = read_as_written(text.encode())
    assert [row[2] for row in found.rows()] == ["41", "41", "", "43"]
    assert found.frame["cpu_usage"].fillna(-1).tolist() == [41, 41, -1, 43]
    assert found.report.duplicates == 1


def test_rows_of_another_length_are_left_out_and_reported() -> None:
    found = read_as_written(b"ticket_text,queue\na,b\nc,d,e\nf,g\n")
    assert list(found.rows()) == [("a", "b"), ("f", "g")]
    assert found.frame["ticket_text"].tolist() == ["a", "f"]
    assert found.report.rows_broken == 1


def test_what_is_no_dataset_is_refused_as_when_it_is_read() -> None:
    with pytest.raises(SchemaError, match="ticket_text"):
        read_as_written(b"a,b\n1,2\n", name="x.csv")
    with pytest.raises(DataError, match="is a picture"):
        read_as_written(b"\x89PNG\x00\x01\x02" * 99)


@settings(max_examples=100, deadline=None)
@given(
    rows=st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=8),
    separator=st.sampled_from(",;\t"),
    zipped=st.booleans(),
)
def test_every_row_comes_back_in_its_place(
    rows: list[tuple[str, str]], separator: str, zipped: bool
) -> None:
    rows = [*rows, ("x", "y")]
    written = io.StringIO(newline="")
    writer = csv.writer(written, delimiter=separator, quoting=csv.QUOTE_ALL)
    writer.writerow(["ticket_text", "anything else"])
    writer.writerows(rows)
    data = written.getvalue().encode()
    found = read_as_written(gzip.compress(data) if zipped else data)
    assert list(found.rows()) == rows
    texts = [None if not text or text.isspace() else text for text, _ in rows]
    assert (
        found.frame["ticket_text"]
        .astype(object)
        .where(found.frame["ticket_text"].notna(), None)
        .tolist()
        == texts
    )


def test_file_when_it_unpacks_to_more_than_is_wanted_then_it_is_refused(tmp_path):
    text = b"ticket_text\n" + b"the printer is broken\n" * 100_000
    path = tmp_path / "tickets.csv.gz"
    path.write_bytes(gzip.compress(text))
    for data in (path, str(path), path.read_bytes()):
        with pytest.raises(DataError, match="unpacks to more than 2 MB, as much as may be"):
            read_as_written(data, unpacked_limit_bytes=2_000_000)
    assert len(read_as_written(path, unpacked_limit_bytes=3_000_000).frame) == 100_000
    # What is not packed was counted as it came.
    assert len(read_as_written(text, unpacked_limit_bytes=2_000_000).frame) == 100_000
