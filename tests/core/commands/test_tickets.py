import csv
import gzip
import io
import json
import shutil
import signal
import subprocess
import sys
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

import config
from core import artifacts
from core.dataset import demo
from core.store import Correction, Store
from core.tickets.features import CATEGORICAL, NUMERIC
from core.tickets.train import train
from tests.core.dataset.csv_files import fleet_csv
from tests.core.tickets.some_tickets import some_tickets

FRAME = some_tickets(240, telemetry=False)
QUICK = ("--candidates", "linear_svm")
CPU_TICKET = "the scheduler is slow and every process stuck"


def saved(folder, frame=FRAME, name="tickets.csv"):
    path = folder / name
    frame.to_csv(path, index=False)
    return path


def fleet(n_rows, **columns):
    """Return telemetry without tickets, whose CPU load goes from 0 to 100 percent."""
    rng = np.random.default_rng(3)
    cells = {
        "cpu_usage": np.linspace(0, 100, n_rows),
        "memory_usage": rng.uniform(0, 80, n_rows),
        **columns,
    }
    return fleet_csv(*({name: f"{v[i]:.2f}" for name, v in cells.items()} for i in range(n_rows)))


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A models folder with two versions, the first of them active."""
    folder = tmp_path_factory.mktemp("models")
    train(some_tickets(400), folder, candidates=["linear_svm"], source="400 tickets")
    train(FRAME, folder, candidates=["logistic"], source="240 tickets")
    artifacts.activate(folder, "tickets", "v0001")
    return folder


def last_line(answer):
    """Return the sentence with which input was refused, after what was told on the way."""
    assert answer.code == 2
    assert answer.out == ""
    assert "Traceback" not in answer.err
    sentence = answer.err.splitlines()[-1]
    assert sentence.endswith(".")
    return sentence


# train


def test_train_when_done_then_the_version_is_active_and_the_report_is_in_words(run, tmp_path):
    candidates = ("--candidates", "linear_svm,logistic", "--candidates", "random_forest")
    data = saved(tmp_path)
    answer = run("tickets", "train", "--data", data, *candidates)
    assert answer.code == 0
    manifest, _ = artifacts.load_version(tmp_path / "models", "tickets")
    assert manifest.version == "v0001"
    assert manifest.source == "240 tickets of tickets.csv"
    for name in ("Linear SVM", "Logistic regression", "Random forest", "Always the most frequent"):
        assert name in answer.out
    assert f"{manifest.scores['weighted_f1']['value']:.3f}" in answer.out.splitlines()[1]
    assert "240 tickets in 4 categories: 193 to learn from, 47 held out" in answer.out
    assert "MB." in answer.out
    lines = answer.err.splitlines()
    percent = [int(line.partition("%")[0]) for line in lines]
    assert percent == sorted(percent)
    assert lines[-1] == "100 %  v0001 is written and active"


def test_train_when_json_is_asked_then_standard_output_is_the_report(run, tmp_path):
    arguments = ("tickets", "train", "--data", saved(tmp_path), *QUICK, "--json")
    document = run(*arguments, "--seed", 5).json
    assert (document["version"], document["best"], document["seed"]) == ("v0001", "linear_svm", 5)
    assert document["n_tickets"] == 240
    assert document["is_active"]
    assert {baseline["name"] for baseline in document["baselines"]} == {"majority", "naive_bayes"}
    assert not document["is_literal"]
    assert run(*arguments, "--literal").json["is_literal"]


def test_train_when_the_old_one_is_kept_then_only_the_first_version_becomes_active(run, tmp_path):
    arguments = ("tickets", "train", "--data", saved(tmp_path), *QUICK, "--json", "--keep-active")
    assert [run(*arguments).json["is_active"] for _ in range(2)] == [True, False]
    models = tmp_path / "models"
    assert artifacts.current_version(models, "tickets") == "v0001"
    assert run(*arguments[:-1]).json["version"] == "v0003"
    assert artifacts.current_version(models, "tickets") == "v0003"
    trail = [json.loads(line) for line in run("admin", "audit", "--json").out.splitlines()]
    versions = [f"tickets v000{n}" for n in (3, 2, 1)]
    assert [one["subject"] for one in trail if one["action"] == "trained"] == versions


def test_train_when_people_have_corrected_tickets_then_they_join(run, tmp_path):
    (tmp_path / "data").mkdir()
    store = Store(f"sqlite:///{tmp_path / 'data' / 'app.db'}")
    for i, text in enumerate(FRAME.ticket_text[FRAME.ticket_category == "Power"]):
        at = datetime(2025, 1, 1, 0, i, tzinfo=UTC)
        store.add_correction(
            Correction(text=text, old="Power", new="Electricity", who="ada", at=at)
        )
    store.close()
    answer = run("tickets", "train", "--data", saved(tmp_path), *QUICK)
    manifest, _ = artifacts.load_version(tmp_path / "models", "tickets")
    assert "Electricity" in manifest.classes
    assert "Power" not in manifest.classes
    assert f"{i + 1} corrections" in manifest.source
    assert f"{i + 1} corrections by people joined the training" in answer.out


def test_train_when_the_file_has_no_tickets_then_it_says_that_they_are_derived(run, tmp_path):
    data = tmp_path / "fleet.csv"
    data.write_text(fleet(120))
    answer = run("tickets", "train", "--data", data, *QUICK)
    assert answer.code == 0
    assert "no ticket_category: it is derived by rule. Anomaly where" in answer.err
    assert "how well the rule was relearnt" in answer.out
    assert "Without cpu_usage" in " ".join(answer.out.replace("anomaly_status, ", "").split())
    manifest, folder = artifacts.load_version(tmp_path / "models", "tickets")
    report = json.loads((folder / "metrics.json").read_text())
    assert report["is_derived_by_rule"]
    assert {"cpu_usage", "ticket_text"} <= set(report["hidden"]["columns"])
    assert manifest.source.endswith("ticket_text and ticket_category derived by rule")


def test_train_when_the_tickets_are_made_up_then_they_are_marked(run, tmp_path):
    data = tmp_path / "demo.csv.gz"
    demo.write(data, 2_000, 3)
    answer = run("tickets", "train", "--data", data, *QUICK)
    assert answer.err.startswith("These are demo data")
    assert "demo data: the scores say nothing about yours" in answer.out
    _, folder = artifacts.load_version(tmp_path / "models", "tickets")
    assert json.loads((folder / "metrics.json").read_text())["is_demo"]


def with_categories(names):
    return FRAME.head(len(names)).assign(ticket_category=names)


@pytest.mark.parametrize(
    ("frame", "says"),
    [
        (FRAME.drop(columns="ticket_category"), "None of the 240 rows has both"),
        (FRAME.rename(columns={"ticket_text": "message"}), "is no fleet dataset"),
        (FRAME.assign(ticket_category="General"), "at least two categories"),
        (FRAME.head(9), "at least 20 labelled tickets; there are 9"),
        (FRAME.assign(ticket_text="help"), "the same text"),
        (with_categories([f"c{i}" for i in range(240)]), "two categories with at least three"),
        (FRAME.head(0), "no rows"),
    ],
)
def test_train_when_nothing_can_be_learnt_then_one_sentence_says_why(run, tmp_path, frame, says):
    answer = run("tickets", "train", "--data", saved(tmp_path, frame), *QUICK)
    assert says in last_line(answer)
    assert not (tmp_path / "models").exists()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 9, "is a picture"),
        (b"\x1f\x8b\x08\x00broken", "cannot be read"),
        (bytes(range(256)) * 9, "is not a text file"),
    ],
)
def test_train_when_the_file_is_no_table_then_one_sentence_says_so(run, tmp_path, content, says):
    data = tmp_path / "tickets.csv"
    data.write_bytes(content)
    for verb in ("train", "evaluate"):
        answer = run("tickets", verb, "--data", data)
        assert (answer.code, answer.out) == (2, "")
        (sentence,) = answer.err.splitlines()
        assert says in sentence


def test_train_when_the_file_is_not_there_then_it_is_named(run, tmp_path):
    assert "gone.csv" in run("tickets", "train", "--data", tmp_path / "gone.csv").refused()


def test_train_when_a_candidate_is_unknown_then_it_is_refused_before_the_file_is_read(run):
    answer = run("tickets", "train", "--data", "gone.csv", "--candidates", "logistic,bert")
    assert "'bert'; there are linear_svm" in answer.refused()


def test_train_when_there_are_three_hundred_categories_then_they_are_learnt(run, tmp_path):
    names = np.repeat([f"team{i:03d}" for i in range(300)], 4)
    texts = [f"please ask {name} about {i} {i * 7919 % 1000}" for i, name in enumerate(names)]
    data = saved(tmp_path, pd.DataFrame({"ticket_text": texts, "ticket_category": names}))
    answer = run("tickets", "train", "--data", data, *QUICK)
    assert answer.code == 0
    assert "in 300 categories" in answer.out


def test_train_when_some_categories_have_one_row_then_it_says_that_they_are_untested(run, tmp_path):
    names = FRAME.ticket_category.tolist()
    names[:2] = ["Water", "Fire"]
    answer = run("tickets", "train", "--data", saved(tmp_path, with_categories(names)), *QUICK)
    assert answer.code == 0
    assert "2 of 6 categories have too few different tickets to be tested" in answer.out


@pytest.mark.skipif(sys.platform == "win32", reason="Windows ends a process without asking it")
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_train_when_it_is_stopped_then_nothing_is_left_behind(tmp_path, how):
    data, models = saved(tmp_path), tmp_path / "new"
    models.mkdir()
    arguments = ["--data", str(data), "--models", str(models), "--candidates", "random_forest"]
    with subprocess.Popen(
        [sys.executable, "-m", "core", "tickets", "train", *arguments],
        cwd=config.ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as training:
        for line in training.stderr:
            if "Training: Random forest" in line:
                break
        training.send_signal(how)
        out, err = training.communicate(timeout=60)
    assert training.returncode == (130 if how == signal.SIGINT else 128 + signal.SIGTERM)
    assert out == ""
    assert "Traceback" not in err
    assert list(models.rglob("*")) == []


# predict


def test_predict_when_a_text_is_given_then_the_answer_and_its_reasons_are_in_words(run, trained):
    arguments = ("tickets", "predict", "--models", trained, "--text", CPU_TICKET)
    answer = run(*arguments, "--cpu-usage", 97)
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.startswith("Performance-CPU, confidence ")
    assert "Route: automatic." in answer.out
    assert "slow +" in answer.out
    assert "cpu_usage 97 (+" in answer.out
    assert "typical values stand for them: memory_usage, cpu_mem_ratio, task_type" in answer.out
    assert answer.out.count("similar (") == 3
    assert "v0001" in answer.out


def test_predict_when_json_is_asked_then_it_is_the_whole_prediction(run, trained):
    document = run("tickets", "predict", "--models", trained, "--text", CPU_TICKET, "--json").json
    assert document["category"] == "Performance-CPU"
    assert document["top"][0]["probability"] == document["confidence"]
    assert document["model_version"] == "v0001"
    assert document["routing"]["demanded"] == 0.9
    assert not document["is_unsure"]
    assert {"slow", "stuck"} <= {word["term"] for word in document["words"]}
    assert all(CPU_TICKET[a:b] for word in document["words"] for a, b in word["spans"])
    assert len(document["similar"]) == 3


def test_predict_when_more_precision_is_demanded_then_a_person_is_asked(run, trained):
    arguments = ("tickets", "predict", "--models", trained, "--text", "please ping the psu")
    assert "Route: automatic." in run(*arguments, "--precision", 0).out
    unsure = run(*arguments, "--precision", 1).out
    assert "Unsure: hand to a person. " in unsure


def test_predict_when_the_text_comes_on_standard_input_then_it_is_read_whole(
    run, trained, monkeypatch
):
    def given(data):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
        return run("tickets", "predict", "--models", trained, "--text", "-", "--json")

    alone = run("tickets", "predict", "--models", trained, "--text", CPU_TICKET, "--json").json
    assert given(CPU_TICKET.encode("utf-8-sig")).json == alone
    long = given(b"psu breaker outage\n" * 55_000)
    assert (long.code, long.json["category"]) == (0, "Power")
    assert "is not UTF-8 text (byte 3 is 0xff)" in given(b"psu\xff\x00").refused()


@pytest.mark.parametrize(
    "text",
    ["", "   ", "日本語 🙂", "<script>alert(1)</script>", "# **x**", "\x1b[31m\x07", "\udcff"],
)
@pytest.mark.parametrize("form", [(), ("--json",)])
def test_predict_when_the_text_says_nothing_then_it_is_unsure_and_says_why(
    run, trained, text, form
):
    answer = run("tickets", "predict", "--models", trained, f"--text={text}", *form)
    assert answer.code == 0
    assert "The model knows no word of this text" in answer.out
    assert "\x1b" not in answer.out


def test_predict_when_asked_for_help_then_there_is_an_option_for_every_column(run):
    told = run("tickets", "predict", "--help").out
    for name in (*NUMERIC, *CATEGORICAL):
        assert f"--{name.replace('_', '-')} " in told
    assert "percent: busy share of its cores, 0-100" in " ".join(told.split())


@pytest.mark.parametrize(
    ("option", "value", "says"),
    [
        ("--cpu-usage", "101", "between 0 and 100"),
        ("--memory-usage", "-1", "between 0 and 100"),
        ("--cpu-usage", "nan", "between 0 and 100"),
        ("--network-traffic", "-5", "of at least 0"),
        ("--ts-hour", "inf", "'inf' is not a number"),
        ("--execution-time", "long", "'long' is not a number"),
        ("--precision", "90", "between 0 and 1"),
    ],
)
def test_predict_when_a_number_cannot_be_then_it_says_what_can(run, trained, option, value, says):
    answer = run("tickets", "predict", "--models", trained, "--text", "x", f"{option}={value}")
    assert (answer.code, answer.out) == (2, "")
    assert says in answer.err
    assert "Traceback" not in answer.err


def test_predict_when_the_model_does_not_read_a_column_then_it_says_so(run, trained):
    answer = run(
        *("tickets", "predict", "--models", trained, "--text", CPU_TICKET),
        *("--execution-time", 3, "--task-type", "io"),
    )
    assert answer.err == "v0001 was trained without execution_time: not used.\n"


def test_verbs_when_there_is_no_model_then_the_command_that_makes_one_is_named(run, tmp_path):
    data = saved(tmp_path)
    for arguments in (
        ("predict", "--text", "x"),
        ("classify", "--data", data, "--out", tmp_path / "out.csv"),
        ("evaluate", "--data", data),
        ("activate", "v0001"),
    ):
        assert "`python -m core tickets train`" in run("tickets", *arguments).refused()
    listed = run("tickets", "list")
    assert (listed.code, listed.out) == (0, "")
    assert "`python -m core tickets train`" in listed.err


# classify


def table(path):
    data = path.read_bytes()
    text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode()
    return list(csv.reader(io.StringIO(text, newline="")))


@pytest.mark.parametrize("name", ["out.csv", "out.csv.gz"])
def test_classify_when_done_then_answers_stand_beside_every_row_as_it_was(
    run, trained, tmp_path, name
):
    data = tmp_path / "inbox.csv"
    rows = [
        ["7", CPU_TICKET, "-3.5", "=HYPERLINK(1)"],
        ["8", "", "-1e9", "\rhidden"],
        ["7", CPU_TICKET, "+7", "@sum"],
        ["9", "=psu breaker outage ups", "x", "line\rbreak"],
    ]
    with data.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerows([["Id", "Ticket Text", "amount", "+note"], *rows])
    out = tmp_path / name
    answer = run("tickets", "classify", "--data", data, "--out", out, "--models", trained)
    assert (answer.code, answer.out) == (0, "")
    header, *found = table(out)
    assert header == [
        *("Id", "Ticket Text", "amount", "'+note"),
        *("predicted_category", "confidence", "route"),
    ]
    assert [row[:4] for row in found] == [
        ["7", CPU_TICKET, "-3.5", "'=HYPERLINK(1)"],
        ["8", "", "-1e9", "'\rhidden"],
        ["7", CPU_TICKET, "+7", "'@sum"],
        ["9", "'=psu breaker outage ups", "x", "line\rbreak"],
    ]
    assert [row[4] for row in found if row[1]] == ["Performance-CPU", "Performance-CPU", "Power"]
    assert [row[6] for row in found] == ["automatic", "person", "automatic", "automatic"]
    assert all(0 < float(row[5]) <= 1 for row in found)
    assert "100 %  4 of 4 tickets" in answer.err
    assert "3 automatic, 1 for a person" in answer.err


def test_classify_when_the_file_is_labelled_and_long_then_order_and_count_are_kept(
    run, trained, tmp_path
):
    frame = pd.concat([FRAME] * 10, ignore_index=True)
    data, out = saved(tmp_path, frame), tmp_path / "out.csv"
    answer = run("tickets", "classify", "--data", data, "--out", out, "--models", trained)
    assert "83 %  2,000 of 2,400 tickets" in answer.err
    found = pd.read_csv(out)
    assert found[["ticket_text", "ticket_category"]].equals(frame)
    assert (found.predicted_category == found.ticket_category).mean() > 0.7
    strict = run(
        *("tickets", "classify", "--data", data, "--out", out),
        *("--models", trained, "--precision", 1),
    )
    assert strict.code == 0
    assert (pd.read_csv(out).route == "person").sum() > (found.route == "person").sum()


def test_classify_when_telemetry_has_no_texts_then_they_are_derived_and_it_says_so(
    run, trained, tmp_path
):
    data, out = tmp_path / "fleet.csv", tmp_path / "out.csv"
    data.write_text(fleet(30))
    answer = run("tickets", "classify", "--data", data, "--out", out, "--models", trained)
    assert answer.err.startswith("The file has no ticket_text: a text is derived by rule")
    header, *found = table(out)
    assert "ticket_text" not in header
    assert len(found) == 30


def test_classify_when_rows_are_broken_then_it_says_which_are_left_out(run, trained, tmp_path):
    data, out = tmp_path / "inbox.csv", tmp_path / "out.csv"
    data.write_text("id,ticket_text\n1,slow\n2,slow, very\n3,psu\n")
    answer = run("tickets", "classify", "--data", data, "--out", out, "--models", trained)
    assert "Left out: 1 rows" in answer.err
    assert "the first on line 3" in answer.err
    assert [row[0] for row in table(out)] == ["id", "1", "3"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("id,message\n1,slow\n", "is no fleet dataset and no ticket file"),
        ("ticket_text,route\nslow,a\n", "a column 'route' already"),
        ("ticket_text\n", "no rows"),
    ],
)
def test_classify_when_it_is_refused_then_the_old_file_stays(run, trained, tmp_path, text, says):
    data, out = tmp_path / "inbox.csv", tmp_path / "results" / "out.csv"
    data.write_text(text)
    out.parent.mkdir()
    out.write_text("precious")
    answer = run("tickets", "classify", "--data", data, "--out", out, "--models", trained)
    assert says in last_line(answer)
    assert [path.name for path in out.parent.iterdir()] == ["out.csv"]
    assert out.read_text() == "precious"


def test_classify_when_the_folder_is_not_there_then_one_sentence_says_so(run, trained, tmp_path):
    out = tmp_path / "nowhere" / "out.csv"
    arguments = ("tickets", "classify", "--data", saved(tmp_path), "--models", trained)
    assert "folder that exists" in last_line(run(*arguments, "--out", out))


# evaluate, list, activate


def test_evaluate_when_the_tickets_are_new_then_scores_stand_beside_the_majority(
    run, trained, tmp_path
):
    frame = some_tickets(200, seed=8)
    arguments = ("tickets", "evaluate", "--data", saved(tmp_path, frame), "--models", trained)
    answer = run(*arguments)
    assert "Linear SVM v0001 on 200 tickets" in answer.out
    assert f"Always {frame.ticket_category.mode()[0]}" in answer.out
    assert "training" not in answer.out
    for category in frame.ticket_category.unique():
        assert category in answer.out
    document = run(*arguments, "--json").json
    assert document["model_version"] == "v0001"
    assert not document["is_seen"]
    scores, majority = document["evaluation"], document["majority"]
    for name in ("accuracy", "weighted_f1", "macro_f1"):
        assert scores[name]["low"] < scores[name]["value"] < scores[name]["high"]
        assert majority[name]["value"] < scores[name]["value"]
    assert len(scores["per_class"]) == 4


def test_evaluate_when_the_model_has_seen_the_tickets_then_it_says_so(run, trained, tmp_path):
    arguments = ("tickets", "evaluate", "--models", trained, "--data")
    same = run(*arguments, saved(tmp_path, some_tickets(400)))
    assert "was trained on just these tickets" in same.out
    some = run(*arguments, saved(tmp_path, some_tickets(400).head(90)))
    assert "At least 80 of these tickets were in the training" in some.out
    assert run(*arguments, tmp_path / "tickets.csv", "--json").json["is_seen"]


def test_evaluate_when_no_ticket_has_a_category_then_one_sentence_says_so(run, trained, tmp_path):
    data = saved(tmp_path, FRAME.drop(columns="ticket_category"))
    answer = run("tickets", "evaluate", "--data", data, "--models", trained)
    assert "None of the 240 rows has both" in last_line(answer)


def test_list_when_there_are_versions_then_the_active_one_is_marked(run, trained):
    lines = run("tickets", "list", "--models", trained).out.splitlines()
    assert [line.startswith("* ") for line in lines] == [True, False]
    assert "v0001" in lines[0]
    assert "weighted F1 0." in lines[0]
    assert lines[1].endswith("logistic, 240 tickets")
    document = run("tickets", "list", "--models", trained, "--json").json
    assert document["active"] == "v0001"
    assert [one["model_version"] for one in document["versions"]] == ["v0001", "v0002"]


def test_activate_when_another_version_is_named_then_it_is_served(run, trained, tmp_path):
    models = tmp_path / "models"
    shutil.copytree(trained, models)
    assert run("tickets", "activate", "v0002").out.startswith("v0002 is active: logistic")
    predicted = run("tickets", "predict", "--text", CPU_TICKET, "--json").json
    assert predicted["model_version"] == "v0002"
    assert run("tickets", "activate", "v0001", "--json").json["model_version"] == "v0001"
    for version in ("v0009", "latest", "../v0001"):
        assert "python -m core tickets" in run("tickets", "activate", version).refused()
    assert artifacts.current_version(models, "tickets") == "v0001"
    trail = [json.loads(line) for line in run("admin", "audit", "--json").out.splitlines()]
    assert [(one["action"], one["subject"], one["origin"]) for one in trail] == [
        ("activated", "tickets v0001", "command line"),
        ("activated", "tickets v0002", "command line"),
    ]


def test_help_when_asked_then_every_verb_is_told(run):
    told = run("tickets", "--help").out
    for verb in ("train", "predict", "classify", "evaluate", "list", "activate"):
        assert verb in told
        assert "--models" in run("tickets", verb, "--help").out
