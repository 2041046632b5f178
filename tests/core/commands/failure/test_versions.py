import signal
import subprocess
import sys

import pytest

import config
from core import artifacts
from core.failure import bring_own, rejudge
from core.failure.hosts_csv import write_hosts
from core.jobs import held
from core.tickets.train import train
from tests.core.commands.answer import in_a_process
from tests.core.commands.failure.hosts import HEADER, LINE, rows, saved
from tests.core.failure.fakes import (
    record,
    steps,
    write_memory_model,
)
from tests.core.tickets.some_tickets import some_tickets

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
    assert "`python -m core tickets train --data FILE`" in found["ticket model"]["found"]
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


def test_import_when_done_then_it_is_active_and_on_record(run, models, tmp_path, monkeypatch):
    def written(model, scaler, models_dir):  # what Keras would take ten seconds for
        version = write_memory_model(models_dir, active=False)
        return artifacts.load_version(models_dir, "failure", version)[0]

    monkeypatch.setattr(bring_own, "import_model", written)
    answer = run("failure", "import", "--model", tmp_path / "mine.keras", "--scaler", "s.pkl")
    assert answer.json["model_version"] == artifacts.current_version(models, "failure") == "v0002"
    entry = run("admin", "audit", "--json").json
    assert (entry["action"], entry["subject"]) == ("activated", "failure v0002")
    assert entry["detail"] == "imported from mine.keras"


@pytest.mark.slow
def test_rejudge_when_done_then_the_new_version_is_active_and_on_record(
    run, tmp_path, own_folders, monkeypatch
):
    models = own_folders / "models"
    write_memory_model(models, source="20 simulated hosts, seed 1", scores={})
    monkeypatch.setattr(rejudge, "N_CALIBRATION_HOSTS", 20)
    answer = run("failure", "rejudge")
    assert answer.json["model_version"] == artifacts.current_version(models, "failure") == "v0002"
    entry = run("admin", "audit", "--json").json
    assert (entry["action"], entry["subject"]) == ("activated", "failure v0002")
    assert entry["detail"] == "v0001 with its figures"


@pytest.mark.parametrize(
    "arguments",
    [("failure", "import", "--model", "m.keras", "--scaler", "s.pkl"), ("failure", "rejudge")],
)
def test_a_version_when_a_training_runs_then_none_is_written_beside_it(run, models, arguments):
    with held(models, "Training the failure model", "ada"):
        sentence = run(*arguments).refused()
    assert sentence.startswith("Another training runs already: Training the failure model, started")
    assert sorted(path.name for path in (models / "failure").iterdir()) == ["CURRENT", "v0001"]


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
    # That is known once TensorFlow is there, and that it is being loaded is said, too.
    loading, sentence = answer.err.splitlines()
    assert (answer.code, answer.out, loading) == (2, "", "  1 %  loading TensorFlow")
    assert sentence.startswith("No host in this file fails")
    assert sorted(path.name for path in (models / "failure").iterdir()) == ["CURRENT", "v0001"]
