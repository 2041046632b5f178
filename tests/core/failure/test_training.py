import json

import numpy as np
import pytest

from core import artifacts
from core.analytics.failure import failure_report
from core.analytics.figures import Missing
from core.errors import ArtifactError
from core.failure import rejudge
from core.failure.baselines import BASELINES
from core.failure.figures import NETWORK, read_figures
from core.failure.simulate import simulate_hosts
from core.failure.windows import HORIZON_STEPS, LENGTH, stack_windows
from core.metrics import METRIC_NAMES

# All of this needs TensorFlow, which also has something to say to numpy 2.
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
]


def test_version_when_written_then_it_is_active_and_says_how_it_came_to_be(trained):
    manifest, folder = artifacts.load_version(trained.models_dir, "failure")
    assert manifest == trained.manifest
    assert set(manifest.files) == {
        "lstm_failure_predictor.keras",
        "lstm_failure_predictor.onnx",
        "feature_scaler.pkl",
        "metrics.json",
    }
    assert manifest.columns == manifest.classes == METRIC_NAMES
    assert (manifest.window, manifest.horizon) == (LENGTH, HORIZON_STEPS)
    assert (manifest.seed, len(manifest.data_hash)) == (3, 64)
    assert "120 simulated hosts, seed 3" in manifest.source
    assert set(manifest.thresholds) == {"enter", "exit", "min_steps"}
    assert 0 < manifest.thresholds["exit"] < manifest.thresholds["enter"] < 1
    assert sorted(path.name for path in folder.parent.iterdir()) == ["CURRENT", "v0001"]


def test_version_when_written_then_its_scores_stand_beside_those_of_the_baselines(trained):
    manifest = trained.manifest
    kept_out = [name for name in manifest.scores if name != "test"]
    assert len(kept_out) == 1
    assert "kept out" in kept_out[0]
    assert set(manifest.baseline_scores) == set(manifest.scores)
    baselines = [scores for test in manifest.baseline_scores.values() for scores in test.values()]
    for test_of_baselines in manifest.baseline_scores.values():
        assert set(test_of_baselines) == set(BASELINES)
    for scores in (*manifest.scores.values(), *baselines):
        assert {"auc", "average_precision", "brier", "calibration_error"} <= set(scores)
        assert {"caught", "lead_median_s", "false_alarms_per_host_day"} <= set(scores)
        assert 0 <= scores["auc"] <= 1
    test = manifest.scores["test"]
    assert test["n_hosts"] == 40
    # Small as it is, it has learnt something.
    assert test["auc"] > 0.7
    # All were judged on the same windows.
    for name, scores in manifest.scores.items():
        for baseline in manifest.baseline_scores[name].values():
            assert baseline["n_windows"] == scores["n_windows"]
            assert baseline["cause_right_last"] is None
    assert test["cause_right_last"] is not None
    assert manifest.scores[kept_out[0]]["n_hosts"] == 20


def test_training_when_it_runs_then_it_says_how_far_it_is(trained):
    parts = [part for part, _ in trained.progress]
    assert parts[0] == 0.0
    assert (np.diff(parts) > -1e-9).all()
    assert parts[-1] <= 1.0
    said = " ".join(text for _, text in trained.progress)
    assert "120 hosts" in said
    assert "epoch 6 of 6" in said
    for name in BASELINES:
        assert name in said


def test_write_when_the_export_differs_from_keras_then_nothing_is_written(
    trained, tmp_path, monkeypatch
):
    from core.failure import training

    # No two programs agree to better than nothing: any difference is now too large.
    monkeypatch.setattr(training, "EXPORT_TOLERANCE", -1.0)
    with pytest.raises(ArtifactError, match="differs from Keras by"):
        training.write_model(tmp_path, trained.model)
    assert list((tmp_path / "failure").iterdir()) == []


def test_write_when_there_is_a_version_already_then_the_next_becomes_active(trained, tmp_path):
    from core.failure.training import write_model

    first = write_model(tmp_path, trained.model)
    second = write_model(tmp_path, trained.model)
    third = write_model(tmp_path, trained.model, activate=False)
    assert [found.version for found in (first, second, third)] == ["v0001", "v0002", "v0003"]
    # The third waits to be activated.
    assert artifacts.current_version(tmp_path, "failure") == "v0002"
    text = (tmp_path / "failure" / "v0002" / "manifest.json").read_text()
    assert json.loads(text)["version"] == "v0002"


def test_saved_network_when_loaded_then_it_answers_as_before(trained):
    from core.failure import network

    windows = stack_windows(simulate_hosts(3, seed=98))
    folder = trained.models_dir / "failure" / "v0001"
    loaded = network.load(folder / "lstm_failure_predictor.keras")
    for model in (loaded, network.clone(loaded, unroll=True)):
        ours, our_causes = network.predict(trained.model.network, trained.model.scaler, windows)
        theirs, their_causes = network.predict(model, trained.model.scaler, windows)
        np.testing.assert_allclose(theirs, ours, atol=1e-6)
        np.testing.assert_allclose(their_causes, our_causes, atol=1e-6)


def test_clone_when_changed_then_the_original_stays_as_it_was(trained):
    from core.failure import network

    twin = network.clone(trained.model.network, unroll=False)
    before = [weights.copy() for weights in trained.model.network.get_weights()]
    twin.set_weights([weights + 1 for weights in twin.get_weights()])
    for ours, theirs in zip(trained.model.network.get_weights(), before, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_calibrate_when_done_then_probabilities_come_true_and_keep_their_order(trained):
    from core.failure import network

    twin = network.clone(trained.model.network, unroll=False)
    # Far too sure of failures.
    twin.get_layer("calibration").set_weights([np.array([[1.0]]), np.array([3.0])])
    windows = stack_windows(simulate_hosts(40, seed=97))
    windows = windows.where(windows.enough & ~windows.down)
    before, _ = network.predict(twin, trained.model.scaler, windows)
    twin.get_layer("calibration").set_weights([np.array([[1.0]]), np.array([0.0])])
    raw, _ = network.predict(twin, trained.model.scaler, windows)
    network.calibrate(twin, raw, windows.fails)
    after, _ = network.predict(twin, trained.model.scaler, windows)
    share = windows.fails.mean()
    assert before.mean() > share + 0.03
    assert after.mean() == pytest.approx(share, rel=0.05)
    np.testing.assert_array_equal(np.argsort(raw[:500]), np.argsort(after[:500]))


def test_calibrate_when_the_network_is_worse_than_chance_then_it_says_the_base_rate(trained):
    from core.failure import network

    twin = network.clone(trained.model.network, unroll=False)
    twin.get_layer("calibration").set_weights([np.array([[1.0]]), np.array([0.0])])
    windows = stack_windows(simulate_hosts(40, seed=97))
    windows = windows.where(windows.enough & ~windows.down)
    raw, _ = network.predict(twin, trained.model.scaler, windows)
    # As if just the windows that look worst did not fail.
    fails = raw < np.quantile(raw, 0.2)
    network.calibrate(twin, raw, fails)
    after, _ = network.predict(twin, trained.model.scaler, windows)
    assert after == pytest.approx(0.2, abs=0.01)


def test_sampled_when_windows_are_drawn_then_all_failures_stay_and_the_others_count_for_all():
    from core.failure.sampling import sampled

    windows = stack_windows(simulate_hosts(80, seed=96))
    usable = windows.enough & ~windows.down
    chosen, weights = sampled(windows, np.random.default_rng(1))
    assert chosen.fails.sum() == (windows.fails & usable).sum()
    assert (weights[chosen.fails] == 1).all()
    assert len(chosen) < usable.sum() / 2
    assert weights.sum() == pytest.approx(usable.sum(), rel=0.05)
    assert not chosen.down.any()
    # Some sensors, and some pasts, are hidden; never the whole window.
    assert not np.isnan(chosen.x).all(axis=(1, 2)).any()
    cpu_gone = np.isnan(chosen.x[:, :, 0]).all(axis=1).mean()
    assert cpu_gone > np.isnan(windows.x[usable][:, :, 0]).all(axis=1).mean() + 0.02
    no_past = np.isnan(chosen.usual).all(axis=(1, 2)).mean()
    assert no_past > np.isnan(windows.usual[usable]).all(axis=(1, 2)).mean() + 0.03
    # The windows they were drawn from are left as they were.
    again = stack_windows(simulate_hosts(80, seed=96))
    np.testing.assert_array_equal(windows.x, again.x)
    np.testing.assert_array_equal(windows.usual, again.usual)


def test_figures_when_trained_then_the_report_lacks_none(trained):
    figures = read_figures(trained.models_dir / "failure" / "v0001")
    assert figures is not None
    assert [cost.name for cost in figures.costs] == [NETWORK, *BASELINES]
    assert all(cost.training_s > 0 and cost.size_bytes > 0 for cost in figures.costs)
    assert {one.metric for one in figures.importances} == set(METRIC_NAMES)
    report = failure_report(trained.manifest, figures)
    shown = {figure.title: figure for section in report.sections for figure in section.figures}
    assert not [title for title, figure in shown.items() if isinstance(figure, Missing)]
    beside = shown["Decisions and costs"]
    assert [row[0] for row in beside.rows] == ["LSTM v0001", *BASELINES, "never warns"]
    assert "not kept" not in {cell for row in beside.rows for cell in row}


def test_rejudge_when_a_version_is_judged_again_then_its_scores_are_those_of_its_training(
    trained, tmp_path, monkeypatch
):
    monkeypatch.setattr(rejudge, "N_CALIBRATION_HOSTS", 40)
    again = rejudge.rewritten(trained.models_dir, "v0001", tmp_path)
    for test, scores in trained.manifest.scores.items():
        same = trained.manifest.baseline_scores[test] | {NETWORK: scores}
        for name, once in same.items():
            now = again.scores[test] if name == NETWORK else again.baseline_scores[test][name]
            for score in ("average_precision", "auc", "f1", "caught", "n_windows"):
                assert now[score] == pytest.approx(once[score], abs=1e-3), (test, name, score)
    figures = read_figures(tmp_path / "failure" / again.version)
    assert figures.costs[0].training_s is None
    assert figures.importances[0].metric == trained.model.figures.importances[0].metric
    assert not figures.losses
