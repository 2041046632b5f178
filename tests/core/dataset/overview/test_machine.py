from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from core.dataset import import_file
from core.dataset.overview import NOT_GIVEN, Choice, Filters, Fleet
from tests.core.dataset.csv_files import fleet_csv
from tests.core.dataset.stored import random_frame, stored


def test_one_vm_has_its_own_series_events_and_tickets(tmp_path: Path) -> None:
    rows = [
        {"cpu_usage": "10", "ticket_text": "slow", "ticket_category": "Network"},
        {"cpu_usage": "30", "anomaly_status": "1", "ticket_text": "down"},
        {"cpu_usage": "", "task_status": "FAILED"},
        {"vm_id": "other", "cpu_usage": "99", "anomaly_status": "1", "ticket_text": "not mine"},
    ]
    with Fleet(import_file(fleet_csv(*rows).encode(), tmp_path)) as fleet:
        vm = fleet.machine("vm-001", Filters(vms=("other",)))
    assert (vm.rows, vm.empty_reason) == (3, None)
    cpu, *_ = vm.series
    assert (cpu.column, cpu.low.tolist(), cpu.high.tolist()) == ("cpu_usage", [10, 30], [10, 30])
    assert len(vm.series) == 7
    assert [(event.kind, event.task_status) for event in vm.events] == [
        ("task failed", "FAILED"),
        ("anomaly", "completed"),
    ]
    assert vm.events[0].at == datetime(2025, 3, 1, 10, 0, 2, tzinfo=UTC)
    assert [(ticket.text, ticket.category) for ticket in vm.tickets] == [
        ("down", NOT_GIVEN),
        ("slow", "Network"),
    ]


def test_the_series_of_one_vm_are_what_pandas_finds(tmp_path: Path) -> None:
    frame = random_frame(2_000, seed=4)
    filters = Filters(task_types=("web", "batch"))
    with stored(frame, tmp_path) as fleet:
        vm = fleet.machine("vm-2", filters)
    own = frame[(frame["vm_id"] == "vm-2") & frame["task_type"].isin(["web", "batch"])]
    assert vm.rows == len(own)
    for series in vm.series:
        values = own.dropna(subset=["timestamp"])[series.column].dropna()
        assert series.rows.sum() == len(values)
        assert series.high.max() == values.max()
        assert series.low.min() == values.min()
        assert (series.mean * series.rows).sum() == pytest.approx(values.sum())
    failed = (own["anomaly_status"] == 1) | (own["task_status"] == "failed")
    assert vm.n_events == failed.sum()
    assert vm.n_tickets == own["ticket_text"].notna().sum()


def test_an_unknown_vm_has_nothing_and_a_reason(tmp_path: Path) -> None:
    with Fleet(import_file(fleet_csv({}).encode(), tmp_path)) as fleet:
        vm = fleet.machine("nobody", Filters())
    assert (vm.rows, vm.series, vm.events, vm.tickets) == (0, (), (), ())
    assert vm.empty_reason == "No row matches the filters (VM); clear one of them."


def test_many_events_are_counted_and_the_newest_listed(tmp_path: Path) -> None:
    rows = [{"anomaly_status": "1", "cpu_usage": str(n % 90)} for n in range(300)]
    with Fleet(import_file(fleet_csv(*rows).encode(), tmp_path)) as fleet:
        vm = fleet.machine("vm-001", Filters())
    assert (vm.n_events, len(vm.events)) == (300, 200)
    assert vm.events[0].at == datetime(2025, 3, 1, 10, 4, 59, tzinfo=UTC)


def test_choices_are_the_most_frequent_first(tmp_path: Path) -> None:
    frame = random_frame(500, seed=5)
    with stored(frame, tmp_path) as fleet:
        choices = fleet.choices()
    counts = frame["vm_id"].value_counts()
    assert {choice.value: choice.rows for choice in choices.vms} == counts.to_dict()
    assert [choice.rows for choice in choices.vms] == sorted(counts, reverse=True)
    assert {choice.value for choice in choices.statuses} == {"completed", "failed", NOT_GIVEN}
    assert (choices.n_vms, choices.since) == (5, frame["timestamp"].min())


def test_a_vm_is_found_by_a_part_of_its_name(tmp_path: Path) -> None:
    names = ["db-1", "web-1", "web-10", "WEB-2", "my-web-1"]
    frame = pd.DataFrame({"vm_id": names, "timestamp": "2025-03-01", "cpu_usage": 50.0})
    with stored(frame, tmp_path) as fleet:
        found = [choice.value for choice in fleet.search_vms("Web-1")]
        assert found == ["web-1", "web-10", "my-web-1"]
        assert fleet.search_vms("web", limit=1) == (Choice(value="WEB-2", rows=1),)
        assert fleet.search_vms("nobody") == ()


def test_where_vms_are_too_many_to_count_some_are_named_and_all_are_found(tmp_path: Path) -> None:
    names = [f"vm-{n:06}" for n in range(100_500)]
    frame = pd.DataFrame({"vm_id": names, "timestamp": "2025-03-01", "cpu_usage": 50.0})
    with stored(frame, tmp_path) as fleet:
        choices = fleet.choices()
        assert (choices.n_vms, choices.vms[0]) == (100_500, Choice(value="vm-000000", rows=None))
        assert fleet.search_vms("vm-077777")[0].value == "vm-077777"
        assert len(fleet.search_vms("vm-07", limit=20)) == 20
        assert fleet.overview(Filters()).summary.vms == 100_500
        few = fleet.overview(Filters(vms=("vm-000001", "vm-000002"))).summary
        assert (few.vms, few.vms_are_estimated) == (2, False)
