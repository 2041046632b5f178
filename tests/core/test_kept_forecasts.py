"""Forecasts that outlive the app: the same after a restart, and never those of something else."""

from pathlib import Path

import numpy as np
import pytest

from core.dataset import ImportedDataset, import_file
from core.fleet_jobs import FleetForecasts
from core.forecast import Forecast
from core.kept_forecasts import FILE, kept_or_forecast
from tests.pages.some_fleet import some_fleet

DAY_S = 86_400.0


@pytest.fixture
def dataset(tmp_path: Path) -> ImportedDataset:
    return import_file(some_fleet(24 * 4).to_csv(index=False).encode(), tmp_path)


def made(dataset: ImportedDataset, horizon_s: float = DAY_S) -> tuple[FleetForecasts, bool]:
    """Return the forecasts, and whether they were made: that takes time, and tells of it."""
    told: list[float] = []
    found = kept_or_forecast(dataset, horizon_s, lambda done, _: told.append(done))
    return found, bool(told)


def assert_same(found: FleetForecasts, first: FleetForecasts) -> None:
    assert (found.n_machines, found.n_vms) == (first.n_machines, first.n_vms)
    assert found.horizon_s == first.horizon_s
    assert len(found.forecasts) == len(first.forecasts) > 0
    for one, other in zip(found.forecasts, first.forecasts, strict=True):
        assert type(one) is type(other)
        assert (one.resource, one.metric, one.history_end) == (
            other.resource,
            other.metric,
            other.history_end,
        )
        if isinstance(one, Forecast) and isinstance(other, Forecast):
            assert (one.backtest, one.seasons, one.notes, one.model) == (
                other.backtest,
                other.seasons,
                other.notes,
                other.model,
            )
            assert np.array_equal(one.demand_mean, other.demand_mean)
            assert (one.demand_level, one.is_rate) == (other.demand_level, other.is_rate)
            for level in (0.5, 0.8, 0.95):
                assert np.array_equal(one.band(level).low, other.band(level).low)
                assert np.array_equal(one.band(level).high, other.band(level).high)
    for course, other_course in zip(found.courses, first.courses, strict=True):
        assert (course.resource, course.metric) == (other_course.resource, other_course.metric)
        assert np.array_equal(course.at, other_course.at)
        assert np.array_equal(course.high, other_course.high)


def test_forecasts_when_made_before_then_they_are_the_same_and_not_made_again(dataset):
    first, was_made = made(dataset)
    assert was_made
    again, was_made = made(dataset)
    assert not was_made
    assert_same(again, first)


def test_forecasts_when_another_time_ahead_is_asked_for_then_they_are_made_anew(dataset):
    made(dataset)
    other, was_made = made(dataset, 2 * DAY_S)
    assert was_made
    longest = max(one.mean.size for one in other.forecasts if isinstance(one, Forecast))
    assert longest == 48


@pytest.mark.parametrize("damage", ["flipped", "cut", "emptied", "other"])
def test_forecasts_when_what_was_kept_is_damaged_then_they_are_made_anew(dataset, damage):
    first, _ = made(dataset)
    kept = dataset.folder / FILE
    data = kept.read_bytes()
    middle = len(data) // 2
    kept.write_bytes(
        {
            "flipped": data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :],
            "cut": data[:middle],
            "emptied": b"",
            "other": b"not an archive",
        }[damage]
    )
    again, was_made = made(dataset)
    assert was_made
    assert_same(again, first)
    assert not made(dataset)[1]


def test_forecasts_when_they_cannot_be_kept_then_they_are_there_all_the_same(dataset):
    (dataset.folder / FILE).mkdir()
    found, was_made = made(dataset)
    assert was_made
    assert found.forecasts
    assert [path.name for path in dataset.folder.glob(".*.writing")] == []
