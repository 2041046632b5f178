"""Whether the report says honestly what can be learnt from a file."""

import os
from pathlib import Path

import numpy as np
import pytest

from core.dataset import check
from core.dataset.report import DatasetReport, SignalFinding
from tests.core.dataset.csv_files import fleet_csv, ticket_csv

REAL_DATA_DIR = os.environ.get("REAL_DATA_DIR", "")


def finding(report: DatasetReport, about: str, told_by: str = "") -> SignalFinding:
    return next(
        found for found in report.signal if found.about == about and told_by in found.sentence
    )


def noise(n_rows: int = 3_000, seed: int = 0) -> list[dict[str, str]]:
    """Return rows such as the widely used public file has: nothing but uniform random numbers."""
    random = np.random.default_rng(seed)
    names = ("memory_usage", "network_traffic", "power_consumption", "execution_time")
    return [
        {
            "vm_id": f"id-{n}",
            "cpu_usage": f"{random.uniform(0, 100):.4f}",
            **{name: f"{random.uniform(0, 300):.4f}" for name in names},
            "num_executed_instructions": str(random.integers(0, 10_000)),
            "energy_efficiency": f"{random.uniform():.5f}",
            "task_type": str(random.choice(["io", "network", "compute"])),
            "anomaly_status": str(int(random.random() < 0.06)),
        }
        for n in range(n_rows)
    ]


def test_uniform_noise_is_called_what_it_is() -> None:
    report = check(fleet_csv(*noise()).encode())
    telemetry = finding(report, "telemetry")
    assert telemetry.verdict == "no signal"
    assert "looks like random numbers" in telemetry.sentence
    assert "7 of 7 are spread evenly" in telemetry.sentence
    labels = finding(report, "anomaly_status")
    assert labels.verdict != "signal"
    assert labels.score == pytest.approx(0.5, abs=0.06)


@pytest.mark.parametrize("seed", range(1, 6))
def test_noise_is_not_taken_for_signal_by_chance(seed: int) -> None:
    report = check(fleet_csv(*noise(1_000, seed)).encode())
    assert all(found.verdict != "signal" for found in report.signal)


def test_measurements_that_move_together_are_no_noise() -> None:
    rows = noise()
    for row in rows:
        row["power_consumption"] = str(100 + float(row["cpu_usage"]) + float(row["execution_time"]))
    telemetry = finding(check(fleet_csv(*rows).encode()), "telemetry")
    assert telemetry.verdict == "signal"
    assert "execution_time" in telemetry.sentence
    assert "move together" in telemetry.sentence


def test_machines_of_their_own_level_are_no_noise() -> None:
    rows = noise()
    for n, row in enumerate(rows):
        row["vm_id"] = f"vm-{n % 30}"
        row["memory_usage"] = str(float(row["memory_usage"]) / 10 + n % 30)
    telemetry = finding(check(fleet_csv(*rows).encode()), "telemetry")
    assert telemetry.verdict == "signal"
    assert "memory_usage depends on its VM" in telemetry.sentence


def test_a_flag_that_follows_a_measurement_is_signal() -> None:
    rows = noise()
    for row in rows:
        row["anomaly_status"] = str(int(float(row["cpu_usage"]) > 90))
    labels = finding(check(fleet_csv(*rows).encode()), "anomaly_status")
    assert labels.verdict == "signal"
    assert labels.score is not None
    assert labels.score > 0.95


def test_values_as_far_apart_as_numbers_can_be_are_judged_without_a_warning() -> None:
    rows = [
        {"network_traffic": str((n - 200) * 8e305), "cpu_usage": str(n % 7)} for n in range(400)
    ]
    finding(check(fleet_csv(*rows).encode()), "telemetry")


def test_few_rows_are_not_judged() -> None:
    report = check(fleet_csv(*noise(50)).encode())
    assert {found.verdict for found in report.signal} == {"not enough data"}


def test_categories_that_follow_the_words_are_told_from_shuffled_ones() -> None:
    random = np.random.default_rng(3)
    words = {"A": "disk full quota space", "B": "login password account locked"}
    rows = [
        (
            " ".join([*random.permutation(words[name].split())[:2], f"word{random.integers(99)}"]),
            name,
        )
        for name in random.choice(["A", "B"], 600)
    ]
    told = finding(check(ticket_csv(rows).encode()), "ticket_category")
    assert told.verdict == "signal"
    assert told.accuracy is not None
    assert told.accuracy > 0.95
    labels = random.permutation([name for _, name in rows])
    shuffled = [(text, str(name)) for (text, _), name in zip(rows, labels, strict=True)]
    chance = finding(check(ticket_csv(shuffled).encode()), "ticket_category")
    assert chance.verdict != "signal"


def test_words_of_other_scripts_count() -> None:
    texts = {"A": "磁盘空间不足请清理", "B": "无法登录忘记密码了"}
    names = np.random.default_rng(0).choice(["A", "B"], 400)
    rows = [(f"{texts[name][n % 4 :]}{n}", str(name)) for n, name in enumerate(names)]
    assert finding(check(ticket_csv(rows).encode()), "ticket_category").verdict == "signal"


def test_equal_texts_tell_nothing() -> None:
    names = np.random.default_rng(0).choice(["A", "B", "C"], 3_000)
    rows = [("same text", str(name)) for name in names]
    assert finding(check(ticket_csv(rows).encode()), "ticket_category").verdict == "no signal"


def test_one_category_leaves_nothing_to_learn() -> None:
    found = finding(check(ticket_csv([("a b", "A")] * 50).encode()), "ticket_category")
    assert found.verdict == "not enough data"
    assert "nothing to learn" in found.sentence


@pytest.mark.skipif(not REAL_DATA_DIR, reason="REAL_DATA_DIR is not set: no real tickets here")
def test_the_real_tickets_are_read_whole_and_carry_signal() -> None:
    report = check(Path(REAL_DATA_DIR) / "it_tickets.csv.gz")
    assert (report.kind, report.rows_kept, report.category_count) == ("tickets", 38_154, 8)
    assert all(column.missing == 0 for column in report.columns)
    found = finding(report, "ticket_category")
    assert found.verdict == "signal"
    assert found.accuracy is not None
    assert found.majority is not None
    assert found.accuracy > found.majority + 0.3
