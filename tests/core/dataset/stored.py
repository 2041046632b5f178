"""Datasets stored for a test, from rows that it makes up."""

from pathlib import Path

import numpy as np
import pandas as pd

from core.dataset import import_file
from core.dataset.overview import Fleet

START = pd.Timestamp("2025-03-03T00:00:00Z")  # a Monday


def stored(frame: pd.DataFrame, data_dir: Path) -> Fleet:
    """Return the frame, imported and opened."""
    return Fleet(import_file(frame.to_csv(index=False).encode(), data_dir))


def random_frame(n_rows: int, seed: int, n_vms: int = 5) -> pd.DataFrame:
    """Return rows of a small fleet; every tenth cell is empty, and no value repeats by chance."""
    random = np.random.default_rng(seed)

    def words(*choices: str) -> np.ndarray:
        return random.choice([*choices, None], n_rows)

    frame = pd.DataFrame(
        {
            "vm_id": random.choice([f"vm-{n}" for n in range(n_vms)], n_rows),
            "timestamp": START + pd.to_timedelta(random.integers(0, 3 * 86_400, n_rows), unit="s"),
            "cpu_usage": random.uniform(0, 100, n_rows).round(3),
            "memory_usage": random.uniform(0, 100, n_rows).round(3),
            "power_consumption": random.uniform(100, 400, n_rows).round(3),
            "task_type": words("web", "batch", "training"),
            "task_priority": words("high", "low"),
            "task_status": words("completed", "failed"),
            "anomaly_status": random.choice([0, 0, 0, 1, None], n_rows),
            "ticket_text": words("it is slow", "it is down"),
        }
    )
    # At the very bounds, so that the import sees percent and not fractions.
    frame.loc[0, ["cpu_usage", "memory_usage"]] = [100.0, 100.0]
    for name in ("timestamp", "cpu_usage", "memory_usage"):
        frame.loc[1 + np.flatnonzero(random.random(n_rows - 1) < 0.1), name] = None
    return frame.drop_duplicates(["vm_id", "timestamp"], ignore_index=True)
