"""How good a trained model is on another file, and whether it has seen that file before."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.tickets.evaluate import compare
from core.tickets.predict import TicketModel
from core.tickets.report import Baseline, Evaluation

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Judgement", "judge"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """The scores of a model on labelled tickets, beside those of their most frequent category.

    `is_training_data` says that the model learnt from just these tickets, `n_seen` how many of them
    it remembers from its training. It remembers 8,000: of more, `n_seen` is the least.
    """

    evaluation: Evaluation
    majority: Baseline
    is_training_data: bool
    n_seen: int

    @property
    def is_seen(self) -> bool:
        """Whether the scores are too good, because some of the tickets were learnt from."""
        return self.is_training_data or self.n_seen > 0


def judge(model: TicketModel, frame: "pd.DataFrame", *, seed: int = 7) -> Judgement:
    """Return how good the model's answers are for the labelled tickets of a frame.

    A category that the model does not know counts, and its tickets are wrong.

    Raises
    ------
    DataError
        Where there are no labelled tickets.
    """
    evaluation = model.evaluate(frame, seed=seed)
    confusion = np.array(evaluation.confusion, dtype=np.int64)
    # Scores do not depend on the order of tickets, so that the confusion tells all of them.
    true, answered = np.indices(confusion.shape)
    y = np.repeat(true.ravel(), confusion.ravel())
    answers = np.repeat(answered.ravel(), confusion.ravel())
    most_frequent = int(confusion.sum(axis=1).argmax())
    title = f"Always {evaluation.categories[most_frequent]}"
    always = np.full_like(y, most_frequent)
    is_training_data, n_seen = model.seen(frame)
    return Judgement(
        evaluation=evaluation,
        majority=compare("majority", title, y, always, answers, len(confusion), seed),
        is_training_data=is_training_data,
        n_seen=n_seen,
    )
