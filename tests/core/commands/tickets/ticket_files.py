"""Tickets and telemetry as files, and what commands say of them."""

import numpy as np

from tests.core.dataset.csv_files import fleet_csv
from tests.core.tickets.some_tickets import some_tickets

FRAME = some_tickets(240, telemetry=False)


CPU_TICKET = "the scheduler is slow and every process stuck"


def saved(folder, frame=FRAME, name="tickets.csv"):
    path = folder / name
    frame.to_csv(path, index=False)
    return path


def fleet(n_rows, **columns):
    """Return telemetry without tickets, whose CPU load goes from 0 to 100 percent."""
    rng = np.random.default_rng(3)
    cells = {
        "cpu_usage": np.linspace(0, 100, n_rows),
        "memory_usage": rng.uniform(0, 80, n_rows),
        **columns,
    }
    return fleet_csv(*({name: f"{v[i]:.2f}" for name, v in cells.items()} for i in range(n_rows)))


def last_line(answer):
    """Return the sentence with which input was refused, after what was told on the way."""
    assert answer.code == 2
    assert answer.out == ""
    assert "Traceback" not in answer.err
    sentence = answer.err.splitlines()[-1]
    assert sentence.endswith(".")
    return sentence
