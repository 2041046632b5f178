"""A new version of the failure model against the active one, on hosts neither has learnt from."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from core.comparison import Comparison
from core.failure.evaluation import judged
from core.failure.ranking import rank_difference
from core.failure.serving import load_model
from core.failure.simulate import simulate_hosts
from core.failure.windows import stack_windows

__all__ = ["FROZEN_SEED", "N_HOSTS", "challenge"]

FROZEN_SEED = 2**40
"""The hosts that no version learns from: trainings take seeds of 32 bits, and a few above them."""

N_HOSTS = 400


def challenge(
    models_dir: Path,
    champion: str,
    challenger: str,
    progress: Callable[[float], None] = lambda _: None,
    *,
    n_hosts: int = N_HOSTS,
) -> Comparison:
    """Return how `challenger` does beside `champion` on simulated hosts that are always the same.

    By average precision over windows; hosts are drawn again as wholes. Imported models and those
    that were trained before this rule have not seen these hosts either.

    Raises
    ------
    ArtifactError
        A version cannot be used.
    """
    old, new = load_model(models_dir, champion), load_model(models_dir, challenger)
    windows = stack_windows(simulate_hosts(n_hosts, seed=FROZEN_SEED, progress=progress))
    said_old, _ = old.score(windows)
    said_new, _ = new.score(windows)
    counts = judged(windows, said_old) & judged(windows, said_new)
    found = rank_difference(
        said_old[counts], said_new[counts], windows.fails[counts], windows.host[counts]
    )
    return Comparison(
        champion=champion,
        challenger=challenger,
        score="average precision",
        rows="simulated hosts",
        n_rows=len(np.unique(windows.host[counts])),
        champion_score=found.first,
        challenger_score=found.second,
        difference=found.second - found.first,
        low=found.low,
        high=found.high,
    )
