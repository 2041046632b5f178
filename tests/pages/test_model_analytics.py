"""Model Analytics: the active failure model beside its baselines, on hosts it has not seen."""

from dataclasses import asdict
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import config
from core import artifacts
from core.failure.evaluation import EvaluationReport
from core.metrics import METRIC_NAMES

MAIN = str(config.ROOT / "pages" / "main.py")


def report(average_precision: float, **changes: object) -> dict[str, object]:
    low, high = average_precision - 0.03, average_precision + 0.03
    scores = EvaluationReport(
        n_hosts=1500,
        n_windows=357_477,
        n_failing_windows=5260,
        n_failing_hosts=12,
        n_healthy_hosts=748,
        auc=0.95,
        auc_interval=(0.94, 0.96),
        average_precision=average_precision,
        average_precision_interval=(low, high),
        brier=0.0112,
        calibration_error=0.0006,
        caught=8,
        lead_median_s=3360.0,
        lead_low_s=540.0,
        lead_high_s=4695.0,
        lead_median_steps=56.0,
        false_alarms_per_host_day=0.2,
        false_alarm_share=0.0012,
        cause_right_caught=0.96,
        cause_right_last=0.975,
    )
    return {**asdict(scores), **changes}


def write(scores: dict[str, object], baselines: dict[str, object]) -> None:
    models_dir = config.load().models_dir
    manifest = artifacts.write_version(
        models_dir,
        "failure",
        fill=lambda folder: Path(folder / "lstm_failure_predictor.onnx").touch(),
        data_hash="",
        seed=7,
        columns=METRIC_NAMES,
        classes=METRIC_NAMES,
        window=10,
        horizon=10,
        thresholds={"enter": 0.34, "exit": 0.2, "min_steps": 1},
        scores=scores,
        baseline_scores=baselines,
        source="10000 simulated hosts, seed 7",
    )
    artifacts.activate(models_dir, "failure", manifest.version)


def opened() -> AppTest:
    app = AppTest.from_file(MAIN, default_timeout=30)
    app.switch_page("model_analytics.py")
    app.run()
    assert not app.exception
    return app


@pytest.mark.parametrize(("own", "verb"), [(0.36, "beats"), (0.2, "does not beat")])
def test_scores_when_judged_then_the_page_says_whether_the_best_baseline_is_beaten(own, verb):
    rule, trees = report(0.03), report(0.23)
    write({"test": report(own)}, {"test": {"threshold rule": rule, "xgboost": trees}})
    app = opened()
    assert app.header[0].value == (
        f"v0001 {verb} its best baseline: average precision {own:.2f} "
        f"({own - 0.03:.2f}-{own + 0.03:.2f}) against 0.23 (0.20-0.26) (xgboost)."
    )
    table = app.dataframe[0].value
    assert list(table["Model"]) == ["LSTM v0001", "threshold rule", "xgboost"]
    assert any("357,477 windows of 1,500 hosts" in caption.value for caption in app.caption)


def test_scores_when_recorded_hosts_were_judged_then_real_crashes_are_told_apart():
    tests = {"test": report(0.36), "recorded hosts, crashes.csv.gz": report(0.33)}
    write(tests, {"test": {}, "recorded hosts, crashes.csv.gz": {}})
    told = {metric.label: metric.value for metric in opened().metric}
    assert told["Alarmed before the crash"] == "8 of 12"
    assert told["Median lead time"] == "56 min"
    assert told["Windows in false alarm"] == "0.12 %"
    assert told["Cause right"] == "98 %"


def test_scores_when_an_imported_model_has_none_then_the_page_names_the_command():
    write({}, {})
    assert "failure evaluate --data" in opened().info[0].value


def test_page_when_there_is_no_model_then_it_names_the_command_that_trains_one():
    assert "core failure train" in opened().error[0].value
