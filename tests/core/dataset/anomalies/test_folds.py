"""No model is asked about a VM that it has seen, nor about a time before what it has learnt."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.dataset.anomalies.evaluation import evaluated
from core.dataset.anomalies.folds import Folds, folds_for
from core.dataset.anomalies.rows import Rows, batches
from core.dataset.demo import generate
from core.dataset.overview import Filters
from tests.core.dataset.stored import stored


def rows_of(frame: pd.DataFrame, data_dir: Path) -> Rows:
    with stored(frame, data_dir) as fleet:
        return Rows.joined(list(batches(fleet.engine, Filters().condition())))


def evaluations(folds: Folds, rows: Rows) -> list[tuple[Rows, Rows]]:
    found = [(rows.where(learnt), rows.where(asked)) for learnt, asked in folds.evaluations(rows)]
    assert all(len(learnt) and len(asked) for learnt, asked in found)
    return found


def test_evaluations_ask_about_later_rows_of_other_vms(tmp_path: Path) -> None:
    rows = rows_of(generate(3_000, seed=1), tmp_path)
    folds = folds_for(rows, n_vms=11)
    asked_of = []
    for learnt, asked in evaluations(folds, rows):
        assert set(learnt.vm_id.to_pylist()).isdisjoint(asked.vm_id.to_pylist())
        assert learnt.at.max() < asked.at.min()
        asked_of += asked.number.tolist()
    assert sorted(asked_of) == sorted(rows.number[rows.at >= folds.cut].tolist())


def test_rows_of_one_vm_share_a_fold(tmp_path: Path) -> None:
    rows = rows_of(generate(3_000, seed=1), tmp_path)
    part = folds_for(rows, n_vms=11).of(rows)
    by_vm = pd.Series(part).groupby(rows.vm_id.to_pylist()).nunique()
    assert (by_vm == 1).all()
    assert set(part) == {0, 1, 2}


def test_few_vms_are_told_apart_by_time(tmp_path: Path) -> None:
    rows = rows_of(generate(600, seed=1), tmp_path)
    folds = folds_for(rows, n_vms=5)
    ((learnt, asked),) = evaluations(folds, rows)
    assert learnt.at.max() < asked.at.min()
    part = folds.of(rows)
    ends = [(rows.at[part == n].min(), rows.at[part == n].max()) for n in range(3)]
    assert ends[0][1] <= ends[1][0] <= ends[1][1] <= ends[2][0]


@pytest.mark.parametrize(("span_s", "n_drawn"), [(30 * 86_400, 16), (86_400, 12), (3_600, 30)])
def test_few_days_of_few_vms_are_drawn_in_shorter_stretches(
    tmp_path: Path, span_s: int, n_drawn: int
) -> None:
    since = np.arange(600) * span_s / 600
    times = pd.Timestamp("2026-03-01") + pd.to_timedelta(since, unit="s")
    rows = rows_of(generate(600, seed=1).assign(timestamp=times), tmp_path)
    folds = folds_for(rows, n_vms=5)
    later = rows.where(~folds.past(rows))
    assert np.unique(folds.clusters(later)).size == pytest.approx(n_drawn, abs=1)


def test_a_score_without_skill_on_one_day_is_not_beyond_chance(tmp_path: Path) -> None:
    times = pd.Timestamp("2026-03-01") + pd.to_timedelta(np.arange(600) * 140, unit="s")
    rows = rows_of(generate(600, seed=1).assign(timestamp=times), tmp_path)
    clusters = folds_for(rows, n_vms=5).clusters(rows)
    random = np.random.default_rng(0)
    found = [
        evaluated(*random.random((2, 600)), random.random(600) < 0.06, clusters, "")
        for _ in range(60)
    ]
    assert np.mean([one.beats_baseline for one in found]) < 0.15


def test_without_vms_and_times_a_third_is_drawn(tmp_path: Path) -> None:
    rows = rows_of(generate(600, seed=1).assign(timestamp=None), tmp_path)
    folds = folds_for(rows, n_vms=5)
    assert (folds.cut, folds.split) == (None, "a third drawn at random")
    for learnt, asked in evaluations(folds, rows):
        assert not np.isin(asked.number, learnt.number).any()
