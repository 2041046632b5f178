"""A small fleet whose memory runs full on one machine, with incidents that can be seen."""

import numpy as np
import pandas as pd

HOURS = 24 * 21
START = pd.Timestamp("2025-03-03T00:00:00Z")
FULL = "vm-full"
HOSTILE = "<b>![x](http://192.0.2.1/x.png)</b> $x$"


def some_fleet(n_hours: int = HOURS) -> pd.DataFrame:
    """Return three machines, hourly: the memory of one rises by 2.5 points a day up to 70 %.

    Every 40th row is an incident: it is marked, and takes five times its usual power.
    """
    random = np.random.default_rng(3)
    frames = []
    for n, name in enumerate((FULL, "vm-calm", HOSTILE)):
        hours = np.arange(n_hours)
        incident = (hours + 13 * n) % 40 == 17
        day = np.sin(2 * np.pi * hours / 24)
        power = 200 + 20 * day + random.normal(0, 3, n_hours)
        memory = 70 - 2.5 * (n_hours - hours) / 24 if name == FULL else 40.0
        frames.append(
            pd.DataFrame(
                {
                    "vm_id": name,
                    "timestamp": START + pd.to_timedelta(hours, unit="h"),
                    "cpu_usage": (35 + 15 * day + random.normal(0, 2, n_hours)).round(2),
                    "memory_usage": (memory + random.normal(0, 1, n_hours)).round(2),
                    "power_consumption": np.where(incident, 5 * power, power).round(1),
                    "task_type": np.where(hours % 3 == 0, "batch", "web"),
                    "task_priority": np.where(hours % 2 == 0, "high", "low"),
                    "task_status": np.where(incident, "failed", "completed"),
                    "anomaly_status": incident.astype(int),
                    "ticket_text": np.where(incident, f"power of {name} is high", None),
                    "ticket_category": np.where(incident, "Power", None),
                }
            )
        )
    return pd.concat(frames, ignore_index=True)
