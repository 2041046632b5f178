"""Admin's sections Models and Jobs in their states, with real processes and a scripted training."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import config
from core import artifacts, resources
from core.access import VIEWER, Actor, Role
from core.admin import models
from core.admin.models import Retraining
from core.dataset import import_file
from core.errors import ArtifactError, JobError, NotAllowedError
from core.jobs import JobRunner
from core.store import Store
from tests.core.jobs.some_models import write
from tests.core.tickets.test_challenge import OLD

MAIN = str(config.ROOT / "pages" / "main.py")
ADMIN = Actor(name="ada", role=Role.ADMIN, origin="127.0.0.1")
PATIENCE_S = 60.0
BETTER = {"difference": 0.03, "low": 0.01, "high": 0.05}
WORSE = {"difference": -0.05, "low": -0.09, "high": -0.01}
UNFAIR = {"why_not": "v0001 was trained before tickets were held back."}


@pytest.fixture
def runner(own_folders: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[JobRunner]:
    """Sign an admin in, with a model of each area and a training that answers as scripted."""
    folder = own_folders / "models"
    for area in ("tickets", "failure"):
        artifacts.activate(folder, area, write(folder, area))
    store = resources.store()
    running = JobRunner(store, folder, module="tests.core.jobs.some_models")
    monkeypatch.setattr(resources, "actor", lambda: ADMIN)
    monkeypatch.setattr(resources, "jobs", lambda: running)
    yield running
    running.close()


def script(own_folders: Path, **says: object) -> None:
    (own_folders / "script.json").write_text(json.dumps(says))


def trained(runner: JobRunner, store: Store, folder: Path, area: str = "tickets") -> None:
    models.retrain(
        ADMIN, store, runner, folder, Retraining(area=area, data=None, about="450 tickets")
    )
    runner.wait(PATIENCE_S)


def opened(section: str = "Models", **query: str) -> AppTest:
    app = AppTest.from_file(MAIN, default_timeout=60)
    app.query_params["section"] = section
    for name, value in query.items():
        app.query_params[name] = value
    app.switch_page("admin.py").run()
    assert not app.exception
    return app


def said(app: AppTest) -> str:
    kinds = ("header", "markdown", "caption", "success", "warning", "error", "info")
    return "\n".join(one.value.replace("\\", "") for kind in kinds for one in app.main.get(kind))


def active(folder: Path) -> str:
    return artifacts.current_version(folder, "tickets")


def test_models_when_opened_then_the_active_version_and_its_score_are_at_the_top(runner):
    app = opened()
    headline = app.header[0].value.replace("\\", "")
    assert headline.startswith("v0001 is active: weighted F1 0.90 (0.88-0.92)")
    assert "its best baseline 0.30" in said(app)
    assert "How long it takes is not known yet" in said(app)
    [table] = [one.value for one in app.dataframe]
    assert list(table["version"]) == ["v0001"]
    assert list(table["trained on"]) == ["450 tickets of <b>tickets.csv</b>"]
    app = opened(models="Failure model")
    assert "average precision 0.40" in said(app)


def test_retrain_when_clicked_then_its_progress_shows_on_every_page_until_cancelled(
    runner, own_folders
):
    script(own_folders, waits=True)
    app = opened()
    app.button(key="admin_retrain").click().run()
    end_s = time.monotonic() + PATIENCE_S
    while runner.running().fraction < 0.4:
        assert time.monotonic() < end_s
        time.sleep(0.05)
    app.run()
    assert app.button(key="admin_retrain").disabled
    assert "running" in said(app)
    assert "fitting <b>" in "".join(one.text for one in app.main.get("progress")).replace("\\", "")
    other = AppTest.from_file(MAIN, default_timeout=60)
    other.switch_page("model_analytics.py").run()
    lines = [one.value.replace("\\", "") for one in other.sidebar.caption]
    assert "training the ticket models: 40 % (Admin, Jobs)" in lines
    opened("Jobs").button(key="admin_job_cancel").click().run()
    runner.wait(PATIENCE_S)
    assert "cancelled" in said(opened("Jobs"))
    assert active(own_folders / "models") == "v0001"
    actions = [one.action for one in resources.store().audit(10)]
    assert {"training begun", "training cancelled"} <= set(actions)


def test_challenger_when_not_worse_then_it_has_taken_over_and_the_page_says_by_how_much(
    runner, own_folders
):
    script(own_folders, **BETTER)
    trained(runner, resources.store(), own_folders / "models")
    app = opened()
    assert active(own_folders / "models") == "v0002"
    assert "v0002 has taken over from v0001." in said(app)
    assert "differs by +3.0 points (95 % interval +1.0 to +5.0)" in said(app)
    app.selectbox(key="admin_version_tickets").set_value("v0002").run()
    kept = "When it was trained: v0002 is not worse: weighted F1 0.930 against 0.900 of v0001"
    assert kept in said(app)
    app.selectbox(key="admin_version_tickets").set_value("v0001").run()
    assert kept not in said(app)
    assert not any(button.key == "admin_overrule_reason" for button in app.text_input)
    app.button(key="admin_roll_back").click().run()
    assert active(own_folders / "models") == "v0001"
    assert "v0001 is active again." in said(app)
    assert "Since then v0001 was made the active one." in said(app)


@pytest.mark.parametrize("answer", [WORSE, UNFAIR])
def test_challenger_when_not_as_good_or_not_comparable_then_an_admin_decides_with_a_reason(
    runner, own_folders, answer
):
    script(own_folders, **answer)
    folder = own_folders / "models"
    trained(runner, resources.store(), folder)
    assert active(folder) == "v0001"
    app = opened()
    assert "v0001 stays active" in said(app)
    assert "Since then" not in said(app)
    expected = "Cannot be compared fairly" if answer is UNFAIR else "not shown to be as good"
    assert expected in said(app)
    ask = next(button for button in app.button if "take over" in button.label)
    ask.click().run()
    assert "Say why v0002 is to take over" in said(app)
    app.text_input(key="admin_overrule_reason").input("new categories")
    next(button for button in app.button if "take over" in button.label).click().run()
    assert active(folder) == "v0002"
    assert "Since then v0002 was made the active one all the same." in said(app)
    entry = resources.store().audit(1)[0]
    assert (entry.who, entry.action, entry.subject) == ("ada", "activated", "tickets v0002")
    assert entry.detail == "all the same: new categories"
    models.roll_back(ADMIN, resources.store(), folder, "tickets", "")
    models.delete(ADMIN, resources.store(), folder, "tickets", "v0002")
    assert "Since then v0002 was deleted." in said(opened())


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("ticket_text,ticket_category\nslow,CPU\nfull,Disk\nslow again,CPU\n", "3 tickets"),
        (
            "vm_id,timestamp,cpu_usage,ticket_text\na,2025-01-06,5,\nb,2025-01-06,7,slow\n",
            "1 ticket",
        ),
        ("vm_id,timestamp,cpu_usage\na,2025-01-06,5\nb,2025-01-06,7\n", "2 rows"),
    ],
)
def test_retrain_when_offered_then_it_says_of_how_many_tickets(runner, own_folders, text, says):
    import_file(text.encode(), own_folders / "data", name="march.csv")
    assert f"On {says} of the dataset v0001 (march.csv)" in said(opened())


def test_versions_when_an_old_one_is_chosen_then_it_can_be_activated_but_the_active_one_not_deleted(
    runner, own_folders
):
    folder = own_folders / "models"
    write(folder, "tickets")
    app = opened()
    app.selectbox(key="admin_version_tickets").set_value("v0001").run()
    assert "v0001 was trained on " in said(app)
    assert not {"admin_activate", "admin_delete_model"} & {button.key for button in app.button}
    app.selectbox(key="admin_version_tickets").set_value("v0002").run()
    app.button(key="admin_activate").click().run()
    assert active(folder) == "v0002"
    with pytest.raises(ArtifactError, match="stays"):
        models.delete(ADMIN, resources.store(), folder, "tickets", "v0002")
    models.delete(ADMIN, resources.store(), folder, "tickets", "v0001")
    assert "v0001" not in "".join(str(one.value) for one in opened().dataframe)


def test_viewer_when_calling_what_admins_may_then_nothing_happens(runner, own_folders):
    folder, store = own_folders / "models", resources.store()
    asked = Retraining(area="tickets", data=None, about="")
    for call in (
        lambda: models.retrain(VIEWER, store, runner, folder, asked),
        lambda: models.cancel(VIEWER, store, runner),
        lambda: models.activate(VIEWER, store, folder, "tickets", "v0001", ""),
        lambda: models.overrule(VIEWER, store, folder, "tickets", "v0001", "because"),
        lambda: models.roll_back(VIEWER, store, folder, "tickets", ""),
        lambda: models.delete(VIEWER, store, folder, "tickets", "v0001"),
        lambda: models.archive(VIEWER, store, folder, "tickets", "v0001"),
    ):
        with pytest.raises(NotAllowedError):
            call()
    assert store.audit(10) == ()
    assert runner.running() is None


def test_viewer_when_opening_models_then_nothing_of_them_is_drawn(runner, monkeypatch):
    monkeypatch.setattr(resources, "actor", lambda: VIEWER)
    app = opened()
    assert not app.dataframe
    assert not any(button.key == "admin_retrain" for button in app.button)


@pytest.mark.skipif(os.name != "posix", reason="holds a process by a signal")
def test_retrain_when_the_command_line_trains_then_it_says_who_does_since_when_and_how_that_ended(
    runner, own_folders
):
    file = own_folders / "tickets.csv"
    OLD.to_csv(file, index=False)
    command = [sys.executable, "-m", "core", "tickets", "train", "--data", str(file)]
    training = subprocess.Popen(command, cwd=config.ROOT, stderr=subprocess.DEVNULL)
    try:
        latest_s = time.monotonic() + PATIENCE_S
        while not resources.store().jobs(1):
            assert time.monotonic() < latest_s
            time.sleep(0.02)
        training.send_signal(signal.SIGSTOP)
        app = opened()
        doing = "Training the ticket models, started just now by "
        assert f"Outside this app: {doing}" in said(app)
        app.button(key="admin_retrain").click().run()
        refused = app.error[0].value.replace("\\", "")
        assert refused.startswith(f"Another training runs already: {doing}")
        assert f"on the command line (process {training.pid} on " in refused
        assert runner.jobs()[0].state == "running"
    finally:
        training.kill()
        training.wait()
    assert "interrupted" in said(opened("Jobs"))
    assert opened().button(key="admin_retrain").disabled is False


def test_failure_model_when_a_file_of_hosts_is_brought_then_it_is_trained_on_that_by_its_own_name(
    runner, own_folders
):
    script(own_folders, **BETTER)
    app = opened(models="Failure model")
    app.radio(key="admin_retrain_source").set_value("A host-telemetry file").run()
    assert app.button(key="admin_retrain").disabled
    brought = b"host,timestamp\nweb-1,2026-01-01T00:00:00Z\n"
    app.file_uploader(key="admin_retrain_file").set_value(("../web <1>.csv", brought, "text/csv"))
    app.run()
    app.button(key="admin_retrain").click().run()
    assert not app.exception
    runner.wait(PATIENCE_S)
    [kept] = (own_folders / "data" / "hosts").rglob("*.csv")
    assert (kept.name, kept.read_bytes()) == ("web__1_.csv", brought)
    job = runner.jobs()[0]
    assert (job.kind, job.state) == ("failure", "done")
    assert f"--data {kept}" in job.log
    begun = [one for one in resources.store().audit(10) if one.action == "training begun"]
    assert "on the file ../web <1>.csv" in begun[0].detail


def test_jobs_when_none_ran_then_it_says_where_they_begin(runner):
    assert "Nothing was trained from here yet." in said(opened("Jobs"))


def test_archive_when_downloaded_then_it_holds_the_version(runner, own_folders):
    import io
    import zipfile

    packed = models.archive(ADMIN, resources.store(), own_folders / "models", "tickets", "v0001")
    names = zipfile.ZipFile(io.BytesIO(packed)).namelist()
    assert names == ["tickets-v0001/manifest.json", "tickets-v0001/model.txt"]


def test_overrule_when_the_reason_is_blank_then_it_is_asked_for(runner, own_folders):
    with pytest.raises(JobError, match="Say why"):
        models.overrule(ADMIN, resources.store(), own_folders / "models", "tickets", "v0001", "  ")
