"""Which windows a failure model learns from, and what is hidden in them."""

import numpy as np

from core.failure.windows import Windows
from core.metrics import METRIC_NAMES, FloatArray

__all__ = ["hide_some", "sampled"]

# Most windows are calm and much alike: a part of them, counted more, teaches the same sooner.
CALM_SHARE, FAULT_SHARE = 0.15, 0.5


def sampled(windows: Windows, rng: np.random.Generator) -> tuple[Windows, FloatArray]:
    """Return (windows to learn from, how often each counts, shape (n,)).

    Every window before a failure is kept, and a part of the others that counts for all of them. In
    some of the windows some metrics, or all of the past, are hidden: hosts lack sensors, and new
    ones have no past.
    """
    share = np.where(windows.fails, 1.0, np.where(windows.cause >= 0, FAULT_SHARE, CALM_SHARE))
    usable = windows.enough & ~windows.down
    kept = usable & (rng.random(len(windows)) < share)
    chosen, weights = windows.where(kept), 1 / share[kept]
    hide_some(chosen, rng)
    return chosen, weights


def hide_some(windows: Windows, rng: np.random.Generator) -> None:
    """Hide, in place, some metrics of some windows, and all of the past of a few."""
    n = len(windows)
    hidden = (rng.random((n, len(METRIC_NAMES))) < 0.3) & (rng.random((n, 1)) < 0.6)
    # All hidden is no window.
    hidden[hidden.all(axis=1)] = False
    windows.x[np.broadcast_to(hidden[:, None, :], windows.x.shape)] = np.nan
    windows.usual[rng.random(n) < 0.2] = np.nan
