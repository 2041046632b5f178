import json
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from core.errors import MissingDataError, SchemaError, TooFewSamplesError
from core.failure.sequence import parse_sequence, sequence_document
from core.metrics import METRIC_NAMES, Reading, Sample

STEPS = [[float(10 * step + metric) for metric in range(10)] for step in range(10)]
NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


def as_json(value: Any) -> bytes:
    return json.dumps(value).encode()


def with_value(step: int, metric: str, value: Any) -> list[list[Any]]:
    rows: list[list[Any]] = [list(row) for row in STEPS]
    rows[step - 1][METRIC_NAMES.index(metric)] = value
    return rows


def as_csv(rows: list[list[Any]], header: list[str] | None = None) -> bytes:
    lines = [header, *rows] if header else rows
    return "\r\n".join(
        ",".join("" if v is None else str(v) for v in line) for line in lines
    ).encode()


def sample(minute: int, **values: float) -> Sample:
    return Sample(
        host="web-1",
        at=NOON + timedelta(minutes=minute),
        readings=tuple(Reading(metric=name, value=value) for name, value in values.items()),
    )


@pytest.mark.parametrize(
    "data",
    [
        as_json(STEPS),
        as_json({"sequence": STEPS}),
        b"\xef\xbb\xbf  " + as_json({"sequence": STEPS, "features": list(METRIC_NAMES), "x": 1}),
        as_csv(STEPS),
        as_csv(STEPS, list(METRIC_NAMES)),
        as_csv(STEPS) + b"\n\n",
    ],
)
def test_every_way_to_write_a_sequence_gives_its_values(data):
    parsed = parse_sequence(data, "input")
    assert parsed.values.tolist() == STEPS
    assert parsed.interval_s is None


def test_missing_values_are_null_or_empty_and_stay_missing():
    rows = with_value(3, "temperature_c", None)
    for data in (as_json(rows), as_csv(rows)):
        values = parse_sequence(data, "input").values
        assert np.argwhere(np.isnan(values)).tolist() == [[2, 3]]


def test_named_columns_are_put_in_our_order():
    backwards = list(reversed(METRIC_NAMES))
    rows = [list(reversed(row)) for row in STEPS]
    for data in (as_json({"features": backwards, "sequence": rows}), as_csv(rows, backwards)):
        assert parse_sequence(data, "input").values.tolist() == STEPS


def test_the_interval_is_told():
    data = as_json({"sequence": STEPS, "interval_s": 5})
    assert parse_sequence(data, "input").interval_s == 5.0


@pytest.mark.parametrize(
    ("rows", "complaint"),
    [
        (STEPS[:9], "10 steps of 10 metrics; received is 9 × 10 values"),
        ([STEPS], "received is 1 × 10 × 10 values"),
        (STEPS[0], "received is 10 values"),
        ([], "received is 0 values"),
        ("no", 'received is "no"'),
        (None, "received is nothing"),
        (12, "received is 12"),
        ([*STEPS[:4], STEPS[4][:9], *STEPS[5:]], "step 5 must hold 10 values; received is 9 val"),
        ([*STEPS[:4], {"a": 1}, *STEPS[5:]], 'step 5 must hold 10 values; received is {"a": 1}'),
        (with_value(3, "cpu_percent", "high"), 'step 3: cpu_percent must be a number, and is "hi'),
        (with_value(3, "cpu_percent", "12"), 'step 3: cpu_percent must be a number, and is "12"'),
        (with_value(3, "cpu_percent", True), "step 3: cpu_percent must be a number, and is true"),
        (with_value(3, "cpu_percent", [1]), r"step 3: cpu_percent must be a number, and is \[1\]"),
        (with_value(3, "cpu_percent", float("nan")), "step 3: cpu_percent is nan; a missing value"),
        (with_value(3, "cpu_percent", -float("inf")), "step 3: cpu_percent is -inf"),
        (with_value(3, "cpu_percent", 10**400), "step 3: cpu_percent is inf"),
        (with_value(10, "thread_count", -1), "step 10: thread_count is -1, and cannot be below 0"),
        (
            with_value(1, "disk_percent", 101),
            "step 1: disk_percent is 101, and cannot be above 100",
        ),
        (
            with_value(1, "temperature_c", 251),
            "step 1: temperature_c is 251, and cannot be above 25",
        ),
        ([[None] * 10] * 10, "10 × 10 missing values"),
    ],
)
def test_a_sequence_that_cannot_be_is_refused_by_step_and_metric(rows, complaint):
    bare = [as_json(rows)] if isinstance(rows, list) else []  # else it would not be taken as JSON
    for data in (*bare, as_json({"sequence": rows})):
        with pytest.raises((SchemaError, MissingDataError), match=complaint) as refused:
            parse_sequence(data, "pasted text")
        assert str(refused.value).startswith("pasted text")


@pytest.mark.parametrize("half", [r"\ud800", r"\uDFFF"])
def test_half_a_surrogate_pair_is_told_as_the_file_had_it(half):
    data = f'{{"sequence": [["{half}"]], "interval_s": "{half}"}}'.encode()
    for document in (data, data.replace(b"interval_s", b"x"), b'["%s"]' % half.encode()):
        with pytest.raises(SchemaError) as refused:
            parse_sequence(document, "up.json")
        str(refused.value).encode()  # what a page does with it
    with pytest.raises(SchemaError, match=r'cpu_percent must be a number, and is "\\u'):
        parse_sequence(as_json(with_value(1, "cpu_percent", json.loads(f'"{half}"'))), "up")


@pytest.mark.parametrize(
    ("rows", "header", "complaint"),
    [
        (STEPS[:9], None, "received is 9 × 10 values"),
        (STEPS[:9], list(METRIC_NAMES), "received is 9 × 10 values"),
        ([row[:9] for row in STEPS], None, "step 1 must hold 10 values; received is 9 values"),
        (with_value(2, "cpu_percent", "high"), None, 'step 2: cpu_percent must be .* is "high"'),
        (with_value(2, "cpu_percent", "1_0"), None, 'step 2: cpu_percent must be .* is "1_0"'),
        (with_value(2, "cpu_percent", "NaN"), None, "step 2: cpu_percent is nan"),
        (with_value(2, "cpu_percent", "1e999"), None, "step 2: cpu_percent is inf"),
        (STEPS, [*METRIC_NAMES[:9], "threads"], "unknown 'threads'; missing 'thread_count'"),
        (STEPS, [*METRIC_NAMES[:9], "cpu_percent"], "missing 'thread_count'; twice 'cpu_percent'"),
        ([*STEPS, STEPS[0]], None, "10 steps of 10 metrics; received is 11 × 10 values"),
        (with_value(1, "cpu_percent", None) + STEPS[:1], None, "received is 11 × 10 values"),
        ([*STEPS, STEPS[0]], list(METRIC_NAMES), "received is 11 × 10 values"),
        (STEPS, [f"m{n}" for n in range(10)], "unknown 'm0', 'm1', 'm2'; missing"),
    ],
)
def test_a_csv_that_cannot_be_is_refused(rows, header, complaint):
    with pytest.raises(SchemaError, match=complaint):
        parse_sequence(as_csv(rows, header), "up.csv")


@pytest.mark.parametrize(
    ("document", "complaint"),
    [
        ({"sequences": STEPS}, "no 'sequence'; found is 'sequences'"),
        ({}, "no 'sequence'; found is nothing"),
        ({"sequence": STEPS, "features": "cpu"}, "'features' must be a list of 10 metric names"),
        ({"sequence": STEPS, "features": METRIC_NAMES[:9]}, "missing 'thread_count'"),
        ({"sequence": STEPS, "features": [*METRIC_NAMES, "gpu"]}, "unknown 'gpu'"),
        ({"sequence": STEPS, "interval_s": 0}, "interval_s must be .* above 0, and is 0"),
        ({"sequence": STEPS, "interval_s": "5s"}, 'interval_s must be .* above 0, and is "5s"'),
        ({"sequence": STEPS, "interval_s": float("nan")}, "interval_s must be .* and is NaN"),
        ({"sequence": STEPS, "interval_s": True}, "interval_s must be .* and is true"),
    ],
)
def test_a_document_with_a_wrong_part_is_refused_by_that_part(document, complaint):
    with pytest.raises(SchemaError, match=complaint):
        parse_sequence(as_json(document), "up.json")


@pytest.mark.parametrize(
    ("data", "error", "complaint"),
    [
        (b"", MissingDataError, "is empty"),
        (b" \n ", MissingDataError, "is empty"),
        (b'{"sequence": [[1 2]]}', SchemaError, "not JSON: .* in line 1, column 18"),
        (b"[" * 200_000, SchemaError, "cannot be read as JSON"),
        (b"[" + b"9" * 5000 + b"]", SchemaError, "cannot be read as JSON"),
        (b"\x89PNG\r\n\x1a\n", SchemaError, "neither JSON nor CSV: byte 1 is not UTF-8"),
        (b" " * 1_000_001, SchemaError, "has 1,000,001 bytes"),
        (b"1;2;3", SchemaError, "by ';'; a comma is needed"),
        (b"hello", SchemaError, "received is 1 × 1 values"),
    ],
)
def test_what_is_no_sequence_at_all_is_one_sentence(data, error, complaint):
    with pytest.raises(error, match=complaint) as refused:
        parse_sequence(data, "up")
    assert len(str(refused.value)) < 200


def test_a_document_of_samples_reads_back_with_gaps_as_null():
    samples = [sample(n, cpu_percent=n, process_count=67) for n in range(12)]
    document = json.loads(json.dumps(sequence_document(samples, 60.0), allow_nan=False))
    assert document["features"] == list(METRIC_NAMES)
    assert document["timestamps"][0] == "2026-01-31T12:02:00Z"
    assert document["sequence"][0][:2] == [2.0, None]
    parsed = parse_sequence(as_json(document), "live")
    assert parsed.interval_s == 60.0
    assert parsed.values[:, 0].tolist() == list(range(2, 12))
    assert np.isnan(parsed.values[:, 1]).all()


def test_fewer_than_ten_samples_say_how_many_are_to_come():
    with pytest.raises(TooFewSamplesError, match="there are 7: wait for 3 more"):
        sequence_document([sample(n, cpu_percent=1) for n in range(7)], 5.0)
