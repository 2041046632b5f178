"""Two versions side by side: every score that both have, and by how much it differs."""

from collections.abc import Iterator, Mapping
from typing import Any

from core import quantities
from core.analytics.figures import Fact, Facts, Figure, Missing, Section, Table
from core.artifacts import Manifest
from core.comparison import recorded
from core.tickets.report import TrainingReport

__all__ = ["compared_classes", "compared_fairly", "compared_scores", "comparison"]

_SHOWN = (
    "accuracy",
    "weighted_f1",
    "macro_f1",
    "auc",
    "average_precision",
    "brier",
    "calibration_error",
    "caught",
    "lead_median_s",
    "false_alarms_per_host_day",
    "cause_right_last",
)
_IN_WORDS = {
    "auc": "AUC",
    "weighted_f1": "weighted F1",
    "macro_f1": "macro F1",
    "brier": "Brier score",
    "caught": "failures alarmed",
    "lead_median_s": "median lead time",
    "false_alarms_per_host_day": "false alarms a host and day",
    "cause_right_last": "cause right at the last step",
}
_COUNTS, _TIMES = ("caught",), ("lead_median_s",)
_TITLE = "Side by side"


def comparison(
    mine: Manifest, other: Manifest, active: str, reports: tuple[TrainingReport, ...] = ()
) -> Section:
    """Return the scores of two versions with their differences.

    `reports` are those of the two ticket models, for their categories.
    """
    figures: list[Figure] = [compared_fairly(mine, other), compared_scores(mine, other, active)]
    if len(reports) == 2:
        figures.append(compared_classes(*reports))
    return Section(title=f"{mine.version} beside {other.version}", figures=tuple(figures))


def compared_fairly(mine: Manifest, other: Manifest) -> Figure:
    """Return how two versions did on the same held-back data when the newer one was trained."""
    title = "On the same held-back data"
    pair = {mine.version, other.version}
    on_record = [recorded(one.training) for one in (mine, other)]
    found = next((c for c in on_record if c and {c.champion, c.challenger} == pair), None)
    if found is None:
        return Missing(
            title=title,
            reason="These two were not compared: a new version is, with the one that is active "
            "when it is trained (on the page Admin, or with --compare).",
        )
    if found.why_not or found.difference is None or found.low is None or found.high is None:
        return Missing(title=title, reason=found.in_words)
    between = f"{100 * found.low:+.1f} to {100 * found.high:+.1f}"
    return Facts(
        title=title,
        says=found.in_words,
        facts=(
            Fact(name=f"{found.score} {found.challenger}", value=f"{found.challenger_score:.3f}"),
            Fact(name=f"{found.score} {found.champion}", value=f"{found.champion_score:.3f}"),
            Fact(
                name="Difference (95 %)",
                value=f"{100 * found.difference:+.1f} ({between}) points",
                about="From drawing the same rows for both again and again (paired bootstrap)",
            ),
        ),
    )


def compared_scores(mine: Manifest, other: Manifest, active: str) -> Figure:
    """Return the table of scores that both versions have, by test."""
    ours, theirs = dict(_numbers(mine.scores)), dict(_numbers(other.scores))
    shared = [name for name in ours if name in theirs]
    if not shared:
        return Missing(
            title=_TITLE, reason=f"{mine.version} and {other.version} share no score: they were "
            "judged on different tests, or not at all."
        )  # fmt: skip

    state = f"{mine.version} is active" if active == mine.version else (
        f"{other.version} is active" if active == other.version else f"{active} is active"
    )  # fmt: skip
    same = mine.data_hash == other.data_hash
    return Table(
        title=_TITLE,
        says=f"{state}. "
        + (
            "Both were made from the same data."
            if same
            else "They were made from different data, and each was judged on held-out rows of its "
            "own: a small difference says nothing."
        ),
        columns=("Score", mine.version, other.version, "Difference"),
        rows=tuple(
            (
                _words(name),
                _short(name[0], ours[name]),
                _short(name[0], theirs[name]),
                _difference(name[0], ours[name] - theirs[name]),
            )
            for name in shared
        ),
    )


def compared_classes(mine: TrainingReport, other: TrainingReport) -> Figure:
    """Return how F1 differs, category by category."""
    ours = {one.category: one for one in mine.candidates[0].per_class}
    theirs = {one.category: one for one in other.candidates[0].per_class}
    shared = [name for name in ours if name in theirs]
    title = "By category"
    if not shared:
        return Missing(title=title, reason="The two versions know no category in common.")
    change = {name: ours[name].f1 - theirs[name].f1 for name in shared}
    most = max(shared, key=lambda name: abs(change[name]))
    return Table(
        title=title,
        says=f"{most} differs most: F1 {change[most]:+.2f}.",
        columns=("Category", f"F1 {mine.version}", f"F1 {other.version}", "Difference"),
        rows=tuple(
            (name, f"{ours[name].f1:.2f} of {ours[name].n_tickets:,} tickets",
             f"{theirs[name].f1:.2f} of {theirs[name].n_tickets:,} tickets", f"{change[name]:+.2f}")
            for name in shared
        ),
    )  # fmt: skip


def _numbers(scores: Mapping[str, Any], test: str = "") -> Iterator[tuple[tuple[str, str], float]]:
    """Yield the scores that are shown, by name and test."""
    for name, value in scores.items():
        if isinstance(value, Mapping) and "value" not in value:
            yield from _numbers(value, name)
            continue
        number = value["value"] if isinstance(value, Mapping) else value
        if name in _SHOWN and isinstance(number, int | float):
            yield (name, test), float(number)


def _words(score: tuple[str, str]) -> str:
    name, test = score
    words = _IN_WORDS.get(name, name.replace("_", " "))
    return f"{words} ({test})" if test else words


def _short(name: str, value: float) -> str:
    if name in _TIMES:
        return quantities.duration(value)
    return f"{value:,.0f}" if name in _COUNTS else f"{value:.3f}"


def _difference(name: str, by: float) -> str:
    return f"{'-' if by < 0 else '+'}{_short(name, abs(by))}"
