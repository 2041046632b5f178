import gzip
from pathlib import Path

import numpy as np
import pytest

from core.errors import DataError, MissingDataError, SchemaError
from core.forecast.values_csv import holds_one_series, read_values


@pytest.fixture
def written(tmp_path: Path):
    def write(text: str) -> Path:
        path = tmp_path / "values.csv"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_read_values_when_times_are_written_in_several_ways_then_they_are_the_same_moment(written):
    found = read_values(
        written(
            "Timestamp,Value\n2026-03-02T01:00:00Z,1\n2026-03-02 01:00:00,2\n"
            "2026-03-02T02:00:00+01:00,3\n1772413200,4\n"
        )
    )
    assert set(found.at_s) == {1772413200.0}
    assert list(found.values) == [1, 2, 3, 4]
    assert (found.n_unusable, found.first_unusable) == (0, None)


def test_read_values_when_a_cell_is_empty_then_it_is_missing_and_bad_lines_are_counted(written):
    found = read_values(
        written("value,timestamp\n1,2026-03-02\n,2026-03-03\nwarm,2026-03-04\n5,never\n\n6\n")
    )
    assert np.array_equal(found.values, [1, np.nan], equal_nan=True)
    assert (found.n_unusable, found.first_unusable) == (3, 4)


def test_read_values_when_packed_then_it_is_unpacked(tmp_path: Path):
    path = tmp_path / "values.csv.gz"
    path.write_bytes(gzip.compress(b"\xef\xbb\xbftimestamp,value\n2026-03-02,7\n"))
    assert holds_one_series(path)
    assert list(read_values(path).values) == [7]


def test_holds_one_series_when_it_names_machines_then_it_does_not(written):
    assert not holds_one_series(written("vm_id,timestamp,value\n"))
    assert not holds_one_series(written("timestamp,cpu_usage\n"))
    assert not holds_one_series(written(""))


@pytest.mark.parametrize(
    ("text", "error", "says"),
    [
        ("timestamp,value\n", MissingDataError, "no rows"),
        ("timestamp,value\nx,y\n", SchemaError, "'x,y'"),
        ("time,value\n2026-03-02,1\n", SchemaError, "found: 'time', 'value'"),
        ("timestamp,value\n1e300,1\n99999999999999999,2\n", SchemaError, "No row"),
    ],
)
def test_read_values_when_it_cannot_be_used_then_it_says_why(written, text, error, says):
    with pytest.raises(error, match=says):
        read_values(written(text))


def test_read_values_when_it_is_not_there_or_broken_then_it_says_so(tmp_path: Path):
    with pytest.raises(MissingDataError, match="is not there"):
        read_values(tmp_path / "none.csv")
    broken = tmp_path / "broken.csv.gz"
    broken.write_bytes(gzip.compress(b"timestamp,value\n" * 1000)[:-20])
    with pytest.raises(DataError, match="whole file"):
        read_values(broken)
