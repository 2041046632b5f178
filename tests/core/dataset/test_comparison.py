"""A new dataset beside the present one."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.dataset import import_file, prepare
from core.dataset.comparison import ColumnChange, Comparison, compare

START = pd.Timestamp("2025-03-03T00:00:00Z")
N = 2_000


def frame(shift: float = 0.0, **changes: object) -> pd.DataFrame:
    """Return rows whose CPU runs evenly from 0 to 50 %, `shift` higher."""
    rows = pd.DataFrame(
        {
            "vm_id": [f"vm-{n % 4}" for n in range(N)],
            "timestamp": START + pd.to_timedelta(np.arange(N), unit="min"),
            "cpu_usage": (np.arange(N) % 500) / 10 + shift,
            "task_type": np.where(np.arange(N) % 2, "web", "batch"),
            "anomaly_status": (np.arange(N) % 10 == 0).astype(int),
        }
    )
    return rows.assign(**changes)


def compared(before: pd.DataFrame, after: pd.DataFrame, folder: Path) -> Comparison:
    old = import_file(before.to_csv(index=False).encode(), folder / "data")
    (folder / "new").mkdir()
    new = prepare(after.to_csv(index=False).encode(), folder / "new", name="new.csv")
    return compare(old, new.report, new.parquet)


def column(found: Comparison, name: str) -> ColumnChange:
    return next(one for one in found.columns if one.name == name)


def test_numbers_when_shifted_beyond_all_former_ones_then_change_and_means_tell(tmp_path: Path):
    found = column(compared(frame(), frame(shift=50.0), tmp_path), "cpu_usage")
    assert found.mean_before == pytest.approx(24.95)
    assert found.mean_after == pytest.approx(74.95)
    assert found.drift.verdict == "great change"
    # All in the last of ten bins, half a row for each that is empty: 0.9 ln 10 and 9 x 0.1 ln(...).
    shares_before, shares_after = np.full(10, 0.1), np.append(np.full(9, 0.5), N + 0.5) / (N + 5)
    by_hand = np.sum((shares_after - shares_before) * np.log(shares_after / shares_before))
    assert found.drift.psi == pytest.approx(by_hand, rel=0.01)


def test_all_when_nothing_but_the_time_changed_then_nothing_has_drifted(tmp_path: Path):
    later = frame(timestamp=START + pd.to_timedelta(np.arange(N) + 10_000, unit="min"))
    found = compared(frame(), later, tmp_path)
    assert {one.drift.verdict for one in found.columns} == {"little change"}
    assert (found.rows_before, found.rows_after) == (N, N)
    assert found.first_before == "2025-03-03T00:00:00Z"
    assert found.first_after == "2025-03-09T22:40:00Z"
    assert found.machines is not None
    assert (found.machines.n_new, found.machines.n_vanished) == (0, 0)


def test_names_when_some_come_and_go_then_they_are_named(tmp_path: Path):
    after = frame(
        vm_id=[f"vm-{n % 4 + 2}" for n in range(N)],
        task_type=np.where(np.arange(N) % 2, "web", "<b>training</b>"),
    )
    found = compared(frame(), after, tmp_path)
    assert found.machines is not None
    assert found.machines.first_new == ("vm-4", "vm-5")
    assert found.machines.first_vanished == ("vm-0", "vm-1")
    tasks = column(found, "task_type")
    assert tasks.names is not None
    assert tasks.names.first_new == ("<b>training</b>",)
    assert tasks.names.first_vanished == ("batch",)
    assert tasks.drift.verdict == "great change"


def test_flags_when_twice_as_many_are_set_then_it_is_the_psi_of_two_bins(tmp_path: Path):
    after = frame(anomaly_status=(np.arange(N) % 5 == 0).astype(int))
    found = column(compared(frame(), after, tmp_path), "anomaly_status")
    assert found.drift.psi == pytest.approx(0.1 * np.log(0.2 / 0.1 * 0.9 / 0.8), rel=0.02)
    assert (found.mean_before, found.mean_after) == (0.1, 0.2)


def test_rows_when_there_are_few_then_no_change_is_claimed(tmp_path: Path):
    found = compared(frame().head(50), frame(shift=50.0).head(50), tmp_path)
    assert column(found, "cpu_usage").drift.verdict == "not enough data"
    assert column(found, "cpu_usage").mean_after == pytest.approx(52.45)


def test_columns_when_one_comes_and_one_goes_then_both_are_named(tmp_path: Path):
    after = frame().drop(columns="task_type").assign(memory_usage=50.0)
    found = compared(frame(), after, tmp_path)
    assert (found.only_before, found.only_after) == (("task_type",), ("memory_usage",))


def test_cells_when_half_are_missing_then_the_share_is_told(tmp_path: Path):
    after = frame(cpu_usage=np.where(np.arange(N) % 2, np.nan, np.arange(N) % 500 / 10))
    found = column(compared(frame(), after, tmp_path), "cpu_usage")
    assert (found.missing_before, found.missing_after) == (0.0, 0.5)


def test_categories_when_very_many_then_rare_ones_are_one_bin(tmp_path: Path):
    words = [f"task {n % 700}" for n in range(N)]
    found = column(compared(frame(task_type=words), frame(task_type=words), tmp_path), "task_type")
    assert found.drift.verdict == "little change"
    assert found.names is not None
    assert found.names.n_after == 700


def test_ticket_files_when_compared_with_telemetry_then_there_are_no_machines_after(tmp_path: Path):
    tickets = pd.DataFrame({"ticket_text": ["it is slow", "it is down"], "ticket_category": "x"})
    found = compared(frame(), tickets, tmp_path)
    assert found.columns == ()
    assert (found.first_after, found.last_after) == (None, None)
    assert found.machines is not None
    assert found.machines.n_after == 0
