import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core import artifacts
from core.errors import ArtifactError, TooFewSamplesError
from core.failure.baselines import BASELINES
from core.failure.hosts_csv import read_hosts, write_hosts
from core.failure.serving import load_model
from core.failure.windows import stack_windows
from tests.core.failure.fakes import (
    column,
    leaking_hosts,
    memory_graph,
    record,
    steps,
    write_memory_model,
)

# All of this needs TensorFlow, which also has something to say to numpy 2.
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
]


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The module, learning beside a few simulated hosts in small steps."""
    from core.failure import recorded

    monkeypatch.setattr(recorded, "N_REHEARSED_HOSTS", 15)
    monkeypatch.setattr(recorded, "PLAN", replace(recorded.PLAN, epochs=2, batch_size=32))
    return recorded


@pytest.fixture
def models_dir(trained: Any, tmp_path: Path) -> Path:
    """A copy of the small trained model that a test may add to."""
    shutil.copytree(trained.models_dir, tmp_path / "models")
    return tmp_path / "models"


def learn_nothing(*_: object) -> tuple[float, ...]:
    """Leave a network as it is, in place of `network.fit`."""
    return (0.0,)


def quiet(part: float, text: str) -> None:
    """Take progress and say nothing."""


def test_runs_when_every_host_has_a_prefix_then_hosts_of_one_run_stay_together():
    from core.failure.recorded import runs_of

    assert runs_of(["e1-redis-1", "e1-redis-2", "e2-redis-1", "e2-redis-2"]) == (
        *["e1", "e1"],
        *["e2", "e2"],
    )


@pytest.mark.parametrize(
    "hosts",
    [
        ["web", "db", "cache"],
        ["web-1", "web-2", "web-3"],  # one prefix: no runs
        ["r1-web", "r1-db", "r2-web"],  # a run of one host
        ["r1-web", "r1-db", "r2-web", "r2-db", "gateway"],  # a host without one
    ],
)
def test_runs_when_prefixes_are_none_then_each_host_is_a_run(hosts):
    from core.failure.recorded import runs_of

    assert runs_of(hosts) == tuple(hosts)


def test_training_when_runs_are_recorded_then_each_is_judged_by_a_model_that_has_not_seen_it(
    tmp_path, models_dir, recorded
):
    write_hosts(leaking_hosts(("r1", "r2")), tmp_path / "hosts.csv.gz")
    records = read_hosts(tmp_path / "hosts.csv.gz")
    said: list[tuple[float, str]] = []
    trained = recorded.train_on_recorded(
        records, models_dir, seed=5, progress=lambda part, text: said.append((part, text))
    )
    (report,) = trained.reports.values()
    assert (report.n_hosts, report.n_failing_hosts, report.n_healthy_hosts) == (4, 2, 2)
    assert report.auc is not None
    assert trained.baselines.keys() == trained.reports.keys()
    (baselines,) = trained.baselines.values()
    assert set(baselines) == set(BASELINES)
    for baseline in baselines.values():
        assert baseline.n_windows == report.n_windows
    assert trained.source.startswith("4 recorded hosts in 2 runs, fine-tuned from v0001")
    assert "left out" in trained.source
    assert trained.seed == 5
    parts = [part for part, _ in said]
    assert (np.diff(parts) > -1e-9).all()
    assert "2 runs in 2 folds, from v0001" in said[0][1]

    from core.failure.training import write_model

    manifest = write_model(models_dir, trained)
    assert manifest.version == artifacts.current_version(models_dir, "failure") == "v0002"
    # It has learnt: windows before these failures are more likely to fail than they were.
    windows = stack_windows(records)
    before, _ = load_model(models_dir, "v0001").score(windows)
    after, _ = load_model(models_dir).score(windows)

    def apart(probabilities: np.ndarray) -> float:
        fails, calm = windows.fails & windows.enough, ~windows.fails & windows.enough
        return probabilities[fails].mean() - probabilities[calm & ~windows.down].mean()

    assert apart(after) > 1.2 * apart(before)


def test_training_when_more_runs_are_recorded_then_thresholds_come_from_the_others_in_halves(
    models_dir, recorded, monkeypatch
):
    # Who is judged by which thresholds does not depend on what ten networks learn meanwhile.
    monkeypatch.setattr(recorded.network, "fit", learn_nothing)
    records = leaking_hosts(("r1", "r2", "r3"))
    said: list[str] = []
    trained = recorded.train_on_recorded(
        records, models_dir, seed=1, progress=lambda _, text: said.append(text)
    )
    assert "3 runs in 3 folds" in said[0]
    assert sum("leaving out fold" in text for text in said) == 3
    report = trained.reports["test"]
    assert (report.n_hosts, report.n_failing_hosts) == (6, 3)
    # Every window of every run was judged by some model.
    assert report.n_windows == 6 * 150 - 6 * 9 - 3 * 15
    start = artifacts.load_version(models_dir, "failure")[0].thresholds
    assert trained.policy.enter >= start["enter"]


def test_training_when_no_host_fails_then_one_sentence_says_so(models_dir, recorded):
    records = [record(steps(60), host=f"r{run}-web-{n}") for run in (1, 2) for n in (1, 2)]
    with pytest.raises(TooFewSamplesError, match="No host in this file fails"):
        recorded.train_on_recorded(records, models_dir, seed=1, progress=quiet)
    assert artifacts.current_version(models_dir, "failure") == "v0001"


def test_training_when_one_run_alone_fails_then_one_sentence_says_what_is_needed(
    models_dir, recorded
):
    records = leaking_hosts(("r1", "r2"))
    records[2] = record(steps(150), host="r2-web-1")
    with pytest.raises(
        TooFewSamplesError,
        match="Only run r1 holds a failure with 10 steps before it; at least two",
    ):
        recorded.train_on_recorded(records, models_dir, seed=1, progress=quiet)


def test_training_when_there_is_no_model_to_start_from_then_the_command_is_named(
    tmp_path, recorded
):
    with pytest.raises(ArtifactError, match="`python -m core failure train`"):
        recorded.train_on_recorded(leaking_hosts(), tmp_path / "none", seed=1, progress=quiet)


def test_training_when_the_active_model_was_imported_then_it_is_refused_as_a_start(
    tmp_path, recorded
):
    write_memory_model(
        tmp_path, graph=memory_graph(names_causes=False), source="imported from mine.keras"
    )
    with pytest.raises(ArtifactError, match=r"imported from mine.keras.* cannot be fine-tuned"):
        recorded.train_on_recorded(leaking_hosts(), tmp_path, seed=1, progress=quiet)


def test_training_when_hosts_are_too_short_to_judge_then_one_sentence_says_so(models_dir, recorded):
    short = []
    for host in leaking_hosts():
        kept = slice(128, 137)
        short.append(
            replace(
                host,
                at_s=host.at_s[kept],
                values=host.values[kept],
                failed=host.failed[kept],
                causes=host.causes[kept],
            )
        )
    assert not np.isnan(short[0].values[:7, column("memory_percent")]).any()
    with pytest.raises(TooFewSamplesError, match="lacks the 10 steps before it"):
        recorded.train_on_recorded(short, models_dir, seed=1, progress=quiet)


def test_training_when_the_active_model_has_learnt_these_runs_then_it_starts_before_that(
    models_dir, recorded, monkeypatch
):
    from core.failure.training import write_model

    monkeypatch.setattr(recorded.network, "fit", learn_nothing)
    for _ in range(2):
        trained = recorded.train_on_recorded(leaking_hosts(), models_dir, seed=1, progress=quiet)
        # A second training on the same hosts would be judged on runs that its start has seen.
        assert "fine-tuned from v0001;" in trained.source
        write_model(models_dir, trained)
    assert artifacts.current_version(models_dir, "failure") == "v0003"


def test_training_when_the_start_came_from_a_shipped_model_then_that_is_the_start_again(
    tmp_path, models_dir, recorded, monkeypatch
):
    from core.failure.training import write_model

    monkeypatch.setattr(recorded.network, "fit", learn_nothing)
    own = tmp_path / "own"
    write_model(
        own, recorded.train_on_recorded(leaking_hosts(), models_dir, seed=1, progress=quiet)
    )
    with pytest.raises(ArtifactError, match="may have learnt from these very hosts, and v0001"):
        recorded.train_on_recorded(leaking_hosts(), own, seed=1, progress=quiet)
    again = recorded.train_on_recorded(
        leaking_hosts(), own, seed=1, progress=quiet, shipped=models_dir
    )
    assert "fine-tuned from v0001;" in again.source
