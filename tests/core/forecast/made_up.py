"""Series whose truth is known."""

from datetime import UTC, datetime

import numpy as np

from core.forecast import History
from core.metrics import FloatArray

HOUR_S, DAY_S = 3600.0, 86400.0
START_S = datetime(2026, 3, 2, tzinfo=UTC).timestamp()  # a Monday


def hours(n: int) -> FloatArray:
    return np.arange(n, dtype=float)


def history(
    values: FloatArray,
    at_s: FloatArray | None = None,
    *,
    resource: str = "web-1",
    metric: str = "cpu_usage",
    step_s: float = HOUR_S,
    high: float | None = 100.0,
) -> History:
    if at_s is None:
        at_s = START_S + step_s * np.arange(len(values))
    return History(
        resource=resource,
        metric=metric,
        at_s=at_s,
        values=np.asarray(values, dtype=float),
        low=0.0,
        high=high,
    )


def daily(n: int, swing: float = 10.0) -> FloatArray:
    return swing * np.sin(2 * np.pi * hours(n) / 24)


def weekend(n: int, drop: float = 12.0) -> FloatArray:
    return np.where(hours(n) // 24 % 7 >= 5, -drop, 0.0)


def remembering(n: int, spread: float, memory: float, random: np.random.Generator) -> FloatArray:
    """Noise that remembers its last value (first-order autoregressive)."""
    noise = random.normal(0, spread * (1 - memory**2) ** 0.5, n)
    for step in range(1, n):
        noise[step] += memory * noise[step - 1]
    return noise
