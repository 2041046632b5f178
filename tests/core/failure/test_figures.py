"""The figures of a test add up to its scores."""

import json

import numpy as np
import pytest

from core.errors import ArtifactCorruptError, ArtifactError
from core.failure.alarm import AlarmPolicy, alarm_steps
from core.failure.evaluation import evaluate
from core.failure.figures import (
    FailureFigures,
    figures_of,
    input_profiles,
    read_figures,
    write_figures,
)
from core.failure.importance import metric_importances
from core.failure.rejudge import rewritten
from core.failure.simulate import simulate_hosts
from core.failure.windows import stack_windows
from core.metrics import METRIC_NAMES
from tests.core.failure.fakes import record, steps


def answers(windows):
    rng = np.random.default_rng(0)
    said = np.clip(0.3 * windows.fails + rng.uniform(0, 0.7, len(windows)), 0, 1)
    return np.where(windows.enough, said, np.nan)


@pytest.fixture(scope="module")
def judged():
    """Return the scores and the figures of made-up answers for simulated hosts."""
    records = list(simulate_hosts(60, seed=11))
    windows = stack_windows(records)
    said = answers(windows)
    causes = np.eye(10)[np.maximum(windows.cause, 0)]
    alarm = alarm_steps(said, windows.host, AlarmPolicy(enter=0.6, exit=0.3, min_steps=1))
    intervals_s = [record.interval_s for record in records]
    return (
        windows,
        evaluate(windows, said, causes, alarm, intervals_s),
        figures_of(windows, said, causes, alarm, intervals_s, [r.fault for r in records]),
    )


def test_figures_when_counted_then_they_are_those_of_the_scores(judged):
    _, report, figures = judged
    assert sum(one.n_windows for one in figures.bins) == report.n_windows
    off = sum(abs(one.said - one.happened) * one.n_windows for one in figures.bins)
    assert off / report.n_windows == pytest.approx(report.calibration_error)
    assert len(figures.leads_s) == report.caught > 0
    assert np.median(figures.leads_s) == report.lead_median_s
    assert figures.n_failures == report.n_failing_hosts
    assert sum(one.n_failures for one in figures.faults) == report.n_failing_hosts
    assert sum(one.n_caught for one in figures.faults) == report.caught
    counts = np.array(figures.confusion)
    assert counts.trace() == counts.sum() == report.n_failing_windows
    (calm, false), (missed, hits) = figures.alarmed
    assert missed + hits == report.n_failing_windows
    assert calm + false + missed + hits == report.n_windows
    assert report.f1 == pytest.approx(2 * hits / (2 * hits + false + missed))
    assert report.accuracy == pytest.approx((calm + hits) / report.n_windows)
    low, high = report.f1_interval
    assert 0.0 < low < report.f1 < high < 1.0


def test_curve_when_drawn_then_each_point_is_what_its_threshold_finds(judged):
    windows, report, figures = judged
    said, counts = answers(windows), windows.enough & ~windows.down
    thresholds = [point.threshold for point in figures.curve]
    assert thresholds == sorted(thresholds, reverse=True)
    assert len(thresholds) > 20
    for point in figures.curve:
        found = windows.fails[counts & (said >= point.threshold)]
        assert point.precision == pytest.approx(found.mean())
        assert point.recall == pytest.approx(found.sum() / report.n_failing_windows)
    assert figures.curve[-1].recall == 1.0


def test_importance_when_one_metric_decides_then_it_alone_costs_anything(judged):
    windows, *_ = judged
    asked = METRIC_NAMES.index("memory_percent")

    def score(part):
        return np.nan_to_num(part.x[:, -1, asked]) / 100

    first, *others = metric_importances(windows, score)
    assert first.metric == "memory_percent"
    assert first.drop > 0.02
    assert [one.drop for one in others] == pytest.approx([0.0] * 9)


def test_importance_when_nothing_fails_then_there_is_none():
    calm = stack_windows([record(steps(60))])
    assert metric_importances(calm, lambda part: np.zeros(len(part))) == ()


def test_figures_when_written_then_they_come_back(judged, tmp_path):
    windows, _, figures = judged
    whole = FailureFigures(
        tests={"test": figures}, losses=(0.2, 0.1), inputs=input_profiles(windows)
    )
    write_figures(tmp_path, whole)
    assert read_figures(tmp_path) == whole
    assert (tmp_path / "metrics.json").stat().st_size < 200_000


def test_figures_when_there_are_none_or_broken_ones_then_it_says_so(tmp_path):
    assert read_figures(tmp_path) is None
    (tmp_path / "metrics.json").write_text(json.dumps({"tests": 3}))
    with pytest.raises(ArtifactCorruptError, match="failure train"):
        read_figures(tmp_path)


def test_profile_when_made_then_its_counts_are_of_all_known_values(judged):
    windows, _, _ = judged
    values = windows.x[windows.enough & ~windows.down, -1, 0]
    profile = input_profiles(windows)[0]
    assert profile.metric == "cpu_percent"
    assert sum(profile.counts) == np.isfinite(values).sum()
    assert profile.low < profile.edges[4] < profile.high


def test_rejudge_when_the_model_was_not_trained_on_simulated_hosts_then_it_refuses(tmp_path):
    from tests.core.analytics.test_since import host_model

    host_model(tmp_path)
    with pytest.raises(ArtifactError):
        rewritten(tmp_path, "v0001", tmp_path)
