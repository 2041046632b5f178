import json
import shutil

import pytest

from core import artifacts
from tests.core.commands.tickets.ticket_files import CPU_TICKET, FRAME, last_line, saved
from tests.core.tickets.some_tickets import some_tickets

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


@pytest.mark.parametrize("holds", [None, "newest\n"])
def test_list_when_no_version_is_active_then_they_are_listed_all_the_same(
    run, trained, tmp_path, holds
):
    models = tmp_path / "models"
    shutil.copytree(trained, models)
    (models / "tickets" / "CURRENT").unlink()
    if holds:
        (models / "tickets" / "CURRENT").write_text(holds)
    answer = run("tickets", "list")
    assert answer.code == 0
    assert [line[:7] for line in answer.out.splitlines()] == ["  v0001", "  v0002"]
    assert "activate another version with `python -m core tickets activate v0002`" in answer.err
    document = run("tickets", "list", "--json").json
    assert document["active"] is None
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
