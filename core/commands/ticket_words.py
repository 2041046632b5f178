"""What the ticket area's verbs print for people."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.tickets.abstain import Routing
    from core.tickets.judge import Judgement
    from core.tickets.predict import TicketPrediction
    from core.tickets.report import Baseline, Evaluation, Interval, TrainingReport

__all__ = ["print_judgement", "print_prediction", "print_training", "promise"]

_SHOWN_CATEGORIES = 30
_SHOWN_CHARACTERS = 100
# Of the heaviest word or number; lighter ones did not decide.
_LEAST_WEIGHT = 0.02


def promise(route: "Routing") -> str:
    """Return what the demanded precision comes to, in a sentence."""
    if route.precision is None or route.low is None or route.high is None:
        return f"No confidence of this model has been right {route.demanded:.0%} of the time."
    return (
        f"On held-out tickets {route.precision:.1%} of automatic answers were right "
        f"({route.low:.1%} to {route.high:.1%}); demanded are {route.demanded:.0%}."
    )


def print_training(report: "TrainingReport", size_bytes: int) -> None:
    """Print what came out of a training, `size_bytes` being what the version weighs."""
    print(f"{'rank':4} {'model':34} {'weighted F1':>11}  {'95 % interval':15} {'fit':>8}")
    for rank, one in enumerate(report.candidates, start=1):
        fit = "" if one.training_s is None else f"{one.training_s:.1f} s"
        print(f"{rank:<4} {_row(one)} {fit:>8}")
    for baseline in report.baselines:
        print(f"{'':4} {_row(baseline)}")
    print()
    best = report.candidates[0]
    split = report.split
    how = "the newest" if split.kind == "newest" else "drawn at random"
    aside = f", {split.n_set_aside:,} set aside" if split.n_set_aside else ""
    print(
        f"{report.n_tickets:,} tickets in {len(best.categories):,} categories: {split.n_train:,} "
        f"to learn from, {split.n_test:,} held out ({how}){aside}."
    )
    if report.n_corrections:
        print(f"{report.n_corrections:,} corrections by people joined the training.")
    print(
        f"{best.title} is {report.version}: {report.training_s:.0f} s, {size_bytes / 1e6:.2f} MB."
    )
    if not report.beats_baselines:
        print(
            "It is not better than every baseline beyond chance: use it with care, or not at all."
        )
    if report.is_derived_by_rule:
        print("The categories are derived by rule: the score says how well the rule was relearnt.")
    if report.hidden is not None:
        print(
            f"Without {', '.join(report.hidden.columns)} its weighted F1 is "
            f"{_interval(report.hidden.weighted_f1)}."
        )
    if report.is_demo:
        print("The tickets are demo data: the scores say nothing about yours.")
    for note in report.notes:
        print(note)


def print_prediction(found: "TicketPrediction") -> None:
    """Print the answer for one ticket, and what it rests on."""
    print(f"{found.category}, confidence {found.confidence:.0%}")
    print(f"Unsure: hand to a person. {found.reason}" if found.is_unsure else "Route: automatic.")
    if not found.is_unsure:
        print(promise(found.routing))
    print()
    print("categories: " + ", ".join(f"{s.category} {s.probability:.0%}" for s in found.top))
    weights = [abs(one.weight) for one in found.words]
    weights += [abs(one.weight) for one in found.inputs]
    least = _LEAST_WEIGHT * max(weights, default=0.0)
    words = [one for one in found.words if abs(one.weight) >= least]
    if words:
        print("words: " + ", ".join(f"{word.term} {word.weight:+.2g}" for word in words))
    inputs = [one for one in found.inputs if abs(one.weight) >= least]
    if inputs:
        said = (f"{one.name} {_value(one.value)} ({one.weight:+.2g})" for one in inputs)
        print("measured: " + ", ".join(said))
    if found.inputs_missing:
        print(f"not given, typical values stand for them: {', '.join(found.inputs_missing)}")
    for past in found.similar:
        print(f"similar ({past.similarity:.0%}): {past.category}: {_shown(past.text)}")
    print(f"model: {found.model_version}, {found.model}")


def print_judgement(judgement: "Judgement", version: str) -> None:
    """Print how good a model is on a file."""
    scored = judgement.evaluation
    print(f"{scored.title} {version} on {scored.n_tickets:,} tickets, 95 % intervals in brackets")
    if judgement.is_training_data:
        print("The model was trained on just these tickets: it looks better here than it is.")
    elif judgement.n_seen:
        print(
            f"At least {judgement.n_seen:,} of these tickets were in the training: the model looks "
            "better here than it is."
        )
    print()
    print(f"{'':34} {'accuracy':21}  {'weighted F1':21}  macro F1")
    for row in (scored, judgement.majority):
        scores = (row.accuracy, row.weighted_f1, row.macro_f1)
        print(f"{_shown(row.title)[:34]:34} {'  '.join(map(_interval, scores))}")
    print()
    print(f"{'category':34} {'precision':>9} {'recall':>9} {'F1':>9} {'tickets':>9}")
    shown = sorted(scored.per_class, key=lambda one: -one.n_tickets)[:_SHOWN_CATEGORIES]
    for one in shown:
        print(
            f"{_shown(one.category)[:34]:34} {one.precision:>9.3f} {one.recall:>9.3f} "
            f"{one.f1:>9.3f} {one.n_tickets:>9,}"
        )
    if len(scored.per_class) > len(shown):
        print(f"and {len(scored.per_class) - len(shown):,} rarer categories")


def _row(one: "Evaluation | Baseline") -> str:
    f1 = one.weighted_f1
    return f"{one.title[:34]:34} {f1.value:>11.3f}  {f1.low:.3f} to {f1.high:.3f} "


def _interval(score: "Interval") -> str:
    return f"{score.value:.3f} ({score.low:.3f}-{score.high:.3f})"


def _value(value: float | str) -> str:
    return _shown(value) if isinstance(value, str) else f"{value:g}"


def _shown(text: str) -> str:
    """Return the beginning of a text in one line, without what would steer a terminal."""
    line = " ".join(text.split())[:_SHOWN_CHARACTERS]
    return "".join(c if c.isprintable() else "\ufffd" for c in line)
