import numpy as np
import pytest

from core.failure.reasons import Explanation, explain
from core.failure.windows import LENGTH, usual_levels
from core.metrics import METRIC_NAMES, METRICS, metric_spec
from tests.core.failure.fakes import CALM, AdditiveModel, column, steps

USUAL = usual_levels(steps(50))
# Memory climbs by 1.8 points a minute to 91 %, ten steps of five seconds.
CLIMB = 91 - 0.15 * np.arange(LENGTH)[::-1]
EVERY_5_S = 5.0 * np.arange(LENGTH)
LEAK = {"memory_percent": 0.9, "cpu_percent": 0.06, "disk_percent": 0.04}


def leak_model(**changes: object) -> AdditiveModel:
    return AdditiveModel(
        **{"weights": {"memory_percent": 0.1}, "bias": -8.0, "names": LEAK, **changes}
    )


def explained(model: AdditiveModel, at_s: np.ndarray = EVERY_5_S, **metrics: object) -> Explanation:
    return explain(model, steps(LENGTH, **metrics).astype(np.float32), USUAL, at_s)


def test_reason_when_memory_leaks_then_it_is_one_sentence_with_what_was_measured():
    found = explained(leak_model(), memory_percent=CLIMB)
    assert found.probability == pytest.approx(1 / (1 + np.exp(8 - 0.1 * CLIMB.mean())))
    assert found.reason == (
        "memory 91 %, up 1.8 points a minute over the last 45 s; at this pace full in about 5 min."
    )


def test_time_left_when_the_likely_cause_climbs_to_its_limit_then_it_is_the_way_left_by_the_pace():
    found = explained(leak_model(), memory_percent=CLIMB)
    assert found.time_left_s == pytest.approx((300, 300), rel=0.01)


def test_reason_when_a_pause_lies_within_the_window_then_pace_and_time_left_are_by_the_clock():
    # 6 points a minute up to 94.5 %, with a hundred seconds between two of the steps.
    at_s = EVERY_5_S + np.where(np.arange(LENGTH) >= 5, 100.0, 0.0)
    found = explained(leak_model(), at_s, memory_percent=80 + 0.1 * at_s)
    assert found.reason == (
        "memory 94 %, up 6 points a minute over the last 2 min; at this pace full in about 55 s."
    )
    assert found.time_left_s == pytest.approx((55, 55), rel=0.01)


def test_time_left_when_the_climb_is_uneven_then_it_is_a_range_around_the_pace():
    noise = np.random.default_rng(1).normal(0, 0.3, LENGTH)
    earliest, latest = explained(leak_model(), memory_percent=CLIMB + noise).time_left_s
    assert earliest < 300 < latest


def test_time_left_when_its_upper_end_is_more_than_a_day_away_then_no_end_is_made_up():
    # 20 to 114 hours, by two standard errors on either side of the pace.
    every_5_min = 300.0 * np.arange(LENGTH)
    wavering = 60 + 0.1 * np.arange(LENGTH) + 0.4 * np.array([0, 1, -1, 0, 1, 0, -1, 1, 0, 0])
    found = explained(leak_model(bias=-5.0), every_5_min, memory_percent=wavering)
    assert found.time_left_s[1] == np.inf
    assert found.reason.endswith("; at this pace full in 20 h or more.")


@pytest.mark.parametrize(
    "memory",
    [
        np.full(LENGTH, 91.0),  # goes nowhere
        CLIMB[::-1],  # falls
        np.full(LENGTH, 100.0),  # is full already
        95 + 1e-5 * np.arange(LENGTH),  # takes longer than a day
    ],
    ids=["flat", "falling", "full", "slow"],
)
def test_time_left_when_there_is_no_end_in_sight_then_none_is_told(memory):
    found = explained(leak_model(), memory_percent=memory)
    assert found.time_left_s is None
    assert "at this pace" not in found.reason
    assert found.reason.startswith("memory ")


def test_time_left_when_the_metric_has_no_limit_then_none_is_told():
    model = AdditiveModel({"thread_count": 0.01}, bias=-4, names={"thread_count": 1.0})
    found = explained(model, thread_count=500 + 100 * np.arange(LENGTH))
    assert found.time_left_s is None
    assert found.reason == (
        "threads 1,400, up 1,200 a minute over the last 45 s (usual for this host: 500)."
    )


def test_reason_when_the_model_is_calm_then_it_says_so_whatever_climbs():
    found = explained(leak_model(bias=-20.0), memory_percent=CLIMB)
    assert found.reason == "Calm: no metric points to a failure."
    assert found.time_left_s is None


def test_reason_when_the_probability_reaches_the_exit_threshold_then_it_names_a_metric():
    model = leak_model(weights={}, bias=float(np.log(0.4 / 0.6)) + 1e-3)
    assert explained(model).reason.startswith("memory ")
    model.bias -= 2e-3
    assert explained(model).reason.startswith("Calm")


def test_reason_when_nothing_was_measured_then_it_says_so():
    blank = np.full((LENGTH, len(METRIC_NAMES)), np.nan, np.float32)
    found = explain(leak_model(), blank, None, EVERY_5_S)
    assert found.reason == "Nothing was measured in this window."
    assert found.causes == ()
    assert found.time_left_s is None


@pytest.mark.parametrize("missing", METRIC_NAMES)
def test_reason_when_a_metric_is_missing_then_it_appears_nowhere(missing):
    # A model that would blame the missing metric above all others.
    names = dict.fromkeys(METRIC_NAMES, 0.05) | {missing: 0.55}
    model = AdditiveModel({missing: 1.0}, bias=3.0, names=names)
    found = explained(model, **{missing: None})
    assert missing not in {cause.metric for cause in found.causes}
    assert len(found.causes) == 9
    assert metric_spec(missing).label.lower() not in found.reason.lower()
    assert np.isnan(found.cells[:, column(missing)]).all()


def test_reason_when_other_metrics_matter_too_then_they_follow_the_likely_cause():
    model = AdditiveModel(
        {"memory_percent": 0.1, "cpu_percent": 0.05},
        bias=-8.0,
        names={"memory_percent": 0.6, "cpu_percent": 0.1, "disk_percent": 0.3},
    )
    found = explained(model, memory_percent=91.0, cpu_percent=80.0)
    assert found.reason == (
        "memory 91 % (usual for this host: 40 %); disk 50 % (usual for this host: 50 %); "
        "CPU 80 % (usual for this host: 20 %)."
    )


def test_reason_when_the_others_do_not_matter_then_they_are_left_out():
    found = explained(leak_model(), memory_percent=91.0)
    assert found.reason == "memory 91 % (usual for this host: 40 %)."


def test_reason_when_the_host_has_no_past_then_nothing_is_said_of_what_is_usual():
    window = steps(LENGTH, memory_percent=91.0).astype(np.float32)
    assert explain(leak_model(), window, None, EVERY_5_S).reason == "memory 91 %."


def test_causes_when_ranked_then_by_how_likely_each_is_and_with_its_contribution():
    found = explained(leak_model(), memory_percent=91.0)
    assert [cause.metric for cause in found.causes[:3]] == list(LEAK)
    assert [cause.probability for cause in found.causes[:3]] == pytest.approx(list(LEAK.values()))
    expected = 0.1 * (91 - CALM["memory_percent"])
    assert found.causes[0].contribution == pytest.approx(expected, abs=1e-3)
    assert len(found.causes) == len(METRICS)


def test_causes_when_the_model_names_none_then_they_are_ranked_by_what_raises_the_risk():
    model = AdditiveModel(
        {"cpu_percent": 0.02, "memory_percent": 0.06, "disk_percent": -0.1}, bias=0.0
    )
    found = explained(model, cpu_percent=70.0, memory_percent=90.0, disk_percent=60.0)
    assert [cause.metric for cause in found.causes[:2]] == ["memory_percent", "cpu_percent"]
    # 0.06 x 50 of memory against 0.02 x 50 of cpu; disk lowers the risk and is none of it.
    assert [cause.probability for cause in found.causes[:2]] == pytest.approx(
        [0.75, 0.25], abs=1e-3
    )
    assert sum(cause.probability for cause in found.causes) == pytest.approx(1)
    disk = next(cause for cause in found.causes if cause.metric == "disk_percent")
    assert disk.probability == 0
    assert disk.contribution == pytest.approx(-1.0, abs=1e-3)


def test_causes_when_nothing_raises_the_risk_then_none_is_likely():
    found = explained(AdditiveModel({"cpu_percent": -0.1}), cpu_percent=70.0)
    assert {cause.probability for cause in found.causes} == {0.0}
