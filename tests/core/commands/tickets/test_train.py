import json
import signal
import subprocess
import sys
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

import config
from core import artifacts
from core.dataset import demo, import_file
from core.store import Correction, Store
from tests.core.commands.tickets.ticket_files import FRAME, fleet, last_line, saved

QUICK = ("--candidates", "linear_svm")


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


def test_train_when_the_file_is_a_stored_dataset_then_its_source_is_what_people_brought(
    run, tmp_path
):
    stored = import_file(saved(tmp_path), tmp_path / "data", name="march.csv")
    assert run("tickets", "train", "--data", stored.csv, *QUICK).code == 0
    manifest, _ = artifacts.load_version(tmp_path / "models", "tickets")
    assert manifest.source == "240 tickets of march.csv (dataset v0001)"
    (stored.folder / "manifest.json").write_text("{")  # then nothing is known but the file
    assert run("tickets", "train", "--data", stored.csv, *QUICK).code == 0
    manifest, _ = artifacts.load_version(tmp_path / "models", "tickets")
    assert manifest.source == "240 tickets of dataset.csv"


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
        (FRAME.head(30).assign(ticket_text=""), "None of the 30 rows has both"),
        (
            FRAME.head(30).assign(ticket_text=["x"] + [""] * 29, ticket_category=[""] + ["A"] * 29),
            "None of the 30 rows has both",
        ),
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
