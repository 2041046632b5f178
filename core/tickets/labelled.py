"""Labelled tickets, read from a frame and from corrections, and checked for what training needs."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from core.errors import MissingDataError, SchemaError, TooFewSamplesError
from core.store import Correction
from core.tickets.features import (
    LABEL,
    TEXT,
    Columns,
    Inputs,
    TextArray,
    columns_of,
    inputs_of,
    inputs_of_one,
)

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Labelled", "labelled_tickets", "with_corrections"]

MomentArray = npt.NDArray[np.datetime64]

FEWEST_TICKETS = 20
MAX_TICKETS = 50_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Labelled:
    """Tickets with their categories, of shape (n,); `moments` is None where there is no time."""

    inputs: Inputs
    labels: TextArray
    moments: MomentArray | None
    notes: tuple[str, ...]

    @property
    def data_hash(self) -> str:
        """The SHA-256 of everything that is learnt from."""
        digest = hashlib.sha256(self.inputs.numbers.tobytes())
        rows = zip(self.inputs.texts, self.labels, *self.inputs.words.T, strict=True)
        for row in rows:
            digest.update(repr(row).encode("utf-8", "backslashreplace"))
        return digest.hexdigest()

    def rows(self, which: npt.NDArray[np.int64]) -> "Labelled":
        """Return the tickets at these positions."""
        return replace(
            self,
            inputs=self.inputs.rows(which),
            labels=self.labels[which],
            moments=None if self.moments is None else self.moments[which],
        )


def labelled_tickets(
    frame: "pd.DataFrame", columns: Columns | None = None, *, corrections: Sequence[Correction] = ()
) -> Labelled:
    """Return the tickets of a frame that have a text, or telemetry, and a category.

    Parameters
    ----------
    frame : DataFrame
        Columns of the fleet dataset; all but `ticket_text` and `ticket_category` may be absent.
    columns : Columns or None
        What the model reads; None takes what the frame has.
    corrections : sequence of Correction
        Replace the category of tickets with the same text; those of other texts are added,
        those without a text left out: nothing says which ticket they are of.

    Raises
    ------
    SchemaError
        Where a needed column is not there.
    MissingDataError
        Where no ticket has both.
    """
    if missing := [name for name in (TEXT, LABEL) if name not in frame.columns]:
        found = ", ".join(map(str, frame.columns[:20])) or "no columns"
        raise SchemaError(
            f"Labelled tickets need the columns {TEXT} and {LABEL}; {' and '.join(missing)} "
            f"{'is' if len(missing) == 1 else 'are'} not there, found are {found}."
        )
    columns = columns_of(frame) if columns is None else columns
    inputs = inputs_of(frame, columns)
    labels = np.array([_label(value) for value in frame[LABEL].tolist()], dtype=object)
    moments = None
    if "timestamp" in frame.columns:
        moments = _moments(frame["timestamp"])
    tickets = with_corrections(
        Labelled(inputs=inputs, labels=labels, moments=moments, notes=()), corrections
    )
    has_label = tickets.labels != ""
    is_said = np.array([bool(text.strip()) for text in tickets.inputs.texts], dtype=bool)
    is_said |= ~np.isnan(tickets.inputs.numbers).all(axis=1) if columns.numeric else False
    kept = np.flatnonzero(has_label & is_said)
    if not len(kept):
        raise MissingDataError(
            f"None of the {len(frame)} rows has both a {TEXT} and a {LABEL}: nothing to learn from."
        )
    notes = []
    if dropped := len(has_label) - len(kept):
        notes.append(f"{dropped} of {len(has_label)} rows have no text or no category.")
    return replace(tickets.rows(kept), notes=tuple(notes))


def with_corrections(tickets: Labelled, corrections: Sequence[Correction]) -> Labelled:
    """Return the tickets with the latest correction of each text; one of no text is left out.

    Those that are added count as the oldest: they are learnt from, and never tested on.
    """
    latest = {c.text: c for c in sorted(corrections, key=lambda c: c.at) if c.text.strip()}
    if not latest:
        return tickets
    labels = tickets.labels.copy()
    texts = tickets.inputs.texts
    for i, text in enumerate(texts):
        if text in latest:
            labels[i] = latest[text].new
    there = set(texts.tolist())
    added = [c for c in latest.values() if c.text not in there]
    parts = [tickets.inputs]
    parts += [inputs_of_one(c.text, c.telemetry, tickets.inputs.columns) for c in added]
    inputs = Inputs(
        columns=tickets.inputs.columns,
        texts=np.concatenate([part.texts for part in parts]),
        numbers=np.vstack([part.numbers for part in parts]),
        words=np.vstack([part.words for part in parts]),
    )
    moments = tickets.moments
    if moments is not None and added:
        # When it was corrected says nothing of when it was written. As the newest they would be the
        # test, hardly anything else, and nothing would be learnt from them.
        known = moments[~np.isnat(moments)]
        oldest = known.min() if known.size else np.datetime64("NaT")
        moments = np.concatenate([moments, np.full(len(added), oldest, dtype="datetime64[us]")])
    return replace(
        tickets,
        inputs=inputs,
        labels=np.concatenate([labels, np.array([c.new for c in added], dtype=object)]),
        moments=moments,
    )


def sampled(tickets: Labelled, seed: int, *, corrections: Sequence[Correction] = ()) -> Labelled:
    """Return at most MAX_TICKETS of the tickets: the corrected ones, others drawn at random."""
    n = len(tickets.inputs)
    if n <= MAX_TICKETS:
        return tickets
    said = {correction.text for correction in corrections}
    # One ticket of each text is enough: a form that all fill in alike may not crowd out the rest.
    places = {text: i for i, text in enumerate(tickets.inputs.texts) if text in said}
    corrected = np.array(list(places.values())[-MAX_TICKETS:], dtype=np.int64)
    others = np.setdiff1d(np.arange(n), corrected)
    rng = np.random.default_rng(seed)
    drawn = rng.choice(others, size=MAX_TICKETS - len(corrected), replace=False)
    drawn = np.concatenate([corrected, drawn])
    note = f"Learnt from {MAX_TICKETS:,} of {n:,} tickets, drawn at random: more take longer."
    return replace(tickets.rows(np.sort(drawn)), notes=(*tickets.notes, note))


def check_learnable(tickets: Labelled) -> None:
    """Refuse tickets from which no classifier can be learnt.

    Raises
    ------
    TooFewSamplesError
        Where there are too few tickets, one category, or no two categories with two tickets.
    SchemaError
        Where all texts are equal and there is no telemetry.
    """
    n = len(tickets.inputs)
    if n < FEWEST_TICKETS:
        raise TooFewSamplesError(
            f"A ticket model needs at least {FEWEST_TICKETS} labelled tickets; there are {n}."
        )
    categories, counts = np.unique(tickets.labels.astype(str), return_counts=True)
    if len(categories) == 1:
        raise TooFewSamplesError(
            f"A ticket model needs at least two categories; all {n} tickets are "
            f"{categories[0][:60]!r}."
        )
    if np.sum(counts >= 3) < 2:
        raise TooFewSamplesError(
            f"A ticket model needs two categories with at least three tickets each; the {n} "
            f"tickets are of {len(categories)} categories, nearly all with a ticket or two."
        )
    if not tickets.inputs.columns.numeric and len(set(tickets.inputs.texts.tolist())) == 1:
        raise SchemaError(
            f"All {n} tickets have the same text and there is no telemetry: nothing tells their "
            "categories apart."
        )


def _label(value: object) -> str:
    """Return a category as text without blanks around it; "" where there is none."""
    if value is None or value != value or str(value) == "<NA>":
        return ""
    return str(value).strip()


def _moments(series: object) -> MomentArray:
    """Return a column as moments in UTC, NaT where it holds none."""
    import pandas as pd

    moments = pd.to_datetime(pd.Series(series), utc=True, errors="coerce", format="mixed")
    found: MomentArray = moments.dt.tz_convert(None).to_numpy(dtype="datetime64[us]")
    return found
