"""`models` and `jobs` on the command line, and a training that is compared or has to wait."""

import json
import os

import pytest

from core import artifacts
from core.jobs import held
from tests.core.commands.answer import in_a_process
from tests.core.jobs.some_models import write
from tests.core.tickets.test_challenge import NEW, OLD


@pytest.fixture
def models_dir(own_folders):
    folder = own_folders / "models"
    write(folder, "tickets", n_rows=450)
    write(folder, "tickets")
    artifacts.activate(folder, "tickets", "v0001")
    return folder


def test_models_when_activated_and_rolled_back_then_it_is_so_and_on_record(models_dir):
    done = in_a_process("models", "activate", "tickets", "v0002", "--reason", "new labels")
    assert (done.code, artifacts.current_version(models_dir, "tickets")) == (0, "v0002")
    back = in_a_process("models", "rollback", "tickets")
    assert "v0001 is active again" in back.out
    assert artifacts.current_version(models_dir, "tickets") == "v0001"
    none = in_a_process("models", "rollback", "failure")
    assert none.code == 2
    assert "No earlier version of the failure model was active" in none.err
    listed = json.loads(in_a_process("models", "list", "--json").out)
    assert [one["version"] for one in listed["tickets"]] == ["v0002", "v0001"]
    assert [one["is_active"] for one in listed["tickets"]] == [False, True]
    assert "new labels" in in_a_process("admin", "audit").out


def test_jobs_when_another_process_trains_then_it_is_named_and_no_second_one_begins(
    models_dir, tmp_path
):
    file = tmp_path / "tickets.csv"
    OLD.to_csv(file, index=False)
    with held(models_dir, "Training the failure model", "ada"):
        listed = in_a_process("jobs", "list")
        assert "Now: Training the failure model, started just now by ada" in listed.err
        refused = in_a_process("tickets", "train", "--data", str(file), "--candidates", "logistic")
    assert refused.code == 2
    assert f"started just now by ada (process {os.getpid()}" in refused.err
    assert len(artifacts.versions(models_dir, "tickets")) == 2


def test_train_when_compared_then_the_active_version_stays_and_the_difference_is_told(
    own_folders, tmp_path
):
    for number, frame in enumerate((OLD, NEW)):
        frame.to_csv(tmp_path / f"{number}.csv", index=False)
    train = ("tickets", "train", "--candidates", "logistic", "--compare", "--json", "--data")
    first = json.loads(in_a_process(*train, str(tmp_path / "0.csv")).out)
    assert (first["is_active"], first["comparison"]) == (True, None)
    second = json.loads(in_a_process(*train, str(tmp_path / "1.csv")).out)
    assert not second["is_active"]
    assert second["comparison"]["champion"] == "v0001"
    assert second["comparison"]["n_rows"] >= 30
    listed = json.loads(in_a_process("models", "list", "--json").out)["tickets"]
    assert [one["comparison"] for one in listed] == [second["comparison"], None]
    assert artifacts.current_version(own_folders / "models", "tickets") == "v0001"
    known = json.loads(in_a_process("jobs", "list", "--json").out)["jobs"]
    assert [(one["kind"], one["state"], one["message"]) for one in known] == [
        ("tickets", "done", "v0002 is written"),
        ("tickets", "done", "v0001 is written and active"),
    ]
    assert known[0]["who"].endswith(" on the command line")


def test_train_when_it_cannot_then_that_is_listed_unless_the_models_are_not_the_apps(
    models_dir, tmp_path, run
):
    file = tmp_path / "tickets.csv"
    file.write_text("pasta,minutes\npenne,11\n")
    run("tickets", "train", "--data", file, "--models", tmp_path / "elsewhere")
    assert run("jobs", "list").err == "Nothing was trained yet.\n"
    refused = run("tickets", "train", "--data", file).refused()
    assert refused in run("jobs", "list").out
