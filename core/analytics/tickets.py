"""The report on a version of the ticket models."""

from core import quantities
from core.analytics.figures import (
    Bar,
    Bars,
    Curve,
    Dot,
    Dots,
    Figure,
    Matrix,
    Missing,
    Report,
    Section,
    Series,
    Table,
)
from core.analytics.words import interval, percent, score, size
from core.artifacts import Manifest
from core.tickets.abstain import routing
from core.tickets.report import Baseline, Evaluation, TrainingReport

__all__ = ["ticket_report"]

_SHOWN_DRIVERS = 12
_SCORES = {"weighted_f1": "Weighted F1", "macro_f1": "Macro F1", "accuracy": "Accuracy"}


def ticket_report(report: TrainingReport, manifest: Manifest) -> Report:
    """Return the report on a version, of what was measured at its training."""
    best = report.candidates[0]
    return Report(
        model="ticket model",
        version=manifest.version,
        headline=_headline(report),
        warnings=_warnings(report),
        sections=(
            Section(title="Candidates beside baselines", figures=_candidates(report)),
            Section(title="What it confuses", figures=(_confusion(best), _per_class(best))),
            Section(title="What decides", figures=(_own(report), _permutation(report))),
            Section(title="Can its confidence be believed", figures=_confidence(report, best)),
            Section(title="Where the data came from", figures=(_origin(report, manifest),)),
        ),
        footnote=(
            f"{best.title} {manifest.version}, made {manifest.created_at} from {manifest.source}. "
            f"Intervals are 95 %, from drawing the {best.n_tickets:,} held-out tickets again."
        ),
    )


def _headline(report: TrainingReport) -> str:
    own = report.candidates[0].weighted_f1
    n = report.candidates[0].n_tickets
    text = f"weighted F1 {own.value:.2f} ({own.low:.2f}-{own.high:.2f}, {n:,} rows)"
    if not report.baselines:
        return f"{report.version}: {text}; it has no baseline to be compared with."
    rival = max(report.baselines, key=lambda one: one.weighted_f1.value)
    verb = "beats" if report.beats_baselines else "does not surely beat"
    return (
        f"{report.version} {verb} its best baseline: {text} against "
        f"{rival.weighted_f1.value:.2f} ({rival.title})."
    )


def _warnings(report: TrainingReport) -> tuple[str, ...]:
    said = []
    if report.is_demo:
        said.append("Demo: it was trained and judged on made-up tickets.")
    if report.is_derived_by_rule:
        text = (
            "Derived by rule: a rule made the categories from the telemetry, so that its score "
            "says how well the rule was relearnt."
        )
        if report.hidden is not None:
            text += (
                f" Without the columns that the rule reads, weighted F1 is "
                f"{score(report.hidden.weighted_f1.value)}."
            )
        said.append(text)
    return tuple(said)


def _candidates(report: TrainingReport) -> tuple[Figure, ...]:
    best, *others = report.candidates
    # The weakest baselines are in the table: on one axis with them the others are one blot.
    rival = sorted(report.baselines, key=lambda one: -one.weighted_f1.value)[:1]
    scored: tuple[Evaluation | Baseline, ...] = (*report.candidates, *rival)
    lead = "It was tried alone."
    if others:
        lead = f"{best.title} leads {others[0].title} by "
        lead += f"{best.weighted_f1.value - others[0].weighted_f1.value:.3f} weighted F1"
        apart = best.weighted_f1.low > others[0].weighted_f1.value
        lead += "." if apart else ", which is within its interval: either would do."
    figures: list[Figure] = [
        Dots(title=title, says=lead if name == "weighted_f1" else _span(report, name), unit="",
             dots=tuple(_dot(one, name) for one in scored))
        for name, title in _SCORES.items()
    ]  # fmt: skip
    quick = min(report.candidates, key=lambda one: one.training_s or 0.0)
    figures.append(
        Table(
            title="What each costs",
            says=f"{quick.title} trains fastest, in {_seconds(quick.training_s)}.",
            columns=("Candidate", "Accuracy", "Weighted F1", "Macro F1", "Training", "One ticket",
                     "Size"),
            rows=(
                *((one.title, *_intervals(one), _seconds(one.training_s), _ms(one.one_ticket_ms),
                   size(one.size_bytes)) for one in report.candidates),
                *((f"Baseline: {one.title}", *_intervals(one), "", "", "")
                  for one in report.baselines),
            ),
        )
    )  # fmt: skip
    return tuple(figures)


def _span(report: TrainingReport, name: str) -> str:
    best = report.candidates[0]
    own = getattr(best, name).value
    rivals = [getattr(one, name).value for one in report.baselines]
    if not rivals:
        return f"{best.title} has {own:.2f}."
    return f"{best.title} has {own:.2f}, the best baseline {max(rivals):.2f}."


def _dot(one: Evaluation | Baseline, name: str) -> Dot:
    scored = getattr(one, name)
    return Dot(
        name=one.title,
        value=scored.value,
        low=scored.low,
        high=scored.high,
        is_baseline=isinstance(one, Baseline),
    )


def _intervals(one: Evaluation | Baseline) -> tuple[str, ...]:
    scores = (one.accuracy, one.weighted_f1, one.macro_f1)
    return tuple(interval(scored.value, scored.low, scored.high) for scored in scores)


def _confusion(best: Evaluation) -> Matrix:
    wrong = [
        (n, best.categories[i], best.categories[j])
        for i, row in enumerate(best.confusion)
        for j, n in enumerate(row)
        if i != j and n
    ]
    n_right = sum(best.confusion[i][i] for i in range(len(best.categories)))
    says = f"{n_right:,} of {best.n_tickets:,} held-out tickets lie on the diagonal, and are right"
    if wrong:
        n, true, said = max(wrong)
        says += f"; most often, {n:,} times, {true} is taken for {said}"
    return Matrix(
        title="Confusion",
        says=says + ".",
        what="tickets",
        labels=best.categories,
        counts=best.confusion,
    )


def _per_class(best: Evaluation) -> Table:
    worst = min(best.per_class, key=lambda one: one.f1)
    return Table(
        title="By category",
        says=f"{worst.category} is told worst: F1 {score(worst.f1)} on {worst.n_tickets:,} "
        "tickets.",
        columns=("Category", "Precision", "Recall", "F1", "Held-out tickets"),
        rows=tuple(
            (one.category, score(one.precision), score(one.recall), score(one.f1),
             f"{one.n_tickets:,}")
            for one in best.per_class
        ),
    )  # fmt: skip


def _own(report: TrainingReport) -> Figure:
    title = "The model's own weights"
    shown = report.drivers[:_SHOWN_DRIVERS]
    if not shown:
        return Missing(title=title, reason="This model gives no weight to any single input.")
    return Bars(
        title=title,
        says=f"{shown[0].name} weighs most: {percent(shown[0].share)} of all weights, which are "
        "spread over thousands of words.",
        unit="%",
        bars=tuple(Bar(name=one.name, value=100 * one.share) for one in shown),
    )


def _permutation(report: TrainingReport) -> Figure:
    title = "What it loses without an input"
    shown = report.permutation[:_SHOWN_DRIVERS]
    if not shown:
        return Missing(
            title=title,
            reason=f"{report.version} was made before this was measured on held-out tickets; "
            "train a new version with `python -m core tickets train --data FILE`.",
        )
    return Bars(
        title=title,
        says=f"Shuffled among held-out tickets, {shown[0].name} costs most: "
        f"{100 * shown[0].drop:.1f} points of weighted F1. Inputs that say the same stand in for "
        "one another.",
        unit="points of weighted F1",
        bars=tuple(
            Bar(name=one.name, value=100 * one.drop, low=100 * one.low, high=100 * one.high)
            for one in shown
        ),
    )


def _confidence(report: TrainingReport, best: Evaluation) -> tuple[Figure, ...]:
    off = max(best.bins, key=lambda one: abs(one.accuracy - one.confidence))
    route = routing(report.curve, report.precision)
    demanded = f"At {percent(report.precision)} precision"
    says = f"{demanded} every ticket goes to a person: no confidence has been right that often."
    if route.precision is not None:
        says = (
            f"{demanded}, tickets from {percent(route.threshold)} confidence on go straight "
            f"through: {percent(route.coverage)} of them, {percent(route.precision)} right."
        )
    return (
        Curve(
            title="Reliability",
            says=f"Confidence is off by {percent(best.calibration_error)} on average, most where "
            f"it says {percent(off.confidence)} and {percent(off.accuracy)} of "
            f"{off.n_tickets:,} tickets are right.",
            x_title="confidence said, %",
            y_title="right, %",
            series=(
                Series(
                    name="held-out tickets",
                    x=tuple(100 * one.confidence for one in best.bins),
                    y=tuple(100 * one.accuracy for one in best.bins),
                    counts=tuple(one.n_tickets for one in best.bins),
                ),
            ),
            is_diagonal=True,
        ),
        Curve(
            title="Precision and coverage",
            says=says,
            x_title="tickets straight through, %",
            y_title="of them right, %",
            series=(
                Series(
                    name="held-out tickets",
                    x=tuple(100 * one.coverage for one in report.curve),
                    y=tuple(100 * one.precision for one in report.curve),
                    counts=tuple(one.n_tickets for one in report.curve),
                ),
            ),
            mark=None if route.precision is None else (100 * route.coverage, 100 * route.precision),
        ),
    )


def _origin(report: TrainingReport, manifest: Manifest) -> Table:
    split = report.split
    how = (
        "by time: the newest tickets, and of those none that reads like an older one"
        if split.kind == "newest"
        else "at random by category, tickets that read alike on one side"
    )
    return Table(
        title="Origin and leakage",
        says=f"{split.n_train:,} tickets were learnt from for these scores and {split.n_test:,} "
        f"held out {how}.",
        columns=("What", "How"),
        rows=(
            ("Made from", manifest.source),
            ("Held out", how),
            ("Near-duplicates", f"{split.n_near_duplicates:,} tickets read like another one; they "
             f"were kept together, {split.n_set_aside:,} set aside"),
            ("Corrections in training", f"{report.n_corrections:,}"),
            ("Served model", f"fitted again on all {report.n_tickets:,} tickets, the held-out ones "
             "included"),
            *(("Note", note) for note in report.notes),
        ),
    )  # fmt: skip


def _seconds(taken_s: float | None) -> str:
    return "none" if taken_s is None else quantities.duration(taken_s) if taken_s >= 10 else (
        f"{taken_s:.1f} s"
    )  # fmt: skip


def _ms(taken_ms: float | None) -> str:
    return "none" if taken_ms is None else f"{taken_ms:.2g} ms"
