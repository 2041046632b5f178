"""What the failure model decides, what it goes by, and what it takes, for the report on it."""

from collections.abc import Mapping
from typing import Any

from core import quantities
from core.analytics.figures import Bar, Bars, Curve, Figure, Matrix, Missing, Series, Table
from core.analytics.words import interval, named, percent
from core.artifacts import Manifest
from core.failure.figures import NETWORK, FailureFigures, JudgedFigures
from core.failure.serving import policy_of

__all__ = ["MAIN_TEST", "Scores", "alarmed", "decided", "importances", "precision", "scored"]

MAIN_TEST = "test"

Scores = Mapping[str, Any]


def scored(row: Scores, name: str) -> str:
    """Return a score with its interval in brackets."""
    low, high = row.get(f"{name}_interval") or (None, None)
    return interval(row[name], low, high)


def _not_kept(title: str, manifest: Manifest) -> Missing:
    return Missing(
        title=title,
        reason=f"{manifest.version} was made before this was kept; "
        "`python -m core failure rejudge` writes it again with this figure.",
    )


def decided(manifest: Manifest, figures: FailureFigures | None) -> Figure:
    """Return accuracy, F1, training time and size of the network and its baselines."""
    title = "Decisions and costs"
    scores = manifest.scores[MAIN_TEST]
    if scores.get("f1") is None:
        return _not_kept(title, manifest)
    costs = {one.name: one for one in figures.costs} if figures is not None else {}
    every = {NETWORK: scores, **manifest.baseline_scores.get(MAIN_TEST, {})}

    def row(name: str, own: Scores) -> tuple[str, ...]:
        cost = costs.get(name)
        seconds = None if cost is None else cost.training_s
        size = None if cost is None else cost.size_bytes
        return (
            f"{name} {manifest.version}" if name == NETWORK else name,
            scored(own, "f1") if own.get("f1") is not None else "not kept",
            percent(own["accuracy"]) if own.get("accuracy") is not None else "not kept",
            "not kept" if seconds is None else quantities.duration(seconds),
            "not kept" if size is None else f"{size / 1e6:.2f} MB",
        )

    never = 1.0 - scores["n_failing_windows"] / scores["n_windows"]
    return Table(
        title=title,
        says=f"Of {scores['n_windows']:,} windows {scores['n_failing_windows']:,} end in a "
        f"failure: whoever never warns is right in {percent(never)} of them, with an F1 of 0. An "
        "alarm that comes before the horizon counts as wrong here.",
        columns=("Model", "F1", "Accuracy", "Processor time to train", "Size"),
        rows=(*(row(name, own) for name, own in every.items()),
              ("never warns", "0", percent(never), "none", "none")),
    )  # fmt: skip


def precision(manifest: Manifest, test: JudgedFigures) -> Figure:
    """Return how precise alarms of any threshold would be, with the one in force."""
    title = "Precision and coverage"
    if not test.curve:
        return _not_kept(title, manifest)
    enter = policy_of(manifest).enter
    near = min(test.curve, key=lambda one: abs(one.threshold - enter))
    return Curve(
        title=title,
        says=f"From a probability of {percent(enter)} on, where an alarm begins, "
        f"{percent(near.recall)} of the windows before a failure are found, and "
        f"{percent(near.precision)} of those found end in one.",
        x_title="windows before a failure found, %",
        y_title="of those found end in one, %",
        series=(
            Series(
                name="windows",
                x=tuple(100 * one.recall for one in test.curve),
                y=tuple(100 * one.precision for one in test.curve),
            ),
        ),
        mark=(100 * near.recall, 100 * near.precision),
    )


def alarmed(manifest: Manifest, test: JudgedFigures) -> Figure:
    """Return counts of windows by what came and by the alarm."""
    title = "Alarms by what came"
    if not test.alarmed:
        return _not_kept(title, manifest)
    (calm, false), (missed, hit) = test.alarmed
    return Matrix(
        title=title,
        says=f"The alarm was on in {hit:,} of {hit + missed:,} windows before a failure, and in "
        f"{false:,} of {calm + false:,} others.",
        what="windows",
        labels=("no failure", "failure"),
        counts=test.alarmed,
    )


def importances(manifest: Manifest, figures: FailureFigures) -> Figure:
    """Return the permutation importance of each metric."""
    title = "What it loses without a metric"
    found = figures.importances
    if not found:
        return _not_kept(title, manifest)
    return Bars(
        title=title,
        says=f"Taken from other windows, {named(found[0].metric)} costs most: "
        f"{100 * found[0].drop:.1f} points of average precision. Metrics that say the same stand "
        "in for one another; what decided in one window is on the page Live Failure Prediction.",
        unit="points of average precision",
        bars=tuple(Bar(name=named(one.metric), value=100 * one.drop) for one in found),
    )
