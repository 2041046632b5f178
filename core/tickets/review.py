"""Which tickets a person should look at first: those that the model would learn most from."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.store import Correction
from core.tickets.candidate import FloatArray
from core.tickets.near_duplicates import near_duplicate_groups
from core.tickets.predict import TicketModel

__all__ = ["ReviewItem", "review_queue"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewItem:
    """Tickets that say nearly the same, shown as one.

    `correction` is the latest, None where nobody has corrected any; `n_corrected` counts the texts
    that people corrected. `n_alike` counts the tickets, one that waits and was corrected once.
    `category` and `confidence` are the present model's. `surprise` is how much it has to learn
    here, in nats per ticket: of a corrected one what the right category costs it, of another one
    what it expects that to be (its entropy). `disputed` holds the categories that people gave,
    where they differ.
    """

    text: str
    correction: Correction | None
    category: str
    confidence: float
    n_alike: int
    n_corrected: int
    surprise: float
    disputed: tuple[str, ...]


def review_queue(
    model: TicketModel, corrections: Sequence[Correction], texts: Sequence[str] = ()
) -> tuple[ReviewItem, ...]:
    """Return corrected tickets and others that wait for a category, the most instructive first.

    The order is `surprise` times the number of tickets alike: a new form that fifty people filled
    in goes before a single odd ticket.

    Parameters
    ----------
    model : TicketModel
        The present model.
    corrections : sequence of Correction
        What people have said.
    texts : sequence of str
        Tickets that nobody has labelled, for example those the model was unsure of.

    References
    ----------
    Settles: Active Learning Literature Survey. 2009 (uncertainty sampling, density weighting).
    """
    everything = [correction.text for correction in corrections] + list(texts)
    if not everything:
        return ()
    probabilities = model.probabilities(everything)
    groups = near_duplicate_groups(everything)
    items = []
    for group in range(groups.max() + 1):
        members = np.flatnonzero(groups == group).tolist()
        said = [i for i in members if i < len(corrections)]
        at = max(said, key=lambda i: corrections[i].at) if said else members[0]
        made = [corrections[i] for i in said]
        latest = corrections[at] if said else None
        waiting = Counter(everything[i] for i in members if i >= len(corrections))
        n_alike = len(said) + (waiting - Counter(everything[i] for i in said)).total()
        items.append(_item(model, everything[at], probabilities[at], latest, made, n_alike))
    return tuple(sorted(items, key=lambda item: -item.surprise * item.n_alike))


def _item(
    model: TicketModel,
    text: str,
    probabilities: FloatArray,
    latest: Correction | None,
    said: Sequence[Correction],
    n_alike: int,
) -> ReviewItem:
    p = np.clip(probabilities, 1e-6, 1.0)
    if latest is None:
        surprise = float(-(p * np.log(p)).sum())
    elif latest.new in model.categories:
        surprise = float(-np.log(p[model.categories.index(latest.new)]))
    else:
        # A category that the model does not know costs it as much as the unlikeliest can.
        surprise = float(-np.log(1e-6))
    categories = sorted({correction.new for correction in said})
    k = int(probabilities.argmax())
    return ReviewItem(
        text=text,
        correction=latest,
        category=model.categories[k],
        confidence=float(probabilities[k]),
        n_alike=n_alike,
        n_corrected=len({correction.text for correction in said}),
        surprise=surprise,
        disputed=tuple(categories) if len(categories) > 1 else (),
    )
