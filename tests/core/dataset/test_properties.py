"""The CSV reader against anything that hypothesis can think of."""

import csv
import gzip
import io

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.dataset import read
from core.errors import DataError

# Everything that Unicode has but halves of surrogate pairs; the byte order mark means something
# else at the beginning of a file.
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\ufeff"))
# Letters above à are never read as UTF-8 by accident: no two of them are one character there.
LATIN_TEXT = st.text(
    st.characters(max_codepoint=126) | st.characters(min_codepoint=224, max_codepoint=255)
)
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be")

HEADS = (
    b"vm_id,timestamp,cpu_usage\n",
    b"vm_id;timestamp;cpu_usage;anomaly_status;task_type;ticket_text\r\n",
    b"ticket_text,ticket_category\n",
    b"\xef\xbb\xbfticket_text\tticket_category\r",
    b'"ticket_text"\n',
    b"sep=;\nticket_text;cpu_usage\n",
    "ticket_text\n".encode("utf-16"),
    b"\x1f\x8b\x08\x00",
    b"\xff\xfe",
    b"",
)
PIECES = (
    b"a", b",", b'"', b"\n", b"\r", b"\r\n", b";", b"\t", b"\x00", b"\xe9", b"\xc3\xa9", b"1.5",
    b"1,5", b"2025-01-01", b"3/4/2025", b"nan", b"1e999",
    b'"a,\n"', b"\x1a", b"\xef\xbf\xbd", b" ", b"%",
)  # fmt: skip


def is_missing(text: str) -> bool:
    return not text or text.isspace()


def written(
    rows: list[tuple[str, str]], separator: str, line_end: str, quoting: int, codec: str
) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator, lineterminator=line_end, quoting=quoting)  # type: ignore[arg-type]
    writer.writerow(["ticket_text", "ticket_category"])
    writer.writerows(rows)
    return text.getvalue().encode(codec)


@settings(max_examples=150, deadline=None)
@given(
    rows=st.lists(st.tuples(ANY_TEXT, ANY_TEXT), min_size=1, max_size=8),
    separator=st.sampled_from(",;\t|"),
    line_end=st.sampled_from(["\n", "\r\n"]),
    quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
    codec=st.sampled_from(ENCODINGS),
    zipped=st.booleans(),
)
def test_what_is_written_is_read_back_whatever_the_encoding_and_the_separator(
    rows: list[tuple[str, str]],
    separator: str,
    line_end: str,
    quoting: int,
    codec: str,
    zipped: bool,
) -> None:
    rows = [row for row in rows if not all(map(is_missing, row))] or [("x", "y")]
    data = written(rows, separator, line_end, quoting, codec)
    table, report = read(gzip.compress(data) if zipped else data)
    expected = [None if is_missing(text) else text for text, _ in rows]
    assert table["ticket_text"].to_pylist() == expected
    expected = [category.strip() or None for _, category in rows]
    assert table["ticket_category"].to_pylist() == expected
    assert report.separator == separator


@settings(max_examples=80, deadline=None)
@given(
    rows=st.lists(st.tuples(LATIN_TEXT, LATIN_TEXT), min_size=1, max_size=8),
    separator=st.sampled_from(",;\t"),
)
def test_latin_1_is_read_back(rows: list[tuple[str, str]], separator: str) -> None:
    rows = [*(row for row in rows if not all(map(is_missing, row))), ("déjà", "vu")]
    data = written(rows, separator, "\n", csv.QUOTE_ALL, "latin-1")
    table, _ = read(data)
    expected = [None if is_missing(text) else text for text, _ in rows]
    assert table["ticket_text"].to_pylist() == expected


@settings(max_examples=150, deadline=None)
@given(
    numbers=st.lists(
        st.none() | st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=30
    ),
    separator=st.sampled_from(",;\t"),
)
def test_numbers_are_read_back_to_the_last_bit(numbers: list[float | None], separator: str) -> None:
    rows = [
        separator.join([f"vm-{n}", "2025-01-01", "" if value is None else repr(value)])
        for n, value in enumerate(numbers)
    ]
    header = separator.join(["vm_id", "timestamp", "network_traffic"])
    table, report = read("\n".join([header, *rows]).encode())
    assert table["network_traffic"].to_pylist() == numbers
    column = report.column("network_traffic")
    assert column is not None
    assert (column.missing, column.uncoercible) == (numbers.count(None), 0)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    head=st.sampled_from(HEADS),
    body=st.binary(max_size=200) | st.lists(st.sampled_from(PIECES), max_size=40).map(b"".join),
)
def test_any_bytes_give_a_table_or_a_data_error(head: bytes, body: bytes) -> None:
    try:
        table, report = read(head + body)
    except DataError:
        return
    table.validate(full=True)
    assert table.num_rows == report.rows_kept
    assert report.rows_kept <= report.rows_read
