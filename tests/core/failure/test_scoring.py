from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from core.failure.scoring import evaluate_hosts, score_hosts
from core.failure.serving import FailureModel, load_model
from core.failure.windows import LENGTH
from tests.core.failure.fakes import (
    NOON,
    column,
    failing_record,
    leaking_hosts,
    memory_graph,
    record,
    sigmoid,
    steps,
    write_memory_model,
)


@pytest.fixture
def model(tmp_path: Path) -> FailureModel:
    write_memory_model(tmp_path)
    return load_model(tmp_path)


def test_score_when_hosts_are_scored_then_every_full_window_of_every_host_is_there(model):
    records = [
        record(steps(30), host="a", interval_s=5.0),
        record(steps(LENGTH - 1), host="too-short"),
        record(steps(12, memory_percent=91.0), host="b"),
    ]
    scored = list(score_hosts(model, records))
    assert [window.host for window in scored] == ["a"] * 21 + ["b"] * 3
    assert [window.at for window in scored[:2]] == [
        NOON + timedelta(seconds=45),
        NOON + timedelta(seconds=50),
    ]
    assert scored[-1].at == NOON + timedelta(minutes=11)
    assert scored[-1].probability == pytest.approx(float(sigmoid(np.array(11 / 4))), rel=1e-5)
    assert scored[-1].cause == "memory_percent"


def test_score_when_risk_is_high_for_long_enough_then_the_alarm_is_on_and_ends_when_calm(model):
    memory = [40.0] * 15 + [95.0] * 3 + [40.0] * 6
    scored = list(score_hosts(model, [record(steps(24, memory_percent=memory))]))
    on = [window.at for window in scored if window.alarm]
    assert on == [NOON + timedelta(minutes=minute) for minute in (16, 17, 18, 19)]


def test_score_when_the_model_names_no_causes_then_none_is_told(tmp_path):
    write_memory_model(tmp_path, graph=memory_graph(names_causes=False))
    scored = list(score_hosts(load_model(tmp_path), [record(steps(12))]))
    assert [window.cause for window in scored] == ["", "", ""]


def test_evaluate_when_hosts_leak_then_the_model_is_judged_beside_the_threshold_rule(model):
    report, rule = evaluate_hosts(model, leaking_hosts())
    for judged in (report, rule):
        assert (judged.n_hosts, judged.n_failing_hosts, judged.n_healthy_hosts) == (4, 2, 2)
        assert judged.n_failing_windows == 2 * LENGTH
        assert judged.n_windows == 4 * 150 - 4 * 9 - 2 * 15
        assert judged.false_alarm_share == 0.0
    assert report.caught == rule.caught == 2
    assert report.cause_right_last == report.cause_right_caught == 1.0
    assert rule.cause_right_last is None
    # The model says 0.6 at 81.6 %, the rule speaks up at 90 %.
    assert report.lead_median_steps > rule.lead_median_steps
    assert report.lead_median_s == report.lead_median_steps * 60
    assert report.auc > 0.95


def test_evaluate_when_a_host_falls_silent_in_alarm_then_it_is_one_alarm_for_both(model):
    values = steps(90, memory_percent=95.0)
    values[15:60] = np.nan
    for judged in evaluate_hosts(model, [record(values)]):
        n_full = judged.n_windows
        assert judged.false_alarms_per_host_day == pytest.approx(1 / (n_full * 60 / 86_400))


def test_evaluate_when_there_is_a_single_host_or_no_failure_then_it_tells_what_it_can(model):
    report, _ = evaluate_hosts(model, [record(steps(40))])
    assert report.auc is None
    assert report.n_failing_hosts == 0
    values = steps(60)
    values[30:, column("memory_percent")] = 95.0
    report, _ = evaluate_hosts(model, [failing_record(values, onset=30, down=50)])
    assert (report.n_hosts, report.n_failing_hosts, report.caught) == (1, 1, 1)
    assert report.false_alarm_share is None
