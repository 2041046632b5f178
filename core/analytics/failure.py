"""The report on a version of the failure model."""

from collections.abc import Mapping
from itertools import pairwise

import numpy as np

from core import quantities
from core.analytics.failure_decisions import (
    MAIN_TEST,
    Scores,
    alarmed,
    decided,
    importances,
    precision,
    scored,
)
from core.analytics.figures import (
    Bar,
    Bars,
    Curve,
    Dot,
    Dots,
    Fact,
    Facts,
    Figure,
    Matrix,
    Missing,
    Report,
    Section,
    Series,
    Table,
)
from core.analytics.words import named, percent, score
from core.artifacts import Manifest
from core.failure.figures import FailureFigures, JudgedFigures
from core.metrics import METRIC_NAMES

__all__ = ["failure_report"]

RECORDED = "recorded hosts"
_SIMULATED = "simulated hosts, seed"
_LEADS_S = (60, 120, 300, 600, 1800, 3600, 7200, float("inf"))


def failure_report(manifest: Manifest, figures: FailureFigures | None) -> Report:
    """Return the report on a version; figures that it was made without say so in their place."""
    warnings = []
    if _SIMULATED in manifest.source:
        warnings.append(
            "Simulated: it learnt from simulated hosts; recorded crashes are told apart below."
        )
    sections: list[Section] = []
    if MAIN_TEST in manifest.scores:
        for test, scores in manifest.scores.items():
            if test.startswith(RECORDED):
                sections.append(
                    Section(title="Real crashes it has never seen", figures=(_crashes(scores),))
                )
        for test in manifest.scores:
            sections.append(Section(title=_title(manifest, test), figures=_test(manifest, test)))
        sections.append(Section(title="Side by side", figures=(decided(manifest, figures),)))
        sections += _looks(manifest, figures)
        sections.append(Section(title="Where the data came from", figures=(_origin(manifest),)))
    return Report(
        model="failure model",
        version=manifest.version,
        headline=_headline(manifest),
        warnings=tuple(warnings),
        sections=tuple(sections),
        footnote=f"Failure model {manifest.version}, made {manifest.created_at} from "
        f"{manifest.source}. Brackets hold 95 % intervals from drawing the hosts again.",
    )


def _origin(manifest: Manifest) -> Table:
    """Return what it was made from, and what keeps its tests apart from that."""
    if _SIMULATED in manifest.source:
        says = "No host that it was judged on was learnt from."
        kept_apart = (
            ("Held out", "whole hosts, simulated with random numbers of their own; so were those "
             "that probabilities and thresholds were set on"),
            ("Fault kinds", "those kept out of training are in no host that it learnt from"),
        )  # fmt: skip
    else:
        says = "Each run was judged by a model that had not seen it."
        kept_apart = (
            ("Held out", "whole runs in turn, each judged with thresholds made without it"),
            ("Served model", "learnt from all of these runs afterwards"),
        )
    return Table(
        title="Origin and leakage",
        says=says,
        columns=("What", "How"),
        rows=(
            ("Made from", manifest.source),
            ("Data", f"{manifest.data_hash[:12]}, seed {manifest.seed}"),
            *kept_apart,
            ("Compared on", "simulated hosts that no version learns from"),
        ),
    )


def _headline(manifest: Manifest) -> str:
    if MAIN_TEST not in manifest.scores:
        return (
            f"{manifest.version} has not been judged ({manifest.source}). "
            "`python -m core failure evaluate --data FILE` judges it on recorded hosts."
        )
    own = manifest.scores[MAIN_TEST]
    rivals = manifest.baseline_scores.get(MAIN_TEST, {})
    if own["average_precision"] is None or not rivals:
        return f"{manifest.version} has no baseline to be compared with."
    name, best = max(rivals.items(), key=lambda item: item[1]["average_precision"] or 0.0)
    verb = "beats" if own["average_precision"] > best["average_precision"] else "does not beat"
    return (
        f"{manifest.version} {verb} its best baseline: average precision "
        f"{scored(own, 'average_precision')} against {scored(best, 'average_precision')} "
        f"({name}), {own['n_windows']:,} rows."
    )


def _title(manifest: Manifest, test: str) -> str:
    if test != MAIN_TEST:
        return f"{test[0].upper()}{test[1:]}"
    return "Simulated hosts it has not seen" if _SIMULATED in manifest.source else (
        "Runs left out in turn"
    )  # fmt: skip


def _crashes(scores: Scores) -> Facts:
    lead_s = scores["lead_median_s"]
    return Facts(
        title="Recorded crashes",
        says=f"It was alarmed before {scores['caught']} of {scores['n_failing_hosts']} crashes; of "
        "these hosts it has learnt nothing.",
        facts=(
            Fact(name="Alarmed before the crash",
                 value=f"{scores['caught']} of {scores['n_failing_hosts']}"),
            Fact(name="Median lead time",
                 value="none" if lead_s is None else quantities.duration(lead_s)),
            Fact(name="Windows in false alarm", value=percent(scores["false_alarm_share"]),
                 about=f"On {scores['n_healthy_hosts']} hosts that stayed healthy"),
            Fact(name="Cause right", value=percent(scores["cause_right_last"]),
                 about="In the ten steps before each crash"),
            Fact(name="AUC", value=score(scores["auc"])),
        ),
    )  # fmt: skip


def _test(manifest: Manifest, test: str) -> tuple[Figure, ...]:
    scores = manifest.scores[test]
    every = {f"LSTM {manifest.version}": scores, **manifest.baseline_scores.get(test, {})}
    own = f"LSTM {manifest.version}"
    says = (
        f"{scores['n_windows']:,} windows of {scores['n_hosts']:,} hosts; "
        f"{scores['n_failing_hosts']:,} of them fail, {scores['n_healthy_hosts']:,} never have a "
        "fault."
    )
    dots: list[Figure] = []
    for name, title in (("average_precision", "Average precision"), ("auc", "AUC")):
        known = {who: row for who, row in every.items() if row[name] is not None}
        if known:
            first = max(known, key=lambda who: float(known[who][name]))
            dots.append(
                Dots(
                    title=title,
                    says=f"{first} ranks windows best: {scored(known[first], name)}.",
                    unit="",
                    dots=tuple(_dot(who, row, name, who != own) for who, row in known.items()),
                )
            )
    false = {w: r for w, r in every.items() if r["false_alarms_per_host_day"] is not None}
    if false:
        dots.append(
            Bars(
                title="False alarms",
                says=f"On hosts that never have a fault {own} begins "
                f"{false[own]['false_alarms_per_host_day']:.2f} alarms a host and day."
                if own in false
                else "Alarms begun on hosts that never have a fault.",
                unit="a host and day",
                bars=tuple(
                    Bar(name=who, value=row["false_alarms_per_host_day"])
                    for who, row in false.items()
                ),
            )
        )
    return (_table(test, says, every), *dots)


def _dot(who: str, row: Scores, name: str, is_baseline: bool) -> Dot:
    low, high = row.get(f"{name}_interval") or (None, None)
    return Dot(name=who, value=row[name], low=low, high=high, is_baseline=is_baseline)


def _table(test: str, says: str, every: Mapping[str, Scores]) -> Table:
    def false(row: Scores) -> str:
        rate = row["false_alarms_per_host_day"]
        return "none" if rate is None else f"{rate:.2f} a host and day"

    def small(value: float | None) -> str:
        return "none" if value is None else f"{value:.4f}"

    def lead(row: Scores) -> str:
        steps = row["lead_median_steps"]
        return "none" if steps is None else f"{steps:.0f} steps"

    return Table(
        title="Scores",
        says=says,
        columns=("Model", "Average precision", "AUC", "Calibration error", "Brier",
                 "Failures alarmed", "Median lead", "False alarms", "Cause right"),
        rows=tuple(
            (who, scored(row, "average_precision"), scored(row, "auc"),
             small(row["calibration_error"]), small(row["brier"]),
             f"{row['caught']:,} of {row['n_failing_hosts']:,}", lead(row), false(row),
             "not named" if row["cause_right_caught"] is None
             else percent(row["cause_right_caught"]))
            for who, row in every.items()
        ),
    )  # fmt: skip


def _looks(manifest: Manifest, figures: FailureFigures | None) -> list[Section]:
    """Return the sections on how early, on causes, on probabilities and on the training."""
    titles = ("How early it warns", "What it names as the cause", "Can its probability be believed",
              "What decides", "How it was trained")  # fmt: skip
    if figures is None or MAIN_TEST not in figures.tests:
        reason = (
            f"{manifest.version} was made before this was kept; `python -m core failure rejudge` "
            "writes it again with these figures."
        )
        return [Section(title=t, figures=(Missing(title=t, reason=reason),)) for t in titles]
    main = figures.tests[MAIN_TEST]
    contents = (
        (_leads(main), _faults(main, figures)),
        (_causes(main),),
        (_reliability(main), precision(manifest, main), alarmed(manifest, main)),
        (importances(manifest, figures),),
        (_losses(figures),),
    )
    return [Section(title=t, figures=c) for t, c in zip(titles, contents, strict=True)]


def _leads(test: JudgedFigures) -> Figure:
    title = "Lead times"
    if not test.leads_s:
        return Missing(title=title, reason="No failure of this test was alarmed before it came.")
    counts, _ = np.histogram(test.leads_s, (0, *_LEADS_S))
    ends = [quantities.duration(end) for end in _LEADS_S[:-1]]
    names = [f"under {ends[0]}", *(f"{a} to {b}" for a, b in pairwise(ends)),
             f"over {ends[-1]}"]  # fmt: skip
    median = quantities.duration(float(np.median(test.leads_s)))
    return Bars(
        title=title,
        says=f"Half of the {len(test.leads_s):,} alarms came {median} or more before the failure; "
        f"{test.n_failures - len(test.leads_s):,} of {test.n_failures:,} failures had none.",
        unit="failures",
        bars=tuple(Bar(name=n, value=float(c)) for n, c in zip(names, counts, strict=True)),
    )


def _faults(main: JudgedFigures, figures: FailureFigures) -> Figure:
    title = "By kind of fault"
    kinds = [(one, "seen") for one in main.faults]
    for name, test in figures.tests.items():
        if name != MAIN_TEST:
            kinds += [(one, "kept out of training") for one in test.faults]
    if not kinds:
        return Missing(title=title, reason="Nobody has told the kinds of the faults in this file.")
    seen = [one for one, how in kinds if how == "seen"] or [one for one, _ in kinds]
    worst = min(seen, key=lambda one: one.n_caught / one.n_failures)
    return Table(
        title=title,
        says=f"It sees {named(worst.fault)} worst: {worst.n_caught} of {worst.n_failures} failures "
        "were alarmed.",
        columns=("Fault", "Metric at fault", "In training", "Failures alarmed", "Median lead",
                 "Cause right"),
        rows=tuple(
            (named(one.fault), named(one.cause), how, f"{one.n_caught:,} of {one.n_failures:,}",
             "none" if one.lead_median_s is None else quantities.duration(one.lead_median_s),
             percent(one.cause_right))
            for one, how in kinds
        ),
    )  # fmt: skip


def _causes(test: JudgedFigures) -> Figure:
    title = "Causes"
    counts = np.array(test.confusion or [[0]])
    if not counts.sum():
        return Missing(title=title, reason="This model names no cause, or the data tells none.")
    off = counts * (1 - np.eye(len(counts), dtype=int))
    says = f"In {percent(counts.trace() / counts.sum())} of {counts.sum():,} windows before a "
    says += "failure the cause is named right"
    if off.any():
        true, said = np.unravel_index(int(off.argmax()), off.shape)
        says += f"; most often {named(METRIC_NAMES[true])} is taken for {named(METRIC_NAMES[said])}"
    return Matrix(
        title=title,
        says=says + ".",
        what="windows",
        labels=tuple(map(named, METRIC_NAMES)),
        counts=test.confusion,
    )


def _reliability(test: JudgedFigures) -> Figure:
    off = max(test.bins, key=lambda one: abs(one.said - one.happened) * one.n_windows**0.5)
    return Curve(
        title="Reliability",
        says=f"Most off for its number of windows: where it says {percent(off.said)}, "
        f"{percent(off.happened)} of {off.n_windows:,} windows end in a failure.",
        x_title="probability said, %",
        y_title="failed within the horizon, %",
        series=(
            Series(
                name="windows",
                x=tuple(100 * one.said for one in test.bins),
                y=tuple(100 * one.happened for one in test.bins),
                counts=tuple(one.n_windows for one in test.bins),
            ),
        ),
        is_diagonal=True,
    )


def _losses(figures: FailureFigures) -> Figure:
    title = "Training history"
    losses = figures.losses
    if not losses:
        return Missing(title=title, reason="The loss of each epoch was not kept for this version.")
    return Curve(
        title=title,
        says=f"The loss on what it learns from falls from {losses[0]:.4f} to {losses[-1]:.4f} in "
        f"{len(losses)} epochs; it says nothing of hosts that were not seen.",
        x_title="epoch",
        y_title="loss",
        series=(Series(name="loss", x=tuple(float(i + 1) for i in range(len(losses))), y=losses),),
    )
