"""Jobs with real processes: how they go, how they end, and that nothing is left of them."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import config
from core.errors import ArtifactError, JobError
from core.jobs import JobRunner, Owner, held, owner, settled
from core.jobs.lock import LOCK_FILE
from core.store import JobRecord, Store
from tests.core.jobs import some_app
from tests.core.test_background import is_gone

PATIENCE_S = 60.0

pytestmark = pytest.mark.skipif(os.name != "posix", reason="kills by signal")


@pytest.fixture
def runner(tmp_path: Path) -> Iterator[JobRunner]:
    running = some_app.runner(tmp_path)
    yield running
    running.close()


def until(is_so: Callable[[], object]) -> None:
    latest_s = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < latest_s, "it did not come to that"
        time.sleep(0.02)


def pids_in(file: Path) -> list[int]:
    until(lambda: file.exists() and len(file.read_text().split()) == 2)
    return [int(pid) for pid in file.read_text().split()]


def run(runner: JobRunner, *arguments: str, finish=lambda said: ("v0007 is active", said)):
    """Run a job to its end and return how it ended."""
    job = runner.start("tickets", "Training", arguments, "ada", finish)
    runner.wait(PATIENCE_S)
    [ended] = [one for one in runner.jobs() if one.id == job.id]
    return ended


def start(runner: JobRunner, *arguments: str) -> JobRecord:
    return runner.start("tickets", "Training", arguments, "ada", lambda said: ("", said))


def test_job_when_done_then_its_answer_its_words_and_its_time_are_on_record(runner, tmp_path):
    job = run(runner, "works")
    assert (job.state, job.fraction, job.message) == ("done", 1.0, "v0007 is active")
    assert job.result == {"version": "v0007"}
    assert "a library warns: token=***" in job.log  # and no secret
    assert (job.who, job.kind) == ("ada", "tickets")
    assert job.ended_at is not None
    assert job.ended_at > job.started_at
    assert runner.expected_s("tickets") == (job.ended_at - job.started_at).total_seconds()
    assert runner.expected_s("failure") is None
    assert owner(tmp_path / "models") is None


def test_job_while_it_runs_then_anybody_sees_how_far_it_is(runner, tmp_path):
    start(runner, "forever", str(tmp_path / "pids"))
    pids_in(tmp_path / "pids")
    until(lambda: runner.running().message == "going on")
    assert (runner.running().fraction, runner.running().state) == (0.25, "running")
    other_app = some_app.runner(tmp_path)  # it must not take it for a job whose app is gone
    until(lambda: other_app.jobs()[0].fraction == 0.25)
    assert other_app.jobs()[0].state == "running"
    assert other_app.running() is None
    with pytest.raises(JobError, match="Training, started just now by ada"):
        start(other_app, "works")


@pytest.mark.parametrize("kind", ["forever", "stubborn"])
def test_job_when_cancelled_then_it_is_gone_with_all_it_started(runner, tmp_path, kind):
    start(runner, kind, str(tmp_path / "pids"))
    pids = pids_in(tmp_path / "pids")
    runner.cancel()
    runner.wait(PATIENCE_S)
    assert all(is_gone(pid) for pid in pids)
    [job] = runner.jobs()
    assert (job.state, job.message) == ("cancelled", "Stopped on request. Nothing was activated.")
    assert run(runner, "works").state == "done"  # and the next one may begin


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("crashes", r"exit code 1\): KeyError: 'a fault'"),
        ("bad_input", r"^The file is empty; bring one with rows\.$"),
        ("greedy", r"for want of memory\."),
        ("killed", r"for want of memory, as far as can be told"),
    ],
)
def test_job_when_it_fails_then_it_says_why_and_the_next_one_may_begin(runner, kind, said):
    job = run(runner, kind)
    assert job.state == "failed"
    assert re.search(said, job.message)
    assert run(runner, "works").state == "done"


def test_job_when_what_follows_on_it_fails_then_it_failed_with_that(runner):
    def finish(_: object) -> tuple[str, dict[str, object]]:
        raise ArtifactError("The disk is full.")

    job = run(runner, "works", finish=finish)
    assert (job.state, job.message) == ("failed", "The disk is full.")


def test_job_when_it_says_very_much_then_only_the_end_is_kept(runner):
    job = run(runner, "talks_much")
    assert job.state == "done"
    assert "line 999" in job.log
    assert len(job.log) < 200_000


def test_app_when_it_is_stopped_then_its_job_ends_and_is_interrupted(tmp_path):
    runner = some_app.runner(tmp_path)
    start(runner, "forever", str(tmp_path / "pids"))
    pids = pids_in(tmp_path / "pids")
    runner.close()
    assert all(is_gone(pid) for pid in pids)
    assert runner.jobs()[0].state == "interrupted"


def test_app_when_it_is_killed_then_its_job_ends_too_and_the_next_app_may_train(tmp_path):
    command = [sys.executable, "-m", "tests.core.jobs.some_app", "waits_to_be_killed"]
    app = subprocess.Popen([*command, str(tmp_path)], cwd=config.ROOT)
    try:
        training, _ = pids_in(tmp_path / "pids")
    finally:
        app.kill()
        app.wait()
    next_app = some_app.runner(tmp_path)
    [job] = next_app.jobs()
    assert job.state == "interrupted"
    assert job.ended_at is not None
    assert run(next_app, "works").state == "done"
    assert is_gone(training)


def test_apps_when_they_share_a_database_then_neither_ends_the_others_training_on_record(tmp_path):
    ours = some_app.runner(tmp_path)
    store = Store(f"sqlite:///{tmp_path / 'app.db'}")
    start(ours, "waits", str(tmp_path / "go"))
    others = JobRunner(store, tmp_path / "other models", module="tests.core.jobs.some_training")
    [seen] = others.jobs()
    assert seen.state == "running"
    (tmp_path / "go").touch()
    ours.wait(PATIENCE_S)
    assert [job.state for job in others.jobs()] == ["done"]


def test_apps_when_another_one_never_says_how_its_training_ended_then_it_ends_in_days(tmp_path):
    store = Store(f"sqlite:///{tmp_path / 'app.db'}")
    began = datetime.now(UTC)
    for days in (1, 4):
        job = JobRecord(
            kind="tickets",
            who="ada",
            owner="f00 container-of-before:/models",
            started_at=began - timedelta(days=days),
        )
        store.put_job(job)
    older, newer = settled(store, tmp_path / "models")
    assert (older.state, newer.state) == ("interrupted", "running")
    assert "has not said for days" in older.message


def test_starters_when_two_processes_start_at_once_then_one_does_and_the_other_says_who(tmp_path):
    command = [sys.executable, "-m", "tests.core.jobs.some_app", "starts_when_told", str(tmp_path)]
    apps = [subprocess.Popen([*command, name], cwd=config.ROOT) for name in ("ada", "bob")]
    outs = [tmp_path / f"{name}.out" for name in ("ada", "bob")]
    try:
        until(lambda: all((tmp_path / f"{name}.ready").exists() for name in ("ada", "bob")))
        (tmp_path / "go").touch()
        until(lambda: all(out.exists() and out.read_text() for out in outs))
        said = sorted(out.read_text() for out in outs)
        assert said[1] == "began"
        assert said[0].startswith("Another training runs already")
    finally:
        (tmp_path / "stop").touch()
        for app in apps:
            app.wait(PATIENCE_S)


def test_lock_when_its_file_is_of_a_dead_owner_then_it_is_free(tmp_path):
    # As a machine leaves it that lost its power; the number may be another process's by now.
    (tmp_path / LOCK_FILE).write_text(f'{{"pid": {os.getpid()}, "token": "x"}}')
    assert owner(tmp_path) is None
    with held(tmp_path, "Training", "ada"):
        assert owner(tmp_path).who == "ada"
        with pytest.raises(JobError, match="by ada"), held(tmp_path, "Training", "bob"):
            pass
    assert owner(tmp_path) is None


def test_lock_when_the_starter_holds_it_then_what_it_starts_may_go_on(tmp_path, monkeypatch):
    with held(tmp_path, "Training", "ada"):
        monkeypatch.setenv("TRAINING_LOCK_TOKEN", owner(tmp_path).token)
        with held(tmp_path, "Training", "the command"):
            pass
        assert owner(tmp_path).who == "ada"
        monkeypatch.setenv("TRAINING_LOCK_TOKEN", "of an earlier one")
        with pytest.raises(JobError), held(tmp_path, "Training", "the command"):
            pass


def test_store_when_a_job_has_ended_then_no_later_word_changes_it(tmp_path):
    store = Store(f"sqlite:///{(tmp_path / 'app.db').as_posix()}")
    job = JobRecord(kind="tickets", who="ada", owner="t", started_at=datetime.now(UTC))
    job = replace(job, id=store.put_job(job))
    assert settled(store, tmp_path)[0].state == "interrupted"
    store.put_job(job)
    assert store.jobs(1)[0].state == "interrupted"
    store.close()


def test_lock_when_released_then_nothing_is_left_and_the_next_one_can_take_it(tmp_path):
    models = tmp_path / "models"
    for _ in range(2):
        with held(models, "Training", "ada"):
            assert models.exists()
        assert not models.exists()


def test_ages_when_the_clock_was_set_back_then_none_is_below_zero(tmp_path, runner):
    later = datetime.now(UTC) + timedelta(days=1)
    holder = Owner(token="", what="A training", who="ada", pid=1, host="here", since=later)
    assert "started just now by ada" in holder.in_words
    store = Store(f"sqlite:///{(tmp_path / 'app.db').as_posix()}")
    for took_s in (60, -3600):  # the clock was set back during the last one
        ended = later + timedelta(seconds=took_s)
        store.put_job(
            JobRecord(kind="tickets", who="ada", owner="", started_at=later, ended_at=ended,
                      state="done")
        )  # fmt: skip
    store.close()
    assert runner.expected_s("tickets") == 60
