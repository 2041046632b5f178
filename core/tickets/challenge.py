"""A new version of the ticket model against the active one, on tickets neither has learnt from."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from core.comparison import Comparison
from core.store import Correction
from core.tickets.corpus import prepare
from core.tickets.evaluate import gain, weighted_f1
from core.tickets.holdout import FEWEST
from core.tickets.predict import load_model
from core.tickets.split import without_forms

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["challenge"]


def challenge(
    frame: "pd.DataFrame",
    corrections: Sequence[Correction],
    models_dir: Path,
    champion: str,
    challenger: str,
    *,
    seed: int,
) -> Comparison:
    """Return how `challenger` does beside `champion` on the tickets held back of this frame.

    `frame`, `corrections` and `seed` are those of the training. Of the tickets held back those
    count whose near-duplicates are unknown to both; each version says by hash what it has learnt.

    Raises
    ------
    DataError
        The tickets cannot be learnt from.
    ArtifactError
        A version cannot be used.
    """
    old, new = load_model(models_dir, champion), load_model(models_dir, challenger)
    known = Comparison(
        champion=champion, challenger=challenger, score="weighted F1", rows="tickets"
    )

    def unfair(why: str) -> Comparison:
        return Comparison(**{**known.as_json(), "why_not": why})

    if old.learnt is None or new.learnt is None:
        return unfair(
            f"{champion if old.learnt is None else challenger} was trained before tickets were "
            "held back, and which ones it learnt from is not on record: any ticket may be one that "
            "it knows."
        )
    held = prepare(frame, corrections, seed).held_back
    learnt = np.concatenate([old.learnt, new.learnt])
    knows = np.isin(held.groups, held.groups[np.isin(held.keys, learnt)])
    rows = np.flatnonzero(~knows)
    if len(rows) < FEWEST:
        return unfair(
            f"Only {len(rows)} tickets are held back that {champion} and {challenger} both do not "
            f"know, and {FEWEST} are the least that can tell them apart."
        )
    tickets = held.tickets.rows(rows)
    categories = sorted({*old.categories, *new.categories, *tickets.labels.tolist()})
    position = {category: i for i, category in enumerate(categories)}

    def numbers(labels: Sequence[str]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        return np.array([position[label] for label in labels], dtype=np.int64)

    asked = tickets.inputs.frame()
    y = numbers(tickets.labels.tolist())
    worse, better = (numbers(model.predict_many(asked).categories.tolist()) for model in (old, new))
    found = gain(y, worse, better, len(categories), seed, without_forms(held.groups)[rows])
    return Comparison(
        champion=champion,
        challenger=challenger,
        score="weighted F1",
        rows="tickets",
        n_rows=len(rows),
        champion_score=weighted_f1(y, worse, len(categories)),
        challenger_score=weighted_f1(y, better, len(categories)),
        difference=found.value,
        low=found.low,
        high=found.high,
    )
