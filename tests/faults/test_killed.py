"""A process is killed in the middle of a write: what was there before is whole, and is what counts.

`kill -9` can be survived only by what is on the disk at every instant. So each test kills a process
that does nothing but write, at moments that it knows nothing of, and then reads.
"""

import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

import config
from core import artifacts, dataset
from core.metrics import METRIC_NAMES, Reading, Sample
from core.store import Store
from tests.core.tickets.some_tickets import some_tickets
from tests.fakes import NOON
from tests.pages.some_fleet import some_fleet

TIMES = 3
WITHIN_S = 60.0

WRITE_SAMPLES = """
import sys
from datetime import UTC, datetime, timedelta
from core.metrics import METRIC_NAMES, Reading, Sample
from core.store import Store

store = Store(sys.argv[1])
for number in range(int(sys.argv[2]), 1_000_000):
    at = datetime(2025, 3, 1, 12, tzinfo=UTC) + timedelta(seconds=number)
    readings = tuple(Reading(metric=name, value=float(number)) for name in METRIC_NAMES)
    store.add_sample(Sample(host="web-1", at=at, readings=readings))
    print(number, flush=True)
"""
SWITCH_MODELS = """
import sys
from pathlib import Path
from core.artifacts import activate

print("switching", flush=True)
while True:
    for version in ("v0001", "v0002"):
        activate(Path(sys.argv[1]), "tickets", version)
"""
SWITCH_DATASETS = """
import sys
from pathlib import Path
from core.dataset import activate

print("switching", flush=True)
while True:
    for version in ("v0001", "v0002"):
        activate(Path(sys.argv[1]), version)
"""


def started(*arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, *arguments],
        cwd=config.ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def killed(process: "subprocess.Popen[str]") -> list[str]:
    """Kill the process without a word, and return the lines that it had printed."""
    process.kill()
    printed, _ = process.communicate()
    return printed.splitlines()


def killed_in_its_loop(script: str, *arguments: str) -> list[str]:
    """Start a script, wait for its first line and kill it a moment later."""
    process = started("-c", script, *arguments)
    assert process.stdout is not None
    assert process.stdout.readline()
    time.sleep(random.uniform(0.02, 0.2))
    return killed(process)


def killed_when(is_time: Callable[[], bool], *arguments: str) -> None:
    """Start a command and kill it as soon as `is_time` says so; it must not have ended."""
    process = started("-m", "core", *arguments)
    latest_s = time.monotonic() + WITHIN_S
    while not is_time():
        assert process.poll() is None, "it had ended before it could be killed"
        assert time.monotonic() < latest_s, "its moment never came"
        time.sleep(0.001)
    killed(process)


def a_version(models: Path, area: str, text: str) -> artifacts.Manifest:
    """Write a version whose model is a text."""

    def fill(folder: Path) -> None:
        (folder / "model.pkl").write_text(text)

    return artifacts.write_version(
        models,
        area,
        fill=fill,
        data_hash="",
        seed=1,
        columns=(),
        classes=(),
        window=None,
        horizon=None,
        thresholds={},
        scores={},
        baseline_scores={},
        source="a test",
    )


def a_sample(number: int) -> Sample:
    readings = tuple(Reading(metric=name, value=float(number)) for name in METRIC_NAMES)
    return Sample(host="web-1", at=NOON + timedelta(seconds=number), readings=readings)


def test_store_when_killed_while_it_writes_then_it_has_every_sample_that_it_had_taken(
    tmp_path: Path,
):
    url = f"sqlite:///{(tmp_path / 'app.db').as_posix()}"
    known = 0
    for _ in range(TIMES):
        printed = killed_in_its_loop(WRITE_SAMPLES, url, str(known))
        last = int(printed[-1]) if printed else known
        with closing(Store(url)) as store:
            samples = store.samples("web-1", NOON)
        known = len(samples.at)
        assert known >= last + 1
        # Whole rows, none left out.
        assert (samples.values == [[float(n)] * len(METRIC_NAMES) for n in range(known)]).all()


@pytest.mark.parametrize("keep", [0.0, 0.5, 1.0])
def test_store_when_the_log_that_a_kill_left_is_damaged_then_what_came_before_it_is_whole(
    tmp_path: Path, keep: float
):
    """`keep`: the share of the write-ahead log that is as it was; the rest is noise."""
    database = tmp_path / "app.db"
    url = f"sqlite:///{database.as_posix()}"
    with closing(Store(url)) as store:  # closing writes the log into the database
        store.add_sample(a_sample(0))
    killed_in_its_loop(WRITE_SAMPLES, url, "1")
    log = database.with_name("app.db-wal")
    written = log.read_bytes()
    n_kept = int(keep * len(written))
    log.write_bytes(written[:n_kept] + random.randbytes(len(written) - n_kept))
    with closing(Store(url)) as store:
        n_read = len(store.samples("web-1", NOON).at)
        # Without its log there is what was written into the database before the kill: the first
        # sample, and more where the log had grown so long that it was written there on the way.
        assert n_read >= 1 if keep == 0.0 else n_read > 1
        store.add_sample(a_sample(n_read))
        values = store.samples("web-1", NOON).values
    assert (values == [[float(n)] * len(METRIC_NAMES) for n in range(n_read + 1)]).all()


def test_model_when_killed_while_it_is_switched_then_one_of_the_two_is_active_and_whole(
    tmp_path: Path,
):
    for text in ("old", "new"):
        a_version(tmp_path, "tickets", text)
    artifacts.activate(tmp_path, "tickets", "v0001")
    for _ in range(TIMES):
        killed_in_its_loop(SWITCH_MODELS, str(tmp_path))
        manifest, folder = artifacts.load_version(tmp_path, "tickets")
        assert (folder / "model.pkl").read_text() == {"v0001": "old", "v0002": "new"}[
            manifest.version
        ]


def test_dataset_when_killed_while_it_is_switched_then_one_of_the_two_is_active_and_whole(
    tmp_path: Path,
):
    rows = {}
    for hours in (24, 48):
        stored = dataset.import_file(some_fleet(hours).to_csv(index=False).encode(), tmp_path)
        rows[stored.version] = 3 * hours
    for _ in range(TIMES):
        killed_in_its_loop(SWITCH_DATASETS, str(tmp_path))
        assert len(dataset.load(tmp_path)) == rows[dataset.current(tmp_path).version]
        # What people see may lie behind by one step, and is whole.
        assert len((tmp_path / "dataset.csv").read_text().splitlines()) - 1 in rows.values()


def test_import_when_killed_halfway_then_the_old_dataset_is_active_and_the_next_one_goes_in(
    tmp_path: Path, monkeypatch
):
    data = tmp_path / "data"
    monkeypatch.setenv("DATA_DIR", str(data))
    dataset.import_file(some_fleet(24).to_csv(index=False).encode(), data)
    some_fleet(24 * 200).to_csv(tmp_path / "large.csv", index=False)

    def is_writing() -> bool:
        return any(data.glob("versions/.*.writing/dataset.parquet"))

    killed_when(is_writing, "dataset", "import", str(tmp_path / "large.csv"))
    assert [stored.version for stored in dataset.versions(data)] == ["v0001"]
    assert len(dataset.load(data)) == 3 * 24
    assert dataset.import_file(tmp_path / "large.csv", data).version == "v0002"


def test_training_when_killed_while_it_writes_then_the_old_model_is_active_and_the_next_goes_in(
    tmp_path: Path,
):
    models, data = tmp_path / "models", tmp_path / "tickets.csv"
    shutil.copytree(config.ROOT / "models", models)
    some_tickets(240).to_csv(data, index=False)
    quick = ("--candidates", "linear_svm", "--models", str(models))

    def is_writing() -> bool:
        return any(models.glob("tickets/.*.writing/*"))

    killed_when(is_writing, "tickets", "train", "--data", str(data), *quick)
    assert [one.version for one in artifacts.versions(models, "tickets")] == ["v0001"]
    assert artifacts.load_version(models, "tickets")[0].version == "v0001"

    [left] = models.glob("tickets/.*.writing")
    two_days_ago_s = time.time() - 2 * 86_400
    os.utime(left, (two_days_ago_s, two_days_ago_s))
    written = a_version(models, "tickets", "next")
    assert written.version == "v0002"
    assert not left.exists()
