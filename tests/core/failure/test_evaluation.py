from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from core.failure.alarm import AlarmPolicy, alarm_steps
from core.failure.evaluation import calibration_error, choose_policy, evaluate
from core.failure.figures import figures_of
from core.failure.ranking import rank
from core.failure.windows import Windows
from core.metrics import METRIC_NAMES
from tests.core.failure.fakes import column, judged_windows

MEMORY, CPU = column("memory_percent"), column("cpu_percent")


def two_hosts() -> Windows:
    """Ten windows of a host without fault, then ten of one at fault from 4 on, down from 8 on."""
    return judged_windows(
        host=[0] * 10 + [1] * 10,
        fault=[0] * 14 + [1] * 6,
        fails=[0] * 15 + [1] * 3 + [0] * 2,
        down=[0] * 18 + [1] * 2,
    )


SAID = np.array([0.1] * 3 + [0.9] + [0.1] * 6 + [0.1] * 4 + [0.5, 0.5, 0.8, 0.9, 0.7, 0.7])


def naming(*metrics: int) -> np.ndarray:
    causes = np.zeros((len(metrics), len(METRIC_NAMES)))
    causes[np.arange(len(metrics)), metrics] = 1
    return causes


def on(*rows: int, n: int = 20) -> np.ndarray:
    return np.isin(np.arange(n), rows)


def test_evaluate_when_worked_out_by_hand_then_the_same():
    named = naming(*[CPU] * 16, *[MEMORY] * 4)
    report = evaluate(two_hosts(), SAID, named, on(3, 4, 16, 17, 18), [60.0, 60.0])
    assert (report.n_hosts, report.n_windows, report.n_failing_windows) == (2, 18, 3)
    assert (report.n_failing_hosts, report.n_healthy_hosts) == (1, 1)
    # Of 3 x 15 pairs: 13.5 + 14 + 14.5 are in the right order, ties count half.
    assert report.auc == pytest.approx(42 / 45)
    assert report.average_precision == pytest.approx((1 / 2 + 2 / 3 + 3 / 5) / 3)
    assert report.brier == pytest.approx((13 * 0.01 + 0.81 + 2 * 0.25 + 0.04 + 0.01) / 18)
    # Bins: 13 said 0.1 and none failed; 0.5 came true; 0.8 failed; of two that said 0.9 one failed.
    assert report.calibration_error == pytest.approx((1.3 + 0 + 0.2 + 0.8) / 18)
    assert report.caught == 1
    assert report.lead_median_steps == 2
    assert report.lead_median_s == report.lead_low_s == report.lead_high_s == 120
    # One alarm in the ten minutes of the host without fault.
    assert report.false_alarms_per_host_day == pytest.approx(144)
    assert report.false_alarm_share == pytest.approx(0.2)
    assert report.cause_right_caught == 1.0
    assert report.cause_right_last == pytest.approx(2 / 3)


def test_evaluate_when_the_interval_is_another_then_leads_and_days_are_in_its_time():
    report = evaluate(two_hosts(), SAID, None, on(3, 16, 17), [5.0, 10.0])
    assert report.lead_median_steps == 2
    assert report.lead_median_s == 20
    assert report.false_alarms_per_host_day == pytest.approx(86_400 / 50)


def test_evaluate_when_no_cause_is_named_then_there_is_no_score_of_causes():
    report = evaluate(two_hosts(), SAID, None, on(16), [60.0, 60.0])
    assert report.cause_right_caught is None
    assert report.cause_right_last is None


def test_evaluate_when_the_alarm_came_before_the_fault_or_after_the_end_then_nothing_is_caught():
    for rows in ((11, 12), (18, 19), ()):
        report = evaluate(two_hosts(), SAID, naming(*[MEMORY] * 20), on(*rows), [60.0, 60.0])
        assert report.caught == 0
        assert report.lead_median_s is None
        assert report.cause_right_caught is None
        assert report.cause_right_last == 1.0


def test_evaluate_when_the_onset_is_not_told_then_any_alarm_before_the_failure_counts():
    windows = two_hosts()
    untold = replace(windows, cause=np.full(20, -1))
    report = evaluate(untold, SAID, naming(*[MEMORY] * 20), on(11), [60.0, 60.0])
    assert (report.caught, report.lead_median_steps) == (1, 7)
    assert report.n_failing_hosts == 1
    assert report.n_healthy_hosts == 1


def test_evaluate_when_the_cause_is_wrong_in_half_of_the_alarm_then_it_is_not_right():
    named = naming(*[CPU] * 17, *[MEMORY] * 3)
    report = evaluate(two_hosts(), SAID, named, on(16, 17), [60.0, 60.0])
    assert report.cause_right_caught == 0.0


def test_evaluate_when_several_hosts_fail_then_leads_have_a_spread():
    n_hosts = 4
    windows = judged_windows(
        host=np.repeat(np.arange(n_hosts), 10),
        fault=np.tile([0] * 2 + [1] * 8, n_hosts),
        fails=np.tile([0] * 2 + [1] * 7 + [0], n_hosts),
        down=np.tile([0] * 9 + [1], n_hosts),
    )
    # Alarms 1, 2, 3 and 7 steps ahead.
    alarm = on(8, 17, 18, 26, 27, 28, *range(32, 40), n=40)
    report = evaluate(windows, np.linspace(0, 1, 40), None, alarm, [1.0] * n_hosts)
    assert report.caught == report.n_failing_hosts == 4
    assert report.lead_median_s == 2.5
    assert (report.lead_low_s, report.lead_high_s) == (1.75, 4.0)
    # Every host has a fault: false alarms cannot be told.
    assert report.false_alarms_per_host_day is None
    assert report.false_alarm_share is None
    assert report.n_healthy_hosts == 0


def test_evaluate_when_nothing_fails_then_only_what_can_be_told_is():
    windows = judged_windows(host=[0] * 5, fault=[0] * 5, fails=[0] * 5, down=[0] * 5)
    report = evaluate(windows, np.full(5, 0.2), naming(*[CPU] * 5), on(n=5), [60.0])
    assert report.auc is None
    assert report.average_precision is None
    assert report.auc_interval is None
    assert report.brier == pytest.approx(0.04)
    assert report.calibration_error == pytest.approx(0.2)
    assert (report.caught, report.n_failing_hosts) == (0, 0)
    assert report.lead_median_s is None
    assert report.cause_right_last is None
    assert report.false_alarm_share == 0.0


def test_evaluate_when_windows_are_not_full_then_they_do_not_count():
    windows = replace(two_hosts(), enough=~on(0, 1, 15))
    said = SAID.copy()
    said[[0, 1, 15]] = np.nan
    report = evaluate(windows, said, None, on(16), [60.0, 60.0])
    assert (report.n_windows, report.n_failing_windows) == (15, 2)
    assert np.isfinite(report.brier)


def test_evaluate_when_no_window_is_full_then_nothing_is_said_to_be_perfect():
    windows = replace(two_hosts(), enough=np.zeros(20, dtype=bool))
    report = evaluate(windows, np.full(20, np.nan), None, on(), [60.0, 60.0])
    assert report.n_windows == 0
    assert (report.brier, report.calibration_error, report.auc, report.accuracy) == (None,) * 4
    # The figures of the same test can be drawn from nothing, too.
    figures = figures_of(windows, np.full(20, np.nan), None, on(), [60.0, 60.0])
    assert (figures.bins, figures.curve) == ((), ())


def test_calibration_error_when_probabilities_come_true_then_it_is_zero():
    said = np.repeat([0.05, 0.25, 0.75], 100)
    came = np.concatenate([np.arange(100) < 5, np.arange(100) < 25, np.arange(100) < 75])
    assert calibration_error(said, came) == pytest.approx(0)
    assert calibration_error(np.ones(4), np.zeros(4, dtype=bool)) == 1.0
    assert calibration_error(np.empty(0), np.empty(0, dtype=bool)) is None


def test_rank_when_many_are_equal_then_the_scores_are_those_of_scikit_learn():
    rng = np.random.default_rng(4)
    fails = rng.random(600) < 0.2
    said = np.round(np.clip(rng.normal(0.3 + 0.2 * fails, 0.2), 0, 1), 1)
    ranking = rank(said, fails, np.repeat(np.arange(60), 10))
    assert ranking is not None
    assert ranking.auc == pytest.approx(roc_auc_score(fails, said))
    assert ranking.average_precision == pytest.approx(average_precision_score(fails, said))
    assert ranking.auc_interval[0] < ranking.auc < ranking.auc_interval[1]
    low, high = ranking.average_precision_interval
    assert low < ranking.average_precision < high


def test_rank_when_hosts_are_few_then_the_interval_is_wider_than_for_as_many_windows_of_their_own():
    rng = np.random.default_rng(4)
    fails = np.repeat(np.arange(20) < 6, 30)
    said = np.clip(np.repeat(rng.normal(0.3 + 0.3 * fails[::30], 0.2), 30), 0, 1)
    few = rank(said, fails, np.repeat(np.arange(20), 30))
    many = rank(said, fails, np.arange(600))
    assert few is not None
    assert many is not None
    assert np.ptp(few.auc_interval) > 2 * np.ptp(many.auc_interval)


def told_apart(n_failing: int, n_calm: int, rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    """Return what is said of 20 windows each of hosts that differ, whether they fail, the host."""
    n = n_failing + n_calm
    host = np.repeat(np.arange(n), 20)
    fails = (host < n_failing) & (np.arange(host.size) % 20 >= 15)
    rise = np.where(np.arange(n) < n_failing, rng.normal(2, 1.2, n), 0.0)[host] * fails
    return rng.normal(0, 0.7, n)[host] + rise + rng.normal(0, 0.5, host.size), fails, host


@pytest.mark.parametrize("n_failing", [1, 3, 5, 12])
def test_rank_when_few_hosts_fail_then_the_interval_holds_what_many_would_give(n_failing):
    rng = np.random.default_rng(0)
    true = rank(*told_apart(600, 3_000, rng))
    held = []
    for _ in range(60):
        found = rank(*told_apart(n_failing, 20, rng))
        held.append(found.auc_interval[0] <= true.auc <= found.auc_interval[1])
    assert np.mean(held) >= 0.9


def test_rank_when_two_hosts_are_told_without_a_mistake_then_that_is_not_certain():
    said = np.array([0.9, 0.1, 0.9, 0.1, 0.2])
    found = rank(said, said > 0.5, np.array([0, 0, 1, 1, 2]))
    assert found.auc == 1.0
    assert found.auc_interval == pytest.approx((0.34, 1.0), abs=0.01)


@pytest.mark.parametrize("fails", [[0, 0, 0], [1, 1, 1]])
def test_rank_when_there_is_one_outcome_only_then_there_is_nothing_to_rank(fails):
    assert rank(np.array([0.1, 0.2, 0.3]), np.array(fails, dtype=bool), np.arange(3)) is None


def noisy_hosts(seed: int) -> tuple[Windows, np.ndarray]:
    """Forty calm hosts, twenty that fail; probabilities of the failing ones rise, noise on all."""
    rng = np.random.default_rng(seed)
    n_hosts, n_steps = 60, 100
    failing = np.arange(n_hosts) >= 40
    step = np.tile(np.arange(n_steps), n_hosts)
    host = np.repeat(np.arange(n_hosts), n_steps)
    ill = failing[host]
    windows = judged_windows(
        host=host,
        fault=ill & (step >= 70),
        fails=ill & (step >= 85) & (step < 95),
        down=ill & (step >= 95),
    )
    rising = np.where(ill, np.clip((step - 70) / 30, 0, 1), 0) * rng.uniform(0.2, 1, n_hosts)[host]
    return windows, np.clip(0.05 + 0.6 * rising + rng.exponential(0.05, host.size), 0, 1)


@pytest.mark.parametrize("bound", [0.05, 0.01, 0.002, 0.0005])
@pytest.mark.parametrize("seed", [1, 2])
def test_choose_policy_when_there_are_healthy_hosts_then_the_bound_on_false_alarms_holds(
    bound, seed
):
    windows, said = noisy_hosts(seed)
    policy = choose_policy(windows, said, bound)
    alarm = alarm_steps(said, windows.host, policy)
    assert alarm[windows.host < 40].mean() <= bound
    assert policy.exit < policy.enter


def test_choose_policy_when_more_false_alarms_are_allowed_then_more_failures_are_caught():
    windows, said = noisy_hosts(1)

    def caught(bound: float) -> int:
        alarm = alarm_steps(said, windows.host, choose_policy(windows, said, bound))
        return evaluate(windows, said, None, alarm, [60.0] * 60).caught

    assert caught(0.01) >= 10
    assert caught(0.05) >= caught(0.01) >= caught(0.0005)
    assert caught(0.05) > caught(0.0005)


def test_choose_policy_when_failures_stand_out_then_all_are_caught_by_the_highest_threshold():
    windows, _ = noisy_hosts(1)
    said = np.where(windows.fails, 0.9, np.random.default_rng(1).uniform(0, 0.3, len(windows)))
    policy = choose_policy(windows, said, 0.001)
    alarm = alarm_steps(said, windows.host, policy)
    assert evaluate(windows, said, None, alarm, [60.0] * 60).caught == 20
    assert not alarm[windows.host < 40].any()


def test_choose_policy_when_nothing_can_be_caught_within_the_bound_then_calm_hosts_are_left_alone():
    windows, _ = noisy_hosts(1)
    said = np.random.default_rng(1).random(len(windows))  # knows nothing
    policy = choose_policy(windows, said, 0.0005)
    assert alarm_steps(said, windows.host, policy)[windows.host < 40].mean() <= 0.0005


def test_choose_policy_when_every_host_fails_then_most_failures_are_caught_without_a_bound():
    windows, said = noisy_hosts(1)
    faulty = windows.host >= 40
    windows, said = windows.where(faulty), said[faulty]

    alarm = alarm_steps(said, windows.host, choose_policy(windows, said, 0.05))
    assert evaluate(windows, said, None, alarm, [60.0] * 60).caught == 20


def test_choose_policy_when_windows_are_not_full_then_they_are_passed_over():
    windows, said = noisy_hosts(1)
    gone = windows.step % 100 < 9
    said = np.where(gone, np.nan, said)
    policy = choose_policy(replace(windows, enough=~gone), said, 0.01)
    assert isinstance(policy, AlarmPolicy)
    assert np.isfinite([policy.enter, policy.exit]).all()
