import csv
import gzip
import io
import json
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import config
from core import artifacts
from core.failure.hosts_csv import read_hosts, write_hosts
from core.metrics import METRIC_NAMES
from core.tickets.train import train
from tests.core.commands.answer import in_a_process
from tests.core.failure.fakes import (
    column,
    leaking_hosts,
    record,
    sigmoid,
    steps,
    write_memory_model,
)
from tests.core.tickets.some_tickets import some_tickets

CPU, MEMORY = column("cpu_percent"), column("memory_percent")


@pytest.fixture
def models(own_folders: Path) -> Path:
    """The models folder of the settings, with a model of known answers in it."""
    write_memory_model(own_folders / "models")
    return own_folders / "models"


def rows(**metrics: Any) -> list[list[float | None]]:
    """Ten steps as JSON has them."""
    return [[None if np.isnan(v) else v for v in step] for step in steps(10, **metrics).tolist()]


def saved(folder: Path, document: object, name: str = "sequence.json") -> Path:
    path = folder / name
    path.write_text(json.dumps(document))
    return path


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


# score, evaluate


@pytest.fixture
def hosts_file(tmp_path: Path) -> Path:
    path = tmp_path / "hosts.csv.gz"
    write_hosts([*leaking_hosts(("r1",)), record(steps(4), host="new")], path)
    return path


def test_score_when_done_then_every_window_of_every_host_is_in_the_file(
    run, models, hosts_file, tmp_path
):
    out = tmp_path / "scores.csv"
    answer = run("failure", "score", "--data", hosts_file, "--out", out)
    assert (answer.code, answer.out) == (0, "")
    assert "v0001" in answer.err
    scores = list(csv.DictReader(out.read_text().splitlines()))
    assert list(scores[0]) == ["host", "timestamp", "probability", "alarm", "cause"]
    found = {host: sum(row["host"] == host for row in scores) for host in ("r1-web-1", "r1-web-2")}
    # The leaking host falls silent at step 135; its last window lasts until the gap is too long.
    assert found["r1-web-2"] == 150 - 9
    assert found["r1-web-1"] >= 135 - 9
    assert len(scores) == sum(found.values())
    assert {row["alarm"] for row in scores} == {"0", "1"}
    assert {row["cause"] for row in scores} <= set(METRIC_NAMES)
    assert all(0 <= float(row["probability"]) <= 1 for row in scores)
    first = read_hosts(hosts_file)[0]
    assert scores[0]["timestamp"] == "2026-01-31T12:09:00Z"
    said = float(scores[0]["probability"])
    assert said == pytest.approx(float(sigmoid((first.values[9, MEMORY] - 80) / 4)), abs=1e-5)
    # Nothing is left beside it.
    assert [path.name for path in tmp_path.glob(".*")] == []


def test_score_when_the_name_ends_in_gz_then_the_file_is_compressed(
    run, models, hosts_file, tmp_path
):
    for name in ("scores.csv", "scores.csv.gz"):
        assert run("failure", "score", "--data", hosts_file, "--out", tmp_path / name).code == 0
    packed = gzip.decompress((tmp_path / "scores.csv.gz").read_bytes())
    assert packed == (tmp_path / "scores.csv").read_bytes()


def test_score_when_it_fails_then_an_older_file_stays_and_nothing_lies_beside(
    run, models, hosts_file, tmp_path
):
    out = tmp_path / "scores" / "old.csv"
    out.parent.mkdir()
    out.write_text("precious")
    bad = tmp_path / "bad.csv"
    bad.write_text("host,timestamp\nweb-1,2026-01-31T12:00:00Z\n")
    run("failure", "score", "--data", bad, "--out", out).refused()
    artifacts_gone = tmp_path / "none"
    run(
        *("failure", "score", "--data", hosts_file, "--out", out, "--models", artifacts_gone)
    ).refused()
    assert [path.name for path in out.parent.iterdir()] == ["old.csv"]
    assert out.read_text() == "precious"


def test_score_when_the_folder_is_not_there_then_one_sentence_says_so(
    run, models, hosts_file, tmp_path
):
    out = tmp_path / "nowhere" / "scores.csv"
    assert "folder" in run("failure", "score", "--data", hosts_file, "--out", out).refused()
    assert not out.parent.exists()


HEADER = ",".join(["host", "timestamp", *METRIC_NAMES])
LINE = "web-1,2026-01-31T12:0{}:00Z,{},40,50,45,0,10,1000,3600,120,500"


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [
        ([HEADER, LINE.format(0, 10), LINE.format(0, 10)], "line 3: .*a second time"),
        ([HEADER, LINE.format(5, 10), LINE.format(1, 10)], "line 3: .*goes back in time"),
        ([HEADER, LINE.format(0, 10), LINE.format(1, 101)], "line 3: cpu_percent is 101"),
        ([HEADER, LINE.format(0, "high")], "line 2: cpu_percent holds 'high'"),
        ([HEADER, LINE.format(0, "inf")], "line 2: cpu_percent is infinite"),
        ([HEADER.replace("disk_percent", "disk")], "missing column disk_percent"),
        ([HEADER], "no row of data"),
        ([], "is empty"),
        ([HEADER, "caf\xe9" + LINE.format(0, 10)], "line 2: the byte 0xe9 is not UTF-8"),
    ],
)
@pytest.mark.parametrize("verb", ["score", "evaluate"])
def test_recorded_hosts_when_the_file_is_bad_then_one_sentence_names_the_place(
    run, models, tmp_path, verb, lines, complaint
):
    data = tmp_path / "hosts.csv"
    data.write_bytes("\n".join(lines).encode("latin-1"))
    out = ["--out", tmp_path / "scores.csv"] if verb == "score" else []
    sentence = run("failure", verb, "--data", data, *out).refused()
    assert str(data) in sentence
    assert re.search(complaint, sentence), sentence
    assert not (tmp_path / "scores.csv").exists()


def test_evaluate_when_hosts_fail_then_scores_stand_beside_a_baseline(run, models, hosts_file):
    answer = run("failure", "evaluate", "--data", hosts_file)
    assert answer.code == 0
    document = answer.json
    assert set(document) == {"model_version", "scores", "baseline_scores"}
    assert document["model_version"] == "v0001"
    # By test and by baseline, as in what a training prints.
    (test, scores), *others = document["scores"].items()
    assert (test, others) == (hosts_file.name, [])
    assert scores["n_hosts"] == 3
    assert scores["caught"] == scores["n_failing_hosts"] == 1
    assert scores["cause_right_last"] == 1.0
    rule = document["baseline_scores"][test]["threshold rule"]
    assert set(rule) == set(scores)


def test_evaluate_when_nothing_fails_or_a_host_is_alone_then_scores_that_cannot_be_are_null(
    run, models, tmp_path
):
    path = tmp_path / "hosts.csv"
    write_hosts([record(steps(40))], path)
    scores = run("failure", "evaluate", "--data", path).json["scores"]["hosts.csv"]
    assert scores["auc"] is None
    assert scores["cause_right_last"] is None
    assert (scores["n_hosts"], scores["n_failing_hosts"]) == (1, 0)


# simulate


def test_simulate_when_done_then_the_file_holds_the_hosts_of_that_seed(run, tmp_path):
    for name in ("a.csv", "b.csv"):
        out = tmp_path / name
        answer = run("failure", "simulate", "--hosts", 4, "--seed", 9, "--out", out)
        assert (answer.code, answer.out) == (0, "")
        assert "4 simulated hosts" in answer.err
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()
    assert len(read_hosts(tmp_path / "a.csv")) == 4
    run("failure", "simulate", "--hosts", 4, "--seed", 10, "--out", tmp_path / "b.csv")
    assert (tmp_path / "a.csv").read_bytes() != (tmp_path / "b.csv").read_bytes()


def test_simulate_when_no_file_is_named_then_it_goes_into_the_data_folder(run, own_folders):
    (own_folders / "data").mkdir()
    assert run("failure", "simulate", "--hosts", 2).code == 0
    assert len(read_hosts(own_folders / "data" / "synthetic_failure_data.csv")) == 2


def test_simulate_when_the_data_folder_is_not_there_yet_then_it_is_made(run, own_folders):
    assert run("failure", "simulate", "--hosts", 2).code == 0
    assert (own_folders / "data" / "synthetic_failure_data.csv").exists()


@pytest.mark.parametrize(
    ("option", "value", "complaint"),
    [
        ("--hosts", "0", "between 1 and 1,000,000"),
        ("--hosts", "many", "between 1 and 1,000,000"),
        ("--hosts", "1.5", "is not a whole number"),
        ("--seed", "-1", "between 0 and"),
        ("--seed", "4294967296", "between 0 and 4294967295"),
        ("--seed", "x", "'x' is not a whole number"),
    ],
)
def test_simulate_when_a_number_cannot_be_then_it_says_what_can(
    run, tmp_path, option, value, complaint
):
    out = tmp_path / "hosts.csv"
    answer = run("failure", "simulate", f"{option}={value}", "--out", out)
    assert (answer.code, answer.out) == (2, "")
    assert complaint in answer.err
    assert not out.exists()


# activate, health, import, train


def test_activate_when_an_older_version_is_named_then_it_is_served_again(run, models, tmp_path):
    write_memory_model(models)
    assert artifacts.current_version(models, "failure") == "v0002"
    answer = run("failure", "activate", "v0001")
    assert answer.code == 0
    assert answer.json["model_version"] == "v0001"
    sequence = saved(tmp_path, rows())
    predicted = run("failure", "predict", "--sequence", sequence)
    assert predicted.json["model_version"] == "v0001"
    assert "failure v0001" in run("admin", "audit").out


@pytest.mark.parametrize("version", ["v0009", "latest", "../v0001"])
def test_activate_when_there_is_no_such_version_then_the_present_one_stays(run, models, version):
    sentence = run("failure", "activate", version).refused()
    assert "v0001" in sentence
    assert artifacts.current_version(models, "failure") == "v0001"


def test_health_when_all_is_well_then_every_part_is_ready(run, models):
    report = train(some_tickets(60, telemetry=False), models, candidates=["linear_svm"])
    artifacts.activate(models, "tickets", report.version)
    answer = run("health")
    assert answer.code == 0
    assert answer.json["ready"] is True
    found = {check["name"]: check for check in answer.json["checks"]}
    assert set(found) == {"telemetry", "failure model", "ticket model", "store", "training"}
    assert found["failure model"]["found"] == "v0001 is active"
    assert found["ticket model"]["found"] == "v0001 is active"


def test_health_when_a_model_is_missing_then_it_says_how_to_mend_it_and_the_rest_goes_on(run):
    document = run("health").json
    assert document["ready"] is False
    found = {check["name"]: check for check in document["checks"]}
    assert found["failure model"]["ready"] is False
    assert "`python -m core failure train`" in found["failure model"]["found"]
    assert found["ticket model"]["ready"] is False
    assert "`python -m core tickets train`" in found["ticket model"]["found"]
    assert found["telemetry"]["ready"]
    assert found["store"]["ready"]


def test_health_when_a_models_folder_is_named_then_that_one_is_judged(run, models, tmp_path):
    document = run("health", "--models", tmp_path / "none").json
    assert document["ready"] is False


def test_health_when_the_database_cannot_be_used_then_it_says_so(run, models, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql+psycopg://me:secret@127.0.0.1:1/x")
    answer = run("health")
    found = {check["name"]: check for check in answer.json["checks"]}
    assert found["store"]["ready"] is False
    assert "secret" not in answer.out + answer.err


def test_import_when_files_are_not_there_then_they_are_named(run, tmp_path):
    model, scaler = tmp_path / "m.keras", tmp_path / "s.pkl"
    sentence = run("failure", "import", "--model", model, "--scaler", scaler).refused()
    assert "m.keras" in sentence


@pytest.mark.parametrize("option", ["--data", "--judge"])
def test_train_when_a_file_is_bad_then_it_is_refused_before_anything_is_loaded(models, option):
    path = models.parent / "hosts.csv"
    path.write_text(f"{HEADER}\n{LINE.format(0, 101)}\n")
    code = (
        "import sys; from core.__main__ import main; "
        f"code = main(['failure', 'train', {option!r}, {str(path)!r}]); "
        "print('tensorflow' in sys.modules); sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=config.ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout.strip()) == (2, "False")
    assert "line 2: cpu_percent is 101" in done.stderr


def test_train_when_files_to_learn_from_and_to_judge_are_both_named_then_it_is_refused(run):
    answer = run("failure", "train", "--data", "a.csv", "--judge", "b.csv")
    assert (answer.code, answer.out) == (2, "")
    assert "not allowed with" in answer.err


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows ends a process without asking it")
def test_train_when_it_is_stopped_then_nothing_is_left_behind(tmp_path):
    arguments = ["failure", "train", "--models", str(tmp_path)]
    with subprocess.Popen(
        [sys.executable, "-m", "core", *arguments],
        cwd=config.ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as training:
        for line in training.stderr:
            if "simulating" in line:
                break
        training.terminate()
        out, err = training.communicate(timeout=60)
    assert training.returncode == 128 + signal.SIGTERM
    assert out == ""
    assert "Traceback" not in err
    assert list(tmp_path.rglob("*")) == []


@pytest.mark.slow
def test_train_when_recorded_hosts_never_fail_then_one_sentence_and_no_new_version(
    models, tmp_path
):
    path = tmp_path / "hosts.csv"
    write_hosts([record(steps(40), host="a"), record(steps(40), host="b")], path)
    answer = in_a_process("failure", "train", "--data", path, "--models", models)
    assert "No host in this file fails" in answer.refused()
    assert sorted(path.name for path in (models / "failure").iterdir()) == ["CURRENT", "v0001"]


# The frame of all commands


def test_help_when_asked_then_every_verb_and_the_models_option_are_told(run):
    assert "health" in run("--help").out
    answer = run("failure", "--help")
    assert answer.code == 0
    verbs = (
        *("sample", "live", "predict", "score", "evaluate", "train", "simulate", "import"),
        "activate",
    )
    for verb in verbs:
        assert verb in answer.out
        told = run("failure", verb, "--help")
        assert told.code == 0
        uses_a_model = verb not in ("sample", "live", "simulate")
        assert ("--models" in told.out) == uses_a_model


@pytest.mark.parametrize("arguments", [[], ["failure"], ["failure", "guess"], ["failure", "score"]])
def test_arguments_when_they_are_no_command_then_it_says_what_is(run, arguments):
    answer = run(*arguments)
    assert (answer.code, answer.out) == (2, "")
    assert "usage: python -m core" in answer.err


def test_settings_when_one_cannot_be_used_then_its_name_is_told(run, monkeypatch):
    monkeypatch.setenv("SAMPLE_INTERVAL_S", "soon")
    assert "SAMPLE_INTERVAL_S" in run("failure", "sample").refused()
