"""Whether a dataset carries any signal: telemetry beyond random numbers, labels beyond chance."""

import re
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from core.dataset.guess import GuessScore, TokenRows, guess_score
from core.dataset.report import SignalFinding
from core.dataset.schema import NUMBER_NAMES, TASK_NAMES
from core.dataset.structure import structure

__all__ = ["findings"]

_FEWEST_ROWS = 200
_TEXT_ROWS = 4_000
_BINS = 10
_DEVIATIONS = 5.0
_LEAST_AUC = 0.55
# With more blur than this, an area of 0.6 could pass unnoticed.
_MOST_BLUR = 0.02


def findings(sample: pa.Table) -> tuple[SignalFinding, ...]:
    """Return what an even sample of a dataset says about the signal in it, at little cost.

    Three questions: does the telemetry differ from random numbers, does `anomaly_status` depend on
    the telemetry, does `ticket_category` depend on the text, and on the telemetry. Labels are
    guessed by naive Bayes: it sees what single columns and words tell, and not what only their
    combination would.
    """
    found: list[SignalFinding] = []
    if _numbers(sample):
        found.append(_telemetry(sample))
    flagged = sample.filter(pc.is_valid(sample["anomaly_status"]))
    if flagged.num_rows and _numbers(flagged):
        labels = ["anomaly" if flag else "normal" for flag in flagged["anomaly_status"].to_pylist()]
        found.append(_label("anomaly_status", "telemetry", labels, _telemetry_tokens(flagged)))
    filed = pc.and_(pc.is_valid(sample["ticket_category"]), pc.is_valid(sample["ticket_text"]))
    tickets = sample.filter(filed)
    if tickets.num_rows:
        tickets = _evenly(tickets, _TEXT_ROWS)
        labels = tickets["ticket_category"].to_pylist()
        words = TokenRows.of(_words(text) for text in tickets["ticket_text"].to_pylist())
        found.append(_label("ticket_category", "words of the ticket", labels, words))
        if _numbers(tickets):
            found.append(_label("ticket_category", "telemetry", labels, _telemetry_tokens(tickets)))
    return tuple(found)


def _evenly(table: pa.Table, n_rows: int) -> pa.Table:
    """Return at most `n_rows` rows from all over the table, which may be in any order."""
    rows = np.linspace(0, table.num_rows - 1, min(n_rows, table.num_rows)).astype(np.int64)
    return table.take(pa.array(rows))


def _numbers(sample: pa.Table) -> list[str]:
    """Return the measurements that the sample has."""
    return [name for name in NUMBER_NAMES if sample[name].null_count < sample.num_rows]


def _telemetry(sample: pa.Table) -> SignalFinding:
    """Return whether the telemetry differs from random numbers."""
    if sample.num_rows < _FEWEST_ROWS:
        return SignalFinding(
            about="telemetry",
            verdict="not enough data",
            sentence=f"Whether the telemetry differs from random numbers cannot be told from "
            f"so few rows; {_FEWEST_ROWS} are needed and {sample.num_rows} are there.",
            rows=sample.num_rows,
        )
    groups = {"its VM": sample["vm_id"], "the hour": pc.hour(sample["timestamp"])}
    groups["the weekday"] = pc.day_of_week(sample["timestamp"])
    groups |= {f"the {name.removeprefix('task_')} of the task": sample[name] for name in TASK_NAMES}
    found = structure(
        {name: sample[name].to_numpy() for name in _numbers(sample)},
        {what: _codes(group) for what, group in groups.items()},
    )
    if found.relations:
        sentence = f"The telemetry is no random noise: {'; '.join(found.relations[:2])}."
    else:
        sentence = (
            "The telemetry looks like random numbers: no two measurements move together and none "
            "depends on its VM, the hour, the weekday or the task"
        )
        if found.even_columns:
            sentence += (
                f"; {len(found.even_columns)} of {len(found.columns)} are spread evenly between "
                "their smallest and largest value, as a random generator draws them"
            )
        sentence += ". No honest model finds anything in it."
    return SignalFinding(
        about="telemetry",
        verdict="signal" if found.relations else "no signal",
        sentence=sentence,
        rows=sample.num_rows,
    )


def _label(about: str, told_by: str, labels: Sequence[str], tokens: TokenRows) -> SignalFinding:
    """Return whether labels can be told by what the tokens stand for."""
    different = len(set(labels))
    score = guess_score(tokens, labels) if different > 1 else None
    if score is None:
        reason = (
            f"is {labels[0]} in all of {len(labels):,} rows: there is nothing to learn"
            if different == 1
            else f"has {different} values in {len(labels):,} rows, too few rows of each"
        )
        return SignalFinding(
            about=about,
            verdict="not enough data",
            sentence=f"{about} {reason}.",
            rows=len(labels),
        )
    is_told = score.deviations > _DEVIATIONS and score.auc >= _LEAST_AUC
    unclear = not is_told and score.blur > _MOST_BLUR
    return SignalFinding(
        about=about,
        verdict="signal" if is_told else "not enough data" if unclear else "no signal",
        sentence=_judged(about, told_by, score, is_told=is_told, unclear=unclear),
        rows=score.n_rows,
        score=round(score.auc, 4),
        accuracy=round(score.accuracy, 4),
        majority=round(score.majority, 4),
    )


def _judged(about: str, told_by: str, score: GuessScore, *, is_told: bool, unclear: bool) -> str:
    measured = (
        f"area under the curve {score.auc:.2f} on rows not learnt from, chance is 0.50; "
        f"{score.n_rows:,} rows"
    )
    if is_told and score.accuracy > score.majority:
        return (
            f"{about} follows the {told_by}: a quick guess is right for {score.accuracy:.0%} of "
            f"rows not learnt from, always answering {score.most_frequent[:40]} for "
            f"{score.majority:.0%}."
        )
    if is_told:
        return f"{about} depends on the {told_by} ({measured})."
    if unclear:
        return f"Whether {about} depends on the {told_by} cannot be told yet ({measured})."
    return f"{about} cannot be told from the {told_by} ({measured})."


def _words(text: str) -> Iterable[str]:
    """Return the words of a text; pairs of characters where words are not set apart by blanks."""
    words = set(re.findall(r"\w{2,}", text.casefold()))
    for word in [word for word in words if not word.isascii()]:
        words.update(word[n : n + 2] for n in range(len(word) - 1))
    return words


def _telemetry_tokens(sample: pa.Table) -> TokenRows:
    """Return for each row in which tenth each measurement lies, the hour, and the task."""
    groups = [sample[name] for name in TASK_NAMES] + [pc.hour(sample["timestamp"])]
    parts = [np.unique(_as_words(group), return_inverse=True)[1] for group in groups]
    for name in _numbers(sample):
        values = sample[name].to_numpy()
        edges = np.nanquantile(values, np.arange(1, _BINS) / _BINS)
        parts.append(np.where(np.isnan(values), _BINS, np.searchsorted(edges, values)))
    return TokenRows.of_columns(parts)


def _codes(group: pa.ChunkedArray) -> npt.NDArray[np.int64]:
    """Return which of its different values each row has, as a number; -1 where none."""
    coded = pc.dictionary_encode(group).combine_chunks()
    return np.asarray(pc.fill_null(coded.indices, -1).to_numpy().astype(np.int64))


def _as_words(group: pa.ChunkedArray) -> npt.NDArray[np.str_]:
    return np.array(pc.fill_null(group.cast(pa.string()), "").to_pylist(), dtype=np.str_)
