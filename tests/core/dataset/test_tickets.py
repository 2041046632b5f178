from pathlib import Path

import pandas as pd
import pytest

from core.dataset import CATEGORIES, import_file, load, with_derived, with_tickets
from core.dataset.tickets import DECIDING_NAMES, RULE

QUIET = {
    "vm_id": "vm-1",
    "task_type": "web",
    "task_priority": "low",
    "task_status": "running",
    "cpu_usage": 20.0,
    "memory_usage": 30.0,
    "network_traffic": 10.0,
    "power_consumption": 100.0,
    "anomaly_status": 0.0,
}


def telemetry(*changes: dict[str, object]) -> pd.DataFrame:
    """Return forty quiet rows, then one for each change."""
    rows = [{**QUIET, "network_traffic": 1.0 + n / 100} for n in range(40)]
    return pd.DataFrame([*rows, *({**QUIET, **change} for change in changes)])


@pytest.mark.parametrize(
    ("change", "category"),
    [
        ({"network_traffic": 1.0}, "General"),
        ({"cpu_usage": 85.0}, "Performance-CPU"),
        ({"memory_usage": 99.0}, "Performance-Memory"),
        ({"cpu_usage": 90.0, "memory_usage": 99.0}, "Performance-CPU"),
        ({"cpu_usage": 90.0, "anomaly_status": 1.0}, "Anomaly"),
        ({"network_traffic": 99.0}, "Network"),
        ({"network_traffic": 1.0, "power_consumption": 300.0}, "Power"),
        ({"network_traffic": 1.0, "cpu_usage": 75.0, "memory_usage": 72.0}, "Capacity-Planning"),
        ({"network_traffic": None, "cpu_usage": None}, "General"),
    ],
)
def test_the_rule_files_a_row_by_what_is_high(change: dict[str, object], category: str) -> None:
    tickets = with_tickets(telemetry(change))
    assert tickets.frame["ticket_category"].tolist()[-1] == category
    assert category in RULE


def test_a_derived_text_names_machine_task_utilisation_and_flag() -> None:
    tickets = with_tickets(telemetry({"vm_id": "db-7", "anomaly_status": 1.0}))
    assert tickets.frame["ticket_text"].tolist()[-1] == (
        "VM db-7, type web, priority low, status running, cpu 20.0 %, memory 30.0 %, network 10, "
        "power 100, anomaly flag 1"
    )
    assert tickets.text_by_rule
    assert tickets.category_by_rule


def test_what_decided_is_named_a_derived_text_and_ratios_too() -> None:
    tickets = with_tickets(with_derived(telemetry({"cpu_usage": 99.0})))
    told = {*DECIDING_NAMES, "cpu_mem_ratio", "ticket_text"}
    assert set(tickets.deciding_columns) == told


def test_a_text_that_people_wrote_did_not_decide() -> None:
    tickets = with_tickets(telemetry().assign(ticket_text="it is slow"))
    assert tickets.category_by_rule
    assert set(tickets.deciding_columns) == set(DECIDING_NAMES)


def test_tickets_that_people_wrote_are_taken_as_they_are() -> None:
    frame = telemetry().assign(ticket_text=None, ticket_category=None)
    frame.loc[3, ["ticket_text", "ticket_category"]] = ["slow", "My Own"]
    frame.loc[5, "ticket_text"] = "not filed"
    tickets = with_tickets(frame)
    assert tickets.frame["ticket_text"].tolist() == ["slow", "not filed"]
    assert tickets.frame["ticket_category"].tolist()[0] == "My Own"
    assert tickets.frame["ticket_category"].isna().tolist() == [False, True]
    assert not tickets.text_by_rule
    assert not tickets.category_by_rule
    assert tickets.deciding_columns == ()
    assert tickets.frame["cpu_usage"].notna().all()


def test_the_text_alone_is_derived_where_only_the_category_is_given() -> None:
    frame = telemetry().assign(ticket_category="Mine")
    tickets = with_tickets(frame)
    assert (tickets.text_by_rule, tickets.category_by_rule) == (True, False)
    assert set(tickets.frame["ticket_category"]) == {"Mine"}
    assert tickets.deciding_columns == ()


def test_nothing_is_derived_for_tickets_without_telemetry() -> None:
    tickets = with_tickets(pd.DataFrame({"ticket_text": ["a", None, "b"]}))
    assert tickets.frame["ticket_text"].tolist() == ["a", "b"]
    assert tickets.frame["ticket_category"].isna().all()
    assert not tickets.category_by_rule


def test_constant_columns_are_never_high() -> None:
    frame = telemetry().assign(network_traffic=5.0)
    assert set(with_tickets(frame).frame["ticket_category"]) == {"General"}


def test_a_stored_dataset_without_tickets_gets_them_by_rule(tmp_path: Path) -> None:
    frame = telemetry({"cpu_usage": 99.0}).assign(
        timestamp=pd.date_range("2025-01-01", periods=41, freq="h")
    )
    stored = import_file(frame.to_csv(index=False).encode(), tmp_path)
    assert stored.report.derived_by_rule == ("ticket_text", "ticket_category")
    assert any("derived by rule" in note for note in stored.report.notes)
    tickets = with_tickets(load(tmp_path))
    assert len(tickets.frame) == 41
    assert set(tickets.frame["ticket_category"]) <= set(CATEGORIES)
