import io
import json
import sys

import numpy as np
import pytest

from core.metrics import METRIC_NAMES
from tests.core.commands.answer import in_a_process
from tests.core.commands.failure.hosts import rows, saved
from tests.core.failure.fakes import (
    column,
    sigmoid,
    write_memory_model,
)

# sample, live


def test_sample_when_asked_then_one_sample_of_this_host_is_printed(run):
    answer = run("failure", "sample")
    assert answer.code == 0
    document = answer.json
    assert set(document) == {"host", "at", "metrics", "gaps"}
    assert set(document["metrics"]) == set(METRIC_NAMES)
    assert document["at"].endswith("+00:00")
    for name, value in document["metrics"].items():
        assert (value is None) == (name in document["gaps"]), name
    assert 0 < document["metrics"]["memory_percent"] <= 100
    assert document["metrics"]["process_count"] >= 1


def test_live_when_asked_then_ten_steps_are_printed_that_predict_can_read(
    run, models, tmp_path, monkeypatch
):
    answer = run("failure", "live", "--interval", "0.1")
    assert answer.code == 0
    document = answer.json
    assert set(document) == {"features", "sequence", "interval_s", "timestamps"}
    assert document["features"] == list(METRIC_NAMES)
    assert document["interval_s"] == 0.1
    assert np.array(document["sequence"], dtype=float).shape == (10, 10)
    assert document["timestamps"] == sorted(document["timestamps"])
    assert len(set(document["timestamps"])) == 10
    assert all(stamp.endswith("Z") for stamp in document["timestamps"])
    # Progress is for people: it goes to the other stream.
    assert answer.err.splitlines()[-1] == "10 of 10 samples"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(answer.out.encode())))
    predicted = run("failure", "predict", "--sequence", "-")
    assert predicted.code == 0
    assert predicted.json["horizon_s"] == pytest.approx(1.0)


@pytest.mark.parametrize("interval", ["0", "-1", "nan", "inf", "7200", "soon"])
def test_live_when_the_interval_cannot_be_then_it_says_what_can(run, interval):
    answer = run("failure", "live", f"--interval={interval}")
    assert (answer.code, answer.out) == (2, "")
    assert "between 0.1 and 3600 seconds" in answer.err
    assert "Traceback" not in answer.err


# predict


def test_predict_when_a_file_is_given_then_the_answer_is_the_models(run, models, tmp_path):
    sequence = saved(
        tmp_path,
        {
            "features": list(METRIC_NAMES),
            "sequence": rows(memory_percent=np.linspace(82, 91, 10), temperature_c=None),
            "interval_s": 60,
        },
    )
    answer = run("failure", "predict", "--sequence", sequence)
    assert answer.code == 0
    assert answer.err == ""
    document = answer.json
    assert set(document) == {
        *("probability", "prediction", "threshold", "horizon_s", "reason", "causes"),
        "model_version",
    }
    assert document["probability"] == pytest.approx(float(sigmoid(np.array(11 / 4))), abs=1e-5)
    assert (document["prediction"], document["threshold"]) == (1, 0.6)
    assert document["horizon_s"] == 600
    assert document["model_version"] == "v0001"
    assert document["reason"].startswith("memory 91 %, up 1 points a minute")
    assert document["causes"][0]["metric"] == "memory_percent"
    for cause in document["causes"]:
        assert set(cause) == {"metric", "probability", "contribution"}
    assert "temperature_c" not in {cause["metric"] for cause in document["causes"]}


def test_predict_when_a_bare_array_comes_on_standard_input_then_it_is_read(
    run, models, monkeypatch
):
    text = json.dumps(rows(response_time_ms=None))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    answer = run("failure", "predict", "--sequence", "-")
    assert answer.code == 0
    assert answer.json["prediction"] == 0
    assert answer.json["reason"].startswith("Calm")


def test_predict_when_features_come_in_another_order_then_names_count_not_places(
    run, models, tmp_path
):
    names = list(reversed(METRIC_NAMES))
    document = {"features": names, "sequence": [step[::-1] for step in rows(memory_percent=91.0)]}
    answer = run("failure", "predict", "--sequence", saved(tmp_path, document))
    assert answer.json["prediction"] == 1


def test_predict_when_the_sequence_is_csv_then_it_is_read_too(run, models, tmp_path):
    path = tmp_path / "sequence.csv"
    lines = [",".join(METRIC_NAMES)]
    lines += [
        ",".join("" if value is None else str(value) for value in step)
        for step in rows(memory_percent=91.0, temperature_c=None)
    ]
    path.write_text("\n".join(lines))
    assert run("failure", "predict", "--sequence", path).json["prediction"] == 1


def changed(step: int, metric: str, value: object) -> list[list[object]]:
    sequence: list[list[object]] = [list(row) for row in rows()]
    sequence[step - 1][column(metric)] = value
    return sequence


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (json.dumps(rows()[:9]), "received is 9 × 10 values"),
        (json.dumps([row[:9] for row in rows()]), "step 1 must hold 10 values"),
        (json.dumps(rows()[0]), "must hold 10 steps"),
        (json.dumps({"values": rows()}), "has no 'sequence'"),
        ("hello", "is not JSON"),
        ("", "is empty"),
        ("[[1, 2", "is not JSON"),
        (json.dumps(changed(3, "cpu_percent", "high")), "step 3: cpu_percent must be a number"),
        (json.dumps(changed(4, "disk_percent", float("nan"))), "step 4: disk_percent is nan"),
        (json.dumps(changed(5, "errors_per_s", float("inf"))), "step 5: errors_per_s is inf"),
        (json.dumps(changed(6, "process_count", -1)), "process_count is -1, and cannot be below 0"),
        (json.dumps(changed(7, "cpu_percent", 101)), "cpu_percent is 101, and cannot be above 100"),
        (json.dumps([[None] * 10] * 10), "not one number"),
        ("\xff\xfe", "not UTF-8"),
    ],
)
def test_predict_when_the_sequence_is_bad_then_one_sentence_and_nothing_else(
    run, models, tmp_path, content, complaint
):
    path = tmp_path / "sequence.json"
    path.write_bytes(content.encode("latin-1"))
    sentence = run("failure", "predict", "--sequence", path).refused()
    assert complaint in sentence


def test_predict_when_the_file_is_not_there_then_it_is_named(run, models, tmp_path):
    sentence = run("failure", "predict", "--sequence", tmp_path / "gone.json").refused()
    assert "gone.json" in sentence
    sentence = run("failure", "predict", "--sequence", tmp_path).refused()
    assert "cannot be read" in sentence


def test_predict_when_there_is_no_model_then_the_command_that_makes_one_is_named(run, tmp_path):
    sentence = run("failure", "predict", "--sequence", saved(tmp_path, rows())).refused()
    assert "`python -m core failure train`" in sentence


def test_predict_when_a_models_folder_is_named_then_that_one_is_used(run, models, tmp_path):
    other = tmp_path / "other"
    write_memory_model(other, thresholds={"enter": 0.99, "exit": 0.9, "min_steps": 2})
    sequence = saved(tmp_path, rows(memory_percent=91.0))
    here = run("failure", "predict", "--sequence", sequence)
    there = run("failure", "predict", "--sequence", sequence, "--models", other)
    assert (here.json["threshold"], there.json["threshold"]) == (0.6, 0.99)
    assert (here.json["prediction"], there.json["prediction"]) == (1, 0)


def test_predict_when_run_as_people_run_it_then_streams_and_code_are_right(models):
    text = json.dumps({"sequence": rows(memory_percent=91.0), "interval_s": 5}).encode()
    arguments = ("failure", "predict", "--sequence", "-", "--models", models)
    answer = in_a_process(*arguments, given=text)
    assert (answer.code, answer.err) == (0, "")
    assert answer.json["prediction"] == 1
    refused = in_a_process(*arguments, given=b"[[1, 2], [3, 4]]")
    assert "received is 2 × 2 values" in refused.refused()
