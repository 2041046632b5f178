import numpy as np
import pandas as pd
import pytest

from core.errors import SchemaError
from core.tickets.features import Columns, columns_of, inputs_of, inputs_of_one

COLUMNS = Columns(
    numeric=("cpu_usage", "memory_usage", "cpu_mem_ratio"), categorical=("task_type",)
)


def test_a_model_learns_from_the_columns_that_hold_a_value():
    frame = pd.DataFrame(
        {
            "vm_id": ["a"],
            "ticket_text": ["x"],
            "cpu_usage": [1.0],
            "memory_usage": [2.0],
            "network_traffic": [None],
            "task_status": ["done"],
            "task_type": [None],
        }
    )
    found = columns_of(frame)
    assert found.numeric == ("cpu_usage", "memory_usage", "cpu_mem_ratio")
    assert found.categorical == ("task_status",)
    assert found.names[-1] == "ticket_text"


def test_a_frame_and_a_single_ticket_are_read_alike():
    given = {"cpu_usage": 80, "memory_usage": "40", "task_type": "io"}
    rows = inputs_of(pd.DataFrame([{"ticket_text": "disk full", **given}]), COLUMNS)
    one = inputs_of_one("disk full", given, COLUMNS)
    for read in (rows, one):
        assert read.texts.tolist() == ["disk full"]
        assert read.numbers.tolist() == [[80.0, 40.0, 2.0]]
        assert read.words.tolist() == [["io"]]


def test_what_is_not_there_is_missing_and_not_zero():
    frame = pd.DataFrame({"ticket_text": ["a", None], "cpu_usage": ["n/a", np.inf]})
    rows = inputs_of(frame, COLUMNS)
    assert np.isnan(rows.numbers).all()
    assert rows.words.tolist() == [[None], [None]]
    assert rows.texts.tolist() == ["a", ""]
    one = inputs_of_one("a", {"cpu_usage": None, "task_type": " "}, COLUMNS)
    assert np.isnan(one.numbers).all()
    assert one.words.tolist() == [[None]]


def test_a_ratio_by_zero_is_missing():
    one = inputs_of_one("a", {"cpu_usage": 3.0, "memory_usage": 0.0}, COLUMNS)
    assert np.isnan(one.numbers[0, 2])


def test_a_ratio_that_is_given_stays():
    one = inputs_of_one("a", {"cpu_usage": 3.0, "memory_usage": 1.0, "cpu_mem_ratio": 9.0}, COLUMNS)
    assert one.numbers[0, 2] == 9.0


@pytest.mark.parametrize(
    ("telemetry", "says"),
    [({"cpu_usage": "high"}, "cpu_usage needs a number"), ({"cpu": 3.0}, "'cpu' is not known")],
)
def test_telemetry_that_cannot_be_read_is_refused(telemetry, says):
    with pytest.raises(SchemaError, match=says):
        inputs_of_one("a", telemetry, COLUMNS)


def test_a_frame_without_text_is_refused():
    with pytest.raises(SchemaError, match="need a column ticket_text; found are message"):
        inputs_of(pd.DataFrame({"message": ["x"]}), COLUMNS)
