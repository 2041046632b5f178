"""What came since a model was made: enough of it is compared, too little is said to be so."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from core import artifacts, dataset
from core.analytics.figures import Facts, Missing, Table
from core.analytics.since import host_since, tickets_since
from core.failure.figures import FailureFigures, InputProfile, write_figures
from core.metrics import METRIC_NAMES, Reading, Sample
from core.store import Correction, Store
from core.tickets.train import train
from tests.core.tickets.some_tickets import some_tickets

HOST = "web-7"


def silent(fraction: float, message: str) -> None:
    """Tell nobody."""


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    train(some_tickets(1200, seed=1, timestamps=True), folder, candidates=["linear_svm"])
    return folder


@pytest.fixture
def url(tmp_path) -> str:
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    Store(url).close()
    return url


def looked(model, tmp_path, url):
    return tickets_since(model, "v0001", tmp_path / "data", url, silent).figures


def test_tickets_when_nothing_came_then_it_says_that_there_is_not_enough(model, tmp_path, url):
    corrections, drifts = looked(model, tmp_path, url)
    assert isinstance(corrections, Missing)
    assert "0 tickets were corrected since v0001 was made, 30 are needed" in corrections.reason
    assert isinstance(drifts, Missing)


def test_tickets_when_many_were_corrected_then_it_is_judged_on_them(model, tmp_path, url):
    store = Store(url)
    frame = some_tickets(40, seed=9, telemetry=False)
    at = datetime.now(UTC) + timedelta(minutes=1)
    for text, category in zip(frame["ticket_text"], frame["ticket_category"], strict=True):
        store.add_correction(Correction(text=text, old="", new=category, who="ada", at=at))
    store.close()
    corrections, _ = looked(model, tmp_path, url)
    assert isinstance(corrections, Facts)
    assert corrections.says.startswith("Of 40 tickets that people corrected it has ")
    assert [fact.name for fact in corrections.facts][:2] == ["Accuracy", "Weighted F1"]


def test_tickets_when_newer_ones_are_busier_then_the_column_stands_first(model, tmp_path, url):
    later = some_tickets(900, seed=4)
    later["timestamp"] = np.datetime64("2026-01-01") + np.arange(len(later)).astype("m8[h]")
    later["memory_usage"] = np.minimum(later["memory_usage"] + 19, 99.0)
    later["vm_id"] = "vm-1"
    path = tmp_path / "later.csv"
    later.to_csv(path, index=False)
    dataset.import_file(path, tmp_path / "data")
    _, drifts = looked(model, tmp_path, url)
    assert isinstance(drifts, Table)
    verdicts = {row[0]: row[3] for row in drifts.rows}
    assert verdicts["memory usage"] == "great change"
    assert verdicts["task type"] == "little change"
    assert "900 tickets of the dataset since 2025-02-" in drifts.says


def host_model(folder, *, with_figures: bool = True):
    def fill(beside):
        (beside / "lstm_failure_predictor.onnx").touch()
        if with_figures:
            profile = InputProfile(
                metric="cpu_percent", edges=(20.0, 40.0), counts=(500, 500, 500), low=1, high=90
            )
            write_figures(beside, FailureFigures(inputs=(profile,)))

    artifacts.write_version(
        folder, "failure", fill=fill, data_hash="", seed=7, columns=METRIC_NAMES,
        classes=METRIC_NAMES, window=10, horizon=10,
        thresholds={"enter": 0.3, "exit": 0.2, "min_steps": 1},
        scores={"test": {"false_alarms_per_host_day": 0.28}}, baseline_scores={}, source="",
    )  # fmt: skip


def kept(url: str, minutes: int, cpu: float) -> None:
    store = Store(url)
    now = datetime.now(UTC)
    for step in range(minutes):
        at = now - timedelta(minutes=minutes - step)
        reading = Reading(metric="cpu_percent", value=cpu)
        store.add_sample(Sample(host=HOST, at=at, readings=(reading,)))
    for step in range(121):
        store.add_risk(HOST, now - timedelta(minutes=120 - step), 0.1, None, "v0001")
    store.open_alarm(HOST, now - timedelta(hours=1), 0.9, "cpu_percent", "busy")
    store.open_alarm(HOST, now - timedelta(hours=9), 0.9, "cpu_percent", "another model's")
    store.close()


def test_host_when_it_is_busier_than_any_host_learnt_from_then_all_lies_outside(tmp_path, url):
    host_model(tmp_path)
    kept(url, 100, cpu=95.0)
    drifts, alarms = host_since(tmp_path, "v0001", url, HOST, 60.0, silent).figures
    [row] = drifts.rows
    assert row[0] == "cpu percent"
    assert row[3] == "great change"
    assert row[4] == "100 %"
    assert alarms.says.startswith("v0001 began 1 alarm on this host in 2 h")
    assert "too short" in alarms.says


def test_host_when_it_was_not_watched_for_days_then_those_do_not_count(tmp_path, url):
    host_model(tmp_path)
    store, now = Store(url), datetime.now(UTC)
    for seconds in (6 * 86_400 + 5, 6 * 86_400, 15, 0):
        store.add_risk(HOST, now - timedelta(seconds=seconds), 0.9, None, "v0001")
    for seconds in (6 * 86_400, 3 * 86_400):  # the second by another version, in between
        store.open_alarm(HOST, now - timedelta(seconds=seconds), 0.9, "cpu_percent", "busy")
    store.close()
    _, alarms = host_since(tmp_path, "v0001", url, HOST, 5.0, silent).figures
    assert alarms.says == (
        "v0001 began 1 alarm on this host in 20 s of the last 7 days. "
        "That is too short to compare with its test."
    )
    facts = {fact.name: fact.value for fact in alarms.facts}
    assert (facts["Watched for"], facts["Windows judged"]) == ("20 s", "4")


def test_host_when_a_few_minutes_are_kept_then_there_are_not_enough_rows(tmp_path, url):
    host_model(tmp_path)
    kept(url, 5, cpu=95.0)
    drifts, _ = host_since(tmp_path, "v0001", url, HOST, 60.0, silent).figures
    assert drifts.says.startswith("Not enough rows to say")
    assert drifts.rows[0][1] == "not enough rows"


def test_host_when_the_version_kept_no_inputs_then_the_reason_names_the_command(tmp_path, url):
    host_model(tmp_path, with_figures=False)
    drifts, alarms = host_since(tmp_path, "v0001", url, HOST, 60.0, silent).figures
    assert "failure rejudge" in drifts.reason
    assert "has judged nothing on this host" in alarms.reason
