import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.failure.contributions import contributions
from core.failure.windows import LENGTH, usual_levels
from core.metrics import METRIC_NAMES
from tests.core.failure.fakes import CALM, AdditiveModel, ProductModel, column, steps

CPU, MEMORY, DISK = (column(name) for name in ("cpu_percent", "memory_percent", "disk_percent"))
OTHERS = [i for i in range(len(METRIC_NAMES)) if i not in (CPU, MEMORY)]
USUAL = usual_levels(steps(50))


def window(**metrics: object) -> np.ndarray:
    return steps(LENGTH, **metrics).astype(np.float32)


def odds_of(model: AdditiveModel | ProductModel, x: np.ndarray) -> float:
    probability = float(model.probabilities(x[None])[0][0])
    return float(np.log(probability / (1 - probability)))


def test_contributions_when_the_model_adds_up_then_each_is_its_weight_times_the_distance():
    model = AdditiveModel({"cpu_percent": 0.05, "memory_percent": -0.02}, bias=-1.0)
    by_metric, cells = contributions(model, window(cpu_percent=60.0, memory_percent=90.0), USUAL)
    assert by_metric[CPU] == pytest.approx(0.05 * (60 - CALM["cpu_percent"]), abs=1e-4)
    assert by_metric[MEMORY] == pytest.approx(-0.02 * (90 - CALM["memory_percent"]), abs=1e-4)
    np.testing.assert_allclose(by_metric[OTHERS], 0, atol=1e-4)
    np.testing.assert_allclose(cells.sum(axis=0), by_metric, atol=1e-9)


def test_contributions_when_the_past_is_not_known_then_they_are_against_knowing_nothing():
    model = AdditiveModel({"cpu_percent": 0.05}, bias=-1.0)
    for usual in (None, np.full_like(USUAL, np.nan)):
        by_metric, _ = contributions(model, window(cpu_percent=60.0), usual)
        assert by_metric[CPU] == pytest.approx(0.05 * 60, abs=1e-4)


def test_contributions_when_two_metrics_matter_only_together_then_they_share():
    model = ProductModel("cpu_percent", "memory_percent")
    by_metric, _ = contributions(model, window(cpu_percent=1.5, memory_percent=2.0), None)
    assert by_metric[[CPU, MEMORY]] == pytest.approx([1.5, 1.5], abs=1e-4)
    np.testing.assert_allclose(by_metric[OTHERS], 0, atol=1e-4)


def test_contributions_when_a_host_is_as_usual_then_nothing_contributes():
    model = AdditiveModel({"cpu_percent": 0.05, "memory_percent": 0.03}, bias=-2.0)
    by_metric, cells = contributions(model, window(), USUAL)
    np.testing.assert_allclose(by_metric, 0, atol=1e-4)
    np.testing.assert_allclose(cells, 0, atol=1e-4)


def test_cells_when_a_metric_climbs_then_the_later_steps_hold_the_more_of_it():
    climbing = 40 + np.arange(LENGTH) * 5.0
    model = AdditiveModel({"memory_percent": 0.05}, bias=-1.0)
    by_metric, cells = contributions(model, window(memory_percent=climbing), USUAL)
    expected = 0.05 * (climbing - CALM["memory_percent"]) / LENGTH
    np.testing.assert_allclose(cells[:, MEMORY], expected, atol=1e-4)
    assert cells[0, MEMORY] == pytest.approx(0, abs=1e-4)
    assert cells.sum() == pytest.approx(by_metric.sum())


def test_cells_when_no_step_alone_changes_anything_then_the_contribution_is_spread_evenly():
    class AnyHighCpu(AdditiveModel):
        """Alarmed as long as a single step is high."""

        def probabilities(self, x, usual=None):
            high = (np.nan_to_num(x[:, :, CPU]) > 50).any(axis=1)
            return np.where(high, 0.9, 0.1).astype(np.float32), None

    by_metric, cells = contributions(AnyHighCpu({}), window(cpu_percent=80.0), USUAL)
    assert by_metric[CPU] == pytest.approx(2 * np.log(9), abs=1e-4)
    np.testing.assert_allclose(cells[:, CPU], by_metric[CPU] / LENGTH)


def test_contributions_when_a_metric_is_missing_throughout_then_it_has_none():
    model = AdditiveModel({"cpu_percent": 0.05, "disk_percent": 0.05}, bias=-1.0)
    by_metric, cells = contributions(model, window(cpu_percent=60.0, disk_percent=None), USUAL)
    assert np.flatnonzero(np.isnan(by_metric)).tolist() == [DISK]
    assert np.isnan(cells[:, DISK]).all()
    assert by_metric[CPU] == pytest.approx(2.0, abs=1e-4)


def test_cells_when_some_steps_are_missing_then_the_others_hold_all_of_it():
    values = window(cpu_percent=70.0)
    values[[2, 5, 9], CPU] = np.nan
    by_metric, cells = contributions(AdditiveModel({"cpu_percent": 0.05}), values, USUAL)
    assert np.flatnonzero(np.isnan(cells[:, CPU])).tolist() == [2, 5, 9]
    assert by_metric[CPU] == pytest.approx(0.05 * 50 * 7 / LENGTH, abs=1e-4)
    assert np.nansum(cells[:, CPU]) == pytest.approx(by_metric[CPU])


def test_contributions_when_nothing_was_measured_then_there_are_none():
    blank = np.full((LENGTH, len(METRIC_NAMES)), np.nan, np.float32)
    by_metric, cells = contributions(AdditiveModel({"cpu_percent": 1.0}), blank, USUAL)
    assert np.isnan(by_metric).all()
    assert np.isnan(cells).all()


def test_contributions_when_the_model_is_certain_then_they_stay_finite():
    # As likely as not where CPU is usual, and in float32 exactly 1 where it is not.
    model = AdditiveModel({"cpu_percent": 1.0}, bias=-CALM["cpu_percent"])
    by_metric, _ = contributions(model, window(cpu_percent=99), USUAL)
    assert np.isfinite(by_metric).all()
    assert by_metric[CPU] > 10


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 2**20), missing=st.floats(0, 0.7), has_past=st.booleans())
def test_contributions_when_added_up_then_they_are_what_sets_this_window_apart(
    seed, missing, has_past
):
    rng = np.random.default_rng(seed)
    values = rng.uniform(0, 2, (LENGTH, len(METRIC_NAMES))).astype(np.float32)
    values[:, rng.random(len(METRIC_NAMES)) < missing] = np.nan
    values[rng.random(values.shape) < 0.1] = np.nan
    usual = usual_levels(rng.uniform(0, 2, (30, len(METRIC_NAMES)))) if has_past else None
    calm = np.full_like(values, np.nan)
    if usual is not None:
        calm = np.where(np.isnan(values), np.nan, usual[1]).astype(np.float32)
    weights = dict(zip(METRIC_NAMES, rng.normal(0, 0.5, len(METRIC_NAMES)), strict=True))
    for model in (AdditiveModel(weights), ProductModel("cpu_percent", "thread_count")):
        by_metric, cells = contributions(model, values, usual)
        apart = odds_of(model, values) - odds_of(model, calm)
        assert np.nansum(by_metric) == pytest.approx(apart, abs=1e-3)
        measured = ~np.isnan(by_metric)
        np.testing.assert_array_equal(measured, ~np.isnan(values).all(axis=0))
        np.testing.assert_array_equal(np.isnan(cells), np.isnan(values))
        np.testing.assert_allclose(
            np.nansum(cells, axis=0)[measured], by_metric[measured], atol=1e-6
        )
