"""Causes, their usual ranges and the words for them, on a file made by hand."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.dataset.anomalies import EXPORT_COLUMNS, Anomaly, export_lines, learn
from core.dataset.anomalies.words import range_in_words
from core.dataset.overview import Filters, Fleet
from tests.core.dataset.stored import START, stored

N_ROWS = 201


def unheard(fraction: float) -> None:
    """Listen to the progress and do nothing."""


def by_hand() -> pd.DataFrame:
    """Return VMs whose power goes evenly from 170 to 270 and memory from 40 to 60 with it; one of
    them draws 412 once. `new-vm` has three rows, in the last of which it draws 900.
    """
    steps = np.linspace(0, 1, N_ROWS)
    parts = []
    for n in range(3):
        order = np.random.default_rng(n).permutation(N_ROWS)
        parts.append(
            pd.DataFrame(
                {
                    "vm_id": f"vm-{n}",
                    "timestamp": START + pd.to_timedelta(np.arange(N_ROWS), unit="h"),
                    "memory_usage": 40 + 20 * steps[order],
                    "power_consumption": 170 + 100 * steps[order],
                    "task_type": "inference",
                }
            )
        )
    parts[1].loc[100, "power_consumption"] = 412.0
    new = parts[0].head(3).assign(vm_id="new-vm", memory_usage=50.0, power_consumption=220.0)
    new.loc[2, "power_consumption"] = 900.0
    return pd.concat([*parts, new], ignore_index=True)


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    with stored(by_hand(), tmp_path_factory.mktemp("data")) as opened:
        yield opened


@pytest.fixture(scope="module")
def found(fleet: Fleet) -> tuple[Anomaly, ...]:
    return learn(fleet, unheard).find(fleet, Filters(), unheard).rows


def test_the_range_of_a_vm_with_history_is_its_own(found: tuple[Anomaly, ...]) -> None:
    (spike,) = [row for row in found if row.vm_id == "vm-1"]
    assert spike.at == START + pd.Timedelta(hours=100)
    (cause,) = spike.causes
    own = by_hand()
    own = own[own["vm_id"] == "vm-1"]["power_consumption"]
    assert (cause.column, cause.value) == ("power_consumption", 412.0)
    assert cause.low == pytest.approx(own.quantile(0.05))
    assert cause.high == pytest.approx(own.quantile(0.95))
    assert spike.sentence == "Power 412, usual 175-266 for this VM."


def test_a_vm_without_history_is_compared_with_its_task(found: tuple[Anomaly, ...]) -> None:
    (spike,) = [row for row in found if row.vm_id == "new-vm"]
    (cause,) = spike.causes
    everyone = by_hand()["power_consumption"]
    assert cause.compared_with == "inference tasks"
    assert cause.high == pytest.approx(everyone.quantile(0.95))
    assert spike.sentence == "Power 900, usual 175-266 for inference tasks."


def test_what_is_usual_is_no_anomaly(found: tuple[Anomaly, ...]) -> None:
    assert {row.vm_id for row in found} == {"vm-1", "new-vm"}


@pytest.mark.parametrize(
    ("column", "numbers", "unit", "words"),
    [
        ("power_consumption", (412.0, 180.2, 259.7), "W", "power 412 W, usual 180-260"),
        ("cpu_usage", (97.04, 20.0, 45.6), "%", "CPU 97 %, usual 20-46"),
        (
            "network_traffic",
            (12_345.0, 900.0, 1_500.0),
            "",
            "network traffic 12,300, usual 900-1,500",
        ),
        ("cpu_mem_ratio", (0.0031, 1e-4, 4e-4), "", "CPU per memory 0.0031, usual 0.0001-0.0004"),
        ("memory_usage", (95.8, 61.3, 95.6), "%", "memory 95.8 %, usual 61.3-95.6"),
        ("execution_time", (3.0, 5.0, 5.0), "s", "execution time 3 s, usual 5"),
    ],
)
def test_a_value_stands_beside_its_usual_range(
    column: str, numbers: tuple[float, float, float], unit: str, words: str
) -> None:
    assert range_in_words(column, *numbers, unit) == words


def test_demo_data_have_their_units(tmp_path: Path) -> None:
    with stored(by_hand().assign(demo=1), tmp_path) as fleet:
        rows = learn(fleet, unheard).find(fleet, Filters(vms=("vm-1",)), unheard).rows
    assert rows[0].sentence == "Power 412 W, usual 175-266 for this VM."


def test_anomalies_can_be_taken_away_as_lines(found: tuple[Anomaly, ...]) -> None:
    lines = list(export_lines(found))
    assert len(lines) == len(found)
    cells = next(line for line in lines if line[1] == "vm-1")
    row = dict(zip(EXPORT_COLUMNS, cells, strict=True))
    assert row["timestamp"] == "2025-03-07T04:00:00+00:00"
    assert (row["anomaly_status"], row["probability"]) == ("", "")
    assert float(row["less_unusual"]) > 0.99
    assert row["why"] == "Power 412, usual 175-266 for this VM."
