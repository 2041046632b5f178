"""The long work on the fleet, called here and not in a process of its own."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from core.dataset import import_file
from core.dataset.overview import Filters
from core.fleet_jobs import (
    FLEET,
    Course,
    capacity_rows,
    find_anomalies,
    forecast_fleet,
    forecast_host,
)
from core.forecast import Forecast, Limits, NoForecast, WhatIf
from core.metrics import Reading, Sample
from core.store import Store
from tests.pages.some_fleet import FULL, HOSTILE, START, some_fleet

DAY_S = 86_400.0
PERCENT = Limits(warning=80.0, hard=95.0)
LIMITS = {"cpu_usage": PERCENT, "memory_usage": PERCENT, "power_consumption": Limits(hard=900.0)}


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory):
    data = some_fleet().to_csv(index=False).encode()
    return import_file(data, tmp_path_factory.mktemp("fleet"))


def test_fleet_when_forecast_then_it_and_each_machine_are_in_every_measured_metric(dataset):
    fractions: list[float] = []
    found = forecast_fleet(dataset, 30 * DAY_S, lambda done, _: fractions.append(done))
    keys = {(one.resource, one.metric) for one in found.forecasts}
    metrics = ("cpu_usage", "memory_usage", "power_consumption")
    resources = (FLEET, FULL, "vm-calm", HOSTILE)
    assert keys == {(name, metric) for name in resources for metric in metrics}
    assert (found.n_machines, found.n_vms) == (3, 3)
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    power = next(one for one in found.courses if one.metric == "power_consumption")
    # Three machines of about 200 add up; one of them takes five times as much in an incident.
    assert power.high.max() > 1200 > power.mean.mean() > 550
    assert power.at.size <= 500


def test_fleet_when_every_row_has_its_own_machine_then_its_shares_are_the_means(tmp_path):
    frame = some_fleet().drop(columns=["vm_id"])
    frame.insert(0, "vm_id", [f"vm-{n}" for n in range(len(frame))])
    dataset = import_file(frame.to_csv(index=False).encode(), tmp_path)
    found = forecast_fleet(dataset, 7 * DAY_S, lambda *_: None)
    ahead = [one for one in found.forecasts if isinstance(one, Forecast)]
    assert {(one.resource, one.metric) for one in ahead} == {
        (FLEET, "cpu_usage"),
        (FLEET, "memory_usage"),
    }
    assert found.n_machines == 0


def test_fleet_when_machines_have_few_points_then_their_last_values_are_known_and_why_no_more(
    tmp_path,
):
    frame = some_fleet(n_hours=40)
    new = some_fleet(n_hours=5).query("vm_id == @FULL").assign(vm_id="vm-new")
    new["cpu_usage"] = [10.0, 20.0, 30.0, 99.0, np.nan]
    dataset = import_file(pd.concat([frame, new]).to_csv(index=False).encode(), tmp_path)
    found = forecast_fleet(dataset, 7 * DAY_S, lambda *_: None)
    cpu = next(
        one for one in found.forecasts if (one.resource, one.metric) == ("vm-new", "cpu_usage")
    )
    assert isinstance(cpu, NoForecast)
    assert cpu.level == 99.0
    assert cpu.reason == "not enough history: 5 of the 8 points needed"
    rows = capacity_rows(found.forecasts, LIMITS, {})
    assert (rows[0].resource, rows[0].metric) == ("vm-new", "cpu_usage")
    assert rows[0].answer.startswith("hard limit reached; not enough history")
    assert (found.n_machines, found.n_vms) == (3, 4)


def test_fleet_when_there_are_more_machines_than_are_forecast_then_it_is_still_all_of_them(
    tmp_path, monkeypatch
):
    monkeypatch.setattr("core.whole_fleet.MOST_MACHINES", 3)
    monkeypatch.setattr("core.fleet_jobs.MOST_MACHINES", 3)
    monkeypatch.setattr("core.whole_fleet._MOST_LEFT_OUT", 1)
    hours = np.arange(30)
    frames = [
        pd.DataFrame(
            {
                "vm_id": f"vm-{n}",
                "timestamp": START + pd.to_timedelta(hours, unit="h"),
                "cpu_usage": 90.0 + n if n >= 3 else 30.0,
                "power_consumption": 10.0,
            }
        )
        for n in range(5)
    ]
    dataset = import_file(pd.concat(frames).to_csv(index=False).encode(), tmp_path)
    found = forecast_fleet(dataset, DAY_S, lambda *_: None)
    power, cpu = (
        next(one for one in found.courses if one.metric == metric)
        for metric in ("power_consumption", "cpu_usage")
    )
    assert power.mean == pytest.approx(np.full(30, 50.0))
    assert cpu.mean == pytest.approx(np.full(30, (3 * 30 + 93 + 94) / 5))
    assert (found.n_machines, found.n_vms) == (3, 5)
    # Of the others the one with the higher load, with the true reason.
    others = [one for one in found.forecasts if isinstance(one, NoForecast)]
    assert [(one.resource, one.metric, one.level) for one in others] == [
        ("vm-4", "cpu_usage", 94.0),
        ("vm-4", "power_consumption", 10.0),
    ]
    assert others[0].reason == "not among the 3 VMs with the most measurements"
    assert found.why_unknown.startswith("Only the 3 VMs with the most measurements are forecast")


def test_fleet_when_hours_of_minutes_are_known_then_the_hours_after_them_are_forecast(tmp_path):
    frame = some_fleet(n_hours=180)
    since = frame["timestamp"].min()
    frame["timestamp"] = since + (frame["timestamp"] - since) / 60
    dataset = import_file(frame.to_csv(index=False).encode(), tmp_path)
    found = forecast_fleet(dataset, 30 * DAY_S, lambda *_: None)
    assert all(isinstance(one, Forecast) for one in found.forecasts)
    assert found.horizon_s == pytest.approx(3 * 179 * 60)


@pytest.mark.parametrize("stray", ["1970-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
@pytest.mark.parametrize("machine", [FULL, "vm-lost"])
def test_fleet_when_one_row_has_a_wrong_year_then_it_is_left_out_and_counted(
    dataset, tmp_path, stray, machine
):
    frame = some_fleet().astype({"timestamp": str})
    row = frame.iloc[0].to_dict() | {"vm_id": machine, "timestamp": stray, "memory_usage": 1.0}
    frame.loc[len(frame)] = row
    found = forecast_fleet(
        import_file(frame.to_csv(index=False).encode(), tmp_path), 30 * DAY_S, lambda *_: None
    )
    clean = forecast_fleet(dataset, 30 * DAY_S, lambda *_: None)
    assert len(found.forecasts) == len(clean.forecasts)
    for one, other in zip(found.forecasts, clean.forecasts, strict=True):
        assert (one.resource, one.metric) == (other.resource, other.metric)
        assert isinstance(one, Forecast)
        assert one.step_s == 3600.0
        assert one.level == pytest.approx(other.level)
        is_told = any("1 row lies more than" in note for note in one.notes)
        assert is_told == (one.resource in (FLEET, machine))


def test_course_when_it_counts_then_its_rate_has_no_jump_where_it_starts_again():
    # Ten values a part, 3 a second; it starts again in the middle of the fifth part.
    counted = 3.0 * np.arange(1, 101)
    counted[45:] -= counted[44]
    parts = counted.reshape(10, 10)
    course = Course(
        resource="a",
        metric="network_traffic",
        at=(np.arange(10) * 10_000_000).astype("datetime64[us]"),
        low=parts.min(axis=1),
        mean=parts.mean(axis=1),
        high=parts.max(axis=1),
    )
    rate = course.as_rate()
    assert list(rate.at) == list(course.at[1:])
    assert rate.mean.max() <= 4.5
    assert rate.mean.mean() == pytest.approx(3.0, rel=0.1)


def test_rows_when_limits_are_of_what_adds_up_then_they_are_the_fleets_alone(dataset):
    found = forecast_fleet(dataset, 7 * DAY_S, lambda *_: None)
    power = [one for one in found.forecasts if one.metric == "power_consumption"]
    rows = {row.resource: row for row in capacity_rows(power, LIMITS, {})}
    assert [one.limit for one in rows[FLEET].crossings] == [900.0]
    assert rows[FULL].answer == "no limit is set"


def test_rows_when_a_resource_has_limits_of_its_own_then_they_come_first(dataset):
    found = forecast_fleet(dataset, 7 * DAY_S, lambda *_: None)
    own = {("vm-calm", "memory_usage"): Limits(warning=30.0)}
    shares = [one for one in found.forecasts if one.metric != "power_consumption"]
    rows = capacity_rows(shares, LIMITS, own, WhatIf())
    assert (rows[0].resource, rows[0].metric) == ("vm-calm", "memory_usage")
    assert rows[0].answer == "warning limit reached"
    assert rows[1].resource == FULL


def test_host_when_watched_then_its_disk_is_forecast_no_further_than_it_allows(tmp_path):
    url = f"sqlite:///{tmp_path.as_posix()}/app.db"
    store, now = Store(url), datetime.now(UTC)
    for minute in range(240):
        reading = Reading(metric="disk_percent", value=60.0 - minute / 60)
        store.add_sample(Sample(host="a", at=now - timedelta(minutes=minute), readings=(reading,)))
    store.close()
    found = forecast_host(url, "a", now, 7.0, 30 * DAY_S, lambda *_: None)
    by_metric = {one.metric: one for one in found.forecasts}
    assert isinstance(by_metric["cpu_percent"], NoForecast)
    disk = by_metric["disk_percent"]
    assert isinstance(disk, Forecast)
    assert disk.trend_per_day == pytest.approx(24.0, rel=0.1)
    assert disk.step_s * len(disk.mean) <= 13 * 3600


def test_anomalies_when_found_then_what_was_learnt_serves_the_next_selection(dataset):
    first = find_anomalies(dataset, Filters(), None, lambda *_: None)
    assert first.detection.has_signal
    assert {row.vm_id for row in first.anomalies.rows} == {FULL, "vm-calm", HOSTILE}
    messages: list[str] = []
    one = find_anomalies(
        dataset, Filters(vms=(FULL,)), first.detector, lambda _, text: messages.append(text)
    )
    assert {row.vm_id for row in one.anomalies.rows} == {FULL}
    assert set(messages) == {"Looking through the rows"}
    assert one.detector == first.detector


def test_anomalies_when_the_data_are_noise_then_that_is_said(tmp_path):
    random = np.random.default_rng(1)
    frame = pd.DataFrame(
        {
            "vm_id": [f"vm-{n % 7}" for n in range(3000)],
            "timestamp": pd.date_range("2025-01-01", periods=3000, freq="10min"),
            "cpu_usage": random.uniform(0, 100, 3000),
            "memory_usage": random.uniform(0, 100, 3000),
            "anomaly_status": (random.random(3000) < 0.1).astype(int),
        }
    )
    dataset = import_file(frame.to_csv(index=False).encode(), tmp_path)
    found = find_anomalies(dataset, Filters(), None, lambda *_: None)
    assert not found.detection.has_signal
    assert all(row.probability is None and not row.causes for row in found.anomalies.rows)
