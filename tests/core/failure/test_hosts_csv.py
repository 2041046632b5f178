import gzip
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from core.errors import DataError, MissingDataError, SchemaError
from core.failure.hosts import HostRecord
from core.failure.hosts_csv import read_hosts, write_hosts
from core.metrics import METRIC_NAMES

HEADER = ",".join(["host", "timestamp", *METRIC_NAMES, "failed", "cause"])
NOON_S = datetime(2026, 1, 31, 12, tzinfo=UTC).timestamp()


def row(
    host: str = "web-1",
    minute: int | str = 0,
    *,
    failed: str = "0",
    cause: str = "",
    **metrics: str,
) -> str:
    stamp = minute if isinstance(minute, str) else f"2026-01-31T12:{minute:02d}:00Z"
    usual = dict.fromkeys(METRIC_NAMES, "") | {"cpu_percent": "12.5", "process_count": "67"}
    values = usual | metrics
    return ",".join([host, stamp, *(values[name] for name in METRIC_NAMES), failed, cause])


def saved(folder: Path, *rows: str, header: str = HEADER) -> Path:
    path = folder / "hosts.csv"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def record(host: str, n_steps: int, *, start_s: float = NOON_S) -> HostRecord:
    rng = np.random.default_rng(len(host) + n_steps)
    values = rng.uniform(0, 100, (n_steps, len(METRIC_NAMES)))
    values[:, METRIC_NAMES.index("process_count")] = rng.integers(1, 500, n_steps)
    values[:, METRIC_NAMES.index("temperature_c")] = np.nan
    values[0] = np.nan
    failed = np.arange(n_steps) >= n_steps - 2
    return HostRecord(
        host=host,
        at_s=start_s + np.arange(n_steps) * 7.25,
        values=values,
        failed=failed,
        causes=np.where(failed, "memory_percent", "").astype(object),
    )


@pytest.mark.parametrize("name", ["hosts.csv", "hosts.csv.gz"])
def test_what_was_written_is_read_again(tmp_path, name):
    written = [record('zeta, the "last"', 12), record("älteste", 5, start_s=NOON_S + 0.123456)]
    write_hosts(written, tmp_path / name)
    read = read_hosts(tmp_path / name)
    assert [r.host for r in read] == ['zeta, the "last"', "älteste"]
    for ours, theirs in zip(written, read, strict=True):
        np.testing.assert_array_equal(theirs.values, ours.values)
        np.testing.assert_allclose(theirs.at_s, ours.at_s, rtol=0, atol=1e-6)
        np.testing.assert_array_equal(theirs.failed, ours.failed)
        assert theirs.causes.tolist() == ours.causes.tolist()


def test_writing_again_gives_the_same_bytes_and_leaves_nothing_beside(tmp_path):
    for name in ("a.csv.gz", "b.csv.gz"):
        write_hosts([record("web-1", 6)], tmp_path / name)
    assert (tmp_path / "a.csv.gz").read_bytes() == (tmp_path / "b.csv.gz").read_bytes()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.csv.gz", "b.csv.gz"]


def test_a_written_file_looks_like_the_format(tmp_path):
    write_hosts([record("web-1", 3)], tmp_path / "hosts.csv")
    lines = (tmp_path / "hosts.csv").read_text().splitlines()
    assert lines[0] == HEADER
    assert lines[1] == "web-1,2026-01-31T12:00:00.000000Z,,,,,,,,,,,0,"
    assert lines[2].endswith(",1,memory_percent")


def test_a_file_that_cannot_be_written_is_one_sentence(tmp_path):
    with pytest.raises(DataError, match=r"no-such-folder.*cannot be written"):
        write_hosts([record("web-1", 3)], tmp_path / "no-such-folder" / "hosts.csv")


def test_an_interrupted_writing_keeps_the_old_file(tmp_path):
    path = tmp_path / "hosts.csv"
    write_hosts([record("web-1", 3)], path)
    before = path.read_bytes()
    with pytest.raises(UnicodeEncodeError):
        write_hosts([record("web-1", 3), record("\ud800", 3)], path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["hosts.csv"]


def test_hosts_come_in_order_of_first_appearance_each_in_its_own_order(tmp_path):
    rows = [row("b", 0), row("a", 5), row("b", 1), row("a", 7), row("b", 9)]
    b, a = read_hosts(saved(tmp_path, *rows))
    assert (b.host, a.host) == ("b", "a")
    assert (b.at_s - NOON_S).tolist() == [0, 60, 540]  # a gap in time stays a gap
    assert (a.at_s - NOON_S).tolist() == [300, 420]


def test_empty_cells_are_missing_and_so_are_other_programs_words_for_it(tmp_path):
    (host,) = read_hosts(saved(tmp_path, row(cpu_percent="NaN", memory_percent="0")))
    values = dict(zip(METRIC_NAMES, host.values[0], strict=True))
    assert np.isnan(values["cpu_percent"])
    assert np.isnan(values["disk_percent"])
    assert values["memory_percent"] == 0
    assert values["process_count"] == 67


def test_times_without_offset_are_utc_and_offsets_are_counted_in(tmp_path):
    rows = [
        row(minute="2026-01-31T12:00:00"),
        row(minute="2026-01-31 13:01:00+01:00"),
        row(minute="2026-01-31T12:02:00.5Z"),
    ]
    (host,) = read_hosts(saved(tmp_path, *rows))
    assert (host.at_s - NOON_S).tolist() == [0, 60, 120.5]


def test_labels_may_be_left_out_and_other_columns_are_ignored(tmp_path):
    header = "note," + ",".join(reversed(["host", "timestamp", *METRIC_NAMES]))
    cells = ",".join(["1"] * len(METRIC_NAMES))
    text = f'"two\nlines",{cells},2026-01-31T12:00:00Z,web-1'
    (host,) = read_hosts(saved(tmp_path, text, header=header))
    assert host.values.tolist() == [[1.0] * 10]
    assert not host.failed.any()
    assert host.causes.tolist() == [""]


def test_labels_are_read(tmp_path):
    rows = [row(cause="memory_percent"), row(minute=1, failed="1", cause="memory_percent")]
    (host,) = read_hosts(saved(tmp_path, *rows))
    assert host.failed.tolist() == [False, True]
    assert host.causes.tolist() == ["memory_percent", "memory_percent"]


def test_hosts_named_like_missing_values_or_numbers_are_hosts(tmp_path):
    found = read_hosts(saved(tmp_path, row("null"), row("007"), row("NA")))
    assert [r.host for r in found] == ["null", "007", "NA"]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_a_byte_order_mark_blank_lines_and_any_line_end_do_no_harm(tmp_path, newline):
    path = tmp_path / "hosts.csv"
    text = newline.join([HEADER, row(), "", row(minute=1), "", ""])
    path.write_bytes(text.encode("utf-8-sig"))
    assert read_hosts(path)[0].at_s.size == 2


def test_a_compressed_file_is_known_by_its_content_not_by_its_name(tmp_path):
    path = tmp_path / "hosts.csv"
    path.write_bytes(gzip.compress(f"{HEADER}\n{row()}\n".encode()))
    assert read_hosts(path)[0].host == "web-1"


@pytest.mark.parametrize(
    ("rows", "complaint"),
    [
        ([row(), row(minute=1, cpu_percent="high")], "line 3: cpu_percent holds 'high', which is"),
        ([row(cpu_percent="True")], "line 2: cpu_percent holds 'True', which is not a number"),
        ([row(cpu_percent="12,5")], "line 2 has 15 values, and line 1 names 14 columns"),
        ([row(), row(), row() + ",5"], "line 4 has 15 values, and line 1 names 14 columns"),
        ([row(cpu_percent="inf")], "line 2: cpu_percent is infinite"),
        ([row(cpu_percent="-Infinity")], "line 2: cpu_percent is infinite"),
        ([row(cpu_percent="101")], "line 2: cpu_percent is 101, and cannot be above 100"),
        ([row(process_count="-1")], "line 2: process_count is -1, and cannot be below 0"),
        ([row(temperature_c="-300")], "line 2: temperature_c is -300, and cannot be below -60"),
        ([row(), row(host="")], "line 3: the host is empty"),
        ([row(minute="yesterday")], "line 2: timestamp holds 'yesterday', not an ISO-8601 time"),
        ([row(minute="now")], "line 2: timestamp holds 'now', not an ISO-8601 time"),
        ([row(minute="31.01.2026 12:00")], "timestamp holds '31.01.2026 12:00', not an ISO-8601"),
        ([row(minute="")], "line 2: timestamp holds '', not an ISO-8601 time"),
        ([row(failed="2")], "line 2: failed must be 0 or 1, and is '2'"),
        ([row(failed="yes")], "line 2: failed must be 0 or 1, and is 'yes'"),
        ([row(cause="gremlins")], "line 2: cause is 'gremlins', and must be empty or one of cpu_p"),
        (
            [row(), row("db-1"), row(minute=1), row()],
            "line 5: host web-1 has the timestamp 2026-01-31T12:00:00Z a second time",
        ),
        (
            [row(), row(minute="2026-01-31T13:00:00+01:00")],
            "line 3: host web-1 has the timestamp 2026-01-31T13:00:00\\+01:00 a second time",
        ),
        (
            [row(minute=3), "", row("db-1", 2), row(minute=2)],
            "line 5: host web-1 goes back in time, from 2026-01-31T12:03:00Z to 2026-01-31T12:02",
        ),
        ([row(), '"web-2,2026'], "line 3: a quotation mark is opened and never closed"),
    ],
)
def test_a_bad_row_is_refused_with_its_line_and_column(tmp_path, rows, complaint):
    with pytest.raises(SchemaError, match=complaint) as refused:
        read_hosts(saved(tmp_path, *rows))
    assert "\n" not in str(refused.value)


def test_the_line_is_right_after_text_that_runs_over_lines(tmp_path):
    rows = [f'{row()},"one\ntwo\nthree"', f"{row(minute=1, cpu_percent='x')},"]
    with pytest.raises(SchemaError, match="line 5: cpu_percent"):
        read_hosts(saved(tmp_path, *rows, header=HEADER + ",note"))


@pytest.mark.parametrize(
    ("header", "complaint"),
    [
        (HEADER.replace("cpu_percent", "cpu_percentage"), "cpu_percent .found 'cpu_percentage'"),
        (HEADER.replace("host,", "").replace("uptime_s,", ""), "missing columns host, uptime_s"),
        (HEADER.replace(",", ";"), "separates its columns by ';'"),
        (HEADER.replace(",", "\t"), "separates its columns by '\\\\t'"),
        (HEADER + ",cpu_percent", "column cpu_percent is there twice"),
        ("", "line 1: missing columns host"),
    ],
)
def test_wrong_columns_are_named(tmp_path, header, complaint):
    with pytest.raises(SchemaError, match=complaint):
        read_hosts(saved(tmp_path, row(), header=header))


@pytest.mark.parametrize(
    ("content", "error", "complaint"),
    [
        (b"", MissingDataError, "is empty"),
        (HEADER.encode(), MissingDataError, "no row of data"),
        (f"{HEADER}\n\n\n".encode(), MissingDataError, "no row of data"),
        (f"{HEADER}\n{row('caf')}".encode().replace(b"caf", b"caf\xe9"), SchemaError, "2.*0xe9"),
        (f"{HEADER}\n{row()}".encode("utf-16"), SchemaError, "UTF-16"),
        (b"PK\x03\x04\x14\x00\x08\x08", SchemaError, "binary data"),
        (bytes(range(256)) * 9, SchemaError, "binary data"),
        (b"\x1f\x8bnonsense", SchemaError, "damaged gzip"),
        (gzip.compress(f"{HEADER}\n{row()}".encode())[:-12], SchemaError, "damaged gzip"),
    ],
)
def test_a_file_that_is_no_such_csv_is_one_sentence(tmp_path, content, error, complaint):
    path = tmp_path / "hosts.csv"
    path.write_bytes(content)
    with pytest.raises(error, match=complaint):
        read_hosts(path)


def test_a_bad_byte_far_into_the_file_is_named_by_its_line(tmp_path):
    path = saved(tmp_path, *[row(f"host-{n}") for n in range(5000)], "\n")
    path.write_bytes(path.read_bytes().replace(b"host-4321,", b"host-\xff,"))
    with pytest.raises(SchemaError, match="line 4323: the byte 0xff is not UTF-8"):
        read_hosts(path)


def test_no_file_and_a_folder_are_told_apart(tmp_path):
    with pytest.raises(MissingDataError, match=r"no file .*none\.csv"):
        read_hosts(tmp_path / "none.csv")
    with pytest.raises(DataError, match="cannot be read"):
        read_hosts(tmp_path)
