"""Model Analytics: the active failure model beside its baselines, on hosts it has not seen."""

import shutil
from dataclasses import asdict
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import config
from core import artifacts, resources
from core.comparison import Comparison
from core.failure.evaluation import EvaluationReport
from core.metrics import METRIC_NAMES
from core.tickets.train import train
from pages.ui.errors import NOTHING
from tests.core.tickets.some_tickets import some_tickets

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


def opened(**address: str) -> AppTest:
    app = AppTest.from_file(MAIN, default_timeout=60)
    app.switch_page("model_analytics.py")
    for name, value in address.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def plain(text: str) -> str:
    """Return text as it is read, without what keeps Markdown from reading it."""
    return text.replace(NOTHING, "").replace("\\", "")


def all_text(app: AppTest) -> str:
    parts = (*app.header, *app.subheader, *app.markdown, *app.caption, *app.error)
    return plain("\n".join(part.value for part in parts))


@pytest.mark.parametrize(("own", "verb"), [(0.36, "beats"), (0.2, "does not beat")])
def test_scores_when_judged_then_the_page_says_whether_the_best_baseline_is_beaten(own, verb):
    rule, trees = report(0.03), report(0.23)
    write({"test": report(own)}, {"test": {"threshold rule": rule, "xgboost": trees}})
    app = opened()
    assert plain(app.header[0].value) == (
        f"v0001 {verb} its best baseline: average precision {own:.2f} "
        f"({own - 0.03:.2f}-{own + 0.03:.2f}) against 0.23 (0.20-0.26) (xgboost), "
        "357,477 rows."
    )
    table = app.dataframe[0].value
    assert list(table["Model"]) == ["LSTM v0001", "threshold rule", "xgboost"]
    assert any("357,477 windows of 1,500 hosts" in plain(caption.value) for caption in app.caption)
    assert "Where the data came from" in [element.value for element in app.subheader]
    assert "Made from" in set(app.dataframe[-1].value["What"])


def test_scores_when_a_recording_was_too_short_to_judge_then_no_number_is_made_up():
    unknown = ("average_precision", "average_precision_interval", "auc", "brier")
    nothing = report(0.3) | dict.fromkeys((*unknown, "calibration_error"), None) | {"n_windows": 0}
    tests = {"test": report(0.36), "recorded hosts, five.csv": nothing}
    write(tests, {"test": {}, "recorded hosts, five.csv": {}})
    tables = [table.value for table in opened().dataframe]
    shown = [table for table in tables if "Calibration error" in table]
    assert [list(table["Calibration error"]) for table in shown] == [["0.0006"], ["none"]]
    assert [list(table["Brier"]) for table in shown] == [["0.0112"], ["none"]]


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
    assert "failure evaluate --data" in plain(opened().header[0].value)


def test_page_when_there_is_no_model_then_it_names_the_command_that_trains_one():
    assert "core failure train" in opened().error[0].value


TICKETS = {"model": "Ticket models"}


@pytest.fixture(scope="module")
def two_versions(tmp_path_factory) -> Path:
    """Two small ticket models of different data, the first of them demo and active."""
    folder = tmp_path_factory.mktemp("models")
    for seed, is_demo in ((1, True), (2, False)):
        frame = some_tickets(300, seed=seed, timestamps=True)
        train(frame, folder, candidates=["logistic", "linear_svm"], is_demo=is_demo)
    artifacts.activate(folder, "tickets", "v0001")
    return folder


@pytest.fixture
def shown(two_versions, tmp_path, monkeypatch) -> Path:
    folder = tmp_path / "shown"
    shutil.copytree(two_versions, folder)
    monkeypatch.setenv("MODELS_DIR", str(folder))
    return folder


def test_tickets_when_a_demo_model_is_active_then_the_line_and_the_mark_stand_first(shown):
    app = opened(**TICKETS)
    headline = plain(app.header[0].value)
    assert headline.startswith("v0001 does not surely beat its best baseline: weighted F1 0.")
    assert "rows) against 0." in headline
    text = all_text(app)
    assert "Demo: it was trained and judged on made-up tickets." in text
    for title in (
        "Confusion",
        "Reliability",
        "Precision and coverage",
        "Origin and leakage",
        "The model's own weights",
        "What it loses without an input",
    ):
        assert f"**{title}**" in text  # fmt: skip


def test_tickets_when_another_version_is_chosen_then_it_says_that_it_is_not_active(shown):
    app = opened(**TICKETS)
    app.selectbox(key="tickets_version").select("v0002").run()
    assert not app.exception
    text = all_text(app)
    assert "v0002 is not active: v0001 answers now." in text
    assert "Demo:" not in text


def test_tickets_when_two_are_compared_then_differences_stand_side_by_side(shown):
    app = opened(**TICKETS)
    app.selectbox(key="tickets_beside").select("v0002").run()
    assert not app.exception
    table = app.dataframe[0].value
    assert list(table.columns) == ["Score", "v0001", "v0002", "Difference"]
    assert "weighted F1" in set(table["Score"])
    first = table.iloc[0]
    gap = float(first["v0001"]) - float(first["v0002"])
    assert float(first["Difference"]) == pytest.approx(gap, abs=0.002)
    assert "v0001 is active. They were made from different data" in all_text(app)


@pytest.mark.parametrize(("low", "verdict"), [(0.01, "not worse"), (-0.09, "not shown to be")])
def test_tickets_when_one_challenged_the_other_then_what_came_of_it_stands_first(
    shown, low, verdict
):
    found = Comparison(
        champion="v0001",
        challenger="v0002",
        score="weighted F1",
        rows="tickets",
        n_rows=60,
        champion_score=0.8,
        challenger_score=0.83,
        difference=0.03,
        low=low,
        high=0.05,
    )
    artifacts.keep_of_training(shown, "tickets", "v0002", comparison=found.as_json())
    app = opened(**TICKETS, tickets_beside="v0002")
    told = {metric.label: metric.value for metric in app.metric}
    assert told["weighted F1 v0002"] == "0.830"
    assert told["Difference (95 %)"] == f"+3.0 ({100 * low:+.1f} to +5.0) points"
    assert f"v0002 is {verdict}" in all_text(app)
    assert "paired bootstrap" in next(metric.help for metric in app.metric if metric.help)


def test_tickets_when_two_never_met_then_the_page_says_when_versions_are_compared(shown):
    app = opened(**TICKETS, tickets_beside="v0002")
    assert "These two were not compared: a new version is" in all_text(app)


def test_tickets_when_nothing_was_imported_yet_then_drift_is_told_of_the_demo_data(shown):
    opened(**TICKETS)
    assert resources.dataset().report.is_demo
    found = resources.since("tickets", "v0001").wait(60.0).result
    assert found is not None
    drift = found.figures[1]
    assert drift.title == "Drift of the inputs"
    assert "No dataset" not in str(drift)


def test_tickets_when_a_version_is_corrupt_then_the_error_names_what_mends_it(shown):
    (shown / "tickets" / "v0001" / "metrics.json").write_text("{}")
    app = AppTest.from_file(MAIN, default_timeout=60)
    app.switch_page("model_analytics.py")
    app.query_params["model"] = "Ticket models"
    app.run()
    assert "is not the file that was written" in plain(app.error[0].value)
    assert "tickets activate v0002" in plain(app.error[0].value)
    app.selectbox(key="tickets_version").select("v0002").run()
    assert not app.error


def test_failure_when_a_version_has_no_figures_then_their_places_say_why():
    write({"test": report(0.36)}, {"test": {"xgboost": report(0.2)}})
    app = opened()
    assert "v0001 was made before this was kept" in all_text(app)
    assert "How early it warns" in [element.value for element in app.subheader]
    assert "**How early it warns**" not in all_text(app)  # not twice
