import csv
import gzip
import re
from pathlib import Path

import pytest

from core.failure.hosts_csv import read_hosts, write_hosts
from core.metrics import METRIC_NAMES
from tests.core.commands.failure.hosts import HEADER, LINE
from tests.core.failure.fakes import (
    column,
    failing_record,
    leaking_hosts,
    record,
    sigmoid,
    steps,
)

CPU, MEMORY = column("cpu_percent"), column("memory_percent")


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
    assert data.name in sentence
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


def test_evaluate_when_no_host_has_ten_steps_then_it_says_so_and_judges_nothing(
    run, models, tmp_path
):
    path = tmp_path / "five.csv"
    down = failing_record(steps(45), onset=2, down=5, host="b")
    write_hosts([record(steps(5), host="a"), down], path)
    assert run("failure", "evaluate", "--data", path).refused() == (
        "Nothing in five.csv can be judged: no host has ten steps, close together, while it is "
        "up; bring a longer recording."
    )


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
