"""Tickets for tests: four categories told apart by words and numbers, a tenth mislabelled."""

import numpy as np
import pandas as pd

WORDS = {
    category: words.split()
    for category, words in {
        "Network": "packets dropped latency switch port timeout unreachable vlan ping route link",
        "Performance-CPU": "slow busy load stuck process spinning throttled scheduler hot cores",
        "Power": "psu outage ups breaker socket voltage battery rack electricity redundant",
        "General": "question invoice account password manual request please form printer desk",
    }.items()
}
# Words that say nothing, so that no two tickets read alike.
FILLER = [
    a + b
    for a in ("lor", "ip", "dol", "sit", "am", "con", "sec", "tet")
    for b in ("em", "sum", "or", "at", "et", "ur", "ing", "elit", "us", "is")
]
CPU = {"Network": 30.0, "Performance-CPU": 92.0, "Power": 40.0, "General": 35.0}


def some_tickets(
    n: int = 240, seed: int = 0, *, telemetry: bool = True, timestamps: bool = False
) -> pd.DataFrame:
    """Return n tickets of about equal shares, in random order."""
    rng = np.random.default_rng(seed)
    true = rng.choice(list(WORDS), size=n)
    texts = [
        " ".join([*rng.choice(WORDS[c], 4, replace=False), *rng.choice(FILLER, 8, replace=False)])
        for c in true
    ]
    is_wrong = rng.random(n) < 0.1
    labels = np.where(is_wrong, rng.choice(list(WORDS), size=n), true)
    frame = pd.DataFrame({"ticket_text": texts, "ticket_category": labels})
    if telemetry:
        frame["cpu_usage"] = [CPU[c] for c in true] + rng.normal(0, 8, n)
        frame["memory_usage"] = rng.uniform(20, 80, n)
        frame["task_type"] = rng.choice(["io", "compute", "network"], n)
        frame.loc[::7, ["cpu_usage", "task_type"]] = None
    if timestamps:
        frame["timestamp"] = pd.date_range("2025-01-01", periods=n, freq="h", tz="UTC")
    return frame
