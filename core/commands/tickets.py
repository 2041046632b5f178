"""The verbs of the ticket area: train, predict, classify a file, judge, and switch versions."""

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core import artifacts
from core.commands import options, ticket_words
from core.commands.files import writing
from core.commands.on_record import (
    Told,
    activate_on_record,
    note_training,
    training_on_record,
)
from core.commands.output import Progress, print_json, say, show
from core.commands.standard_input import text_of
from core.comparison import ON_RECORD
from core.dataset.derive import TIME_PARTS
from core.dataset.schema import COLUMNS
from core.errors import ArtifactError, MissingDataError
from core.store import Correction, Store
from core.tickets.features import CATEGORICAL, NUMERIC, RATIOS

if TYPE_CHECKING:
    from core.dataset import DatasetReport, Tickets

__all__ = ["Corrections", "add_verbs"]

# Hands out what people said of tickets; `core.__main__` knows which database holds it.
Corrections = Callable[[], Sequence[Correction]]
AREA = "tickets"
# What the comparison takes afterwards is a tenth of the whole.
_TRAINING_SHARE = 0.9
_TEXT_BY_RULE = "The file has no ticket_text: a text is derived by rule from each row."


def add_verbs(
    areas: Any, *, models_dir: Path, corrections: Corrections, open_store: Callable[[], Store]
) -> None:
    """Add `tickets` and its verbs to the areas of the command line."""
    verbs = areas.add_parser(AREA, help="ticket categories").add_subparsers(
        dest="verb", required=True, metavar="VERB"
    )

    def verb(name: str, run: Callable[[argparse.Namespace], None], text: str) -> Any:
        parser = verbs.add_parser(name, help=text, description=text)
        parser.set_defaults(run=run)
        parser.add_argument(
            "--models", type=Path, default=models_dir, metavar="DIR", help="the models folder"
        )
        return parser

    def with_data(parser: Any) -> None:
        parser.add_argument(
            "--data", type=Path, required=True, metavar="FILE", help="CSV, plain or gzipped"
        )

    def with_precision(parser: Any) -> None:
        parser.add_argument(
            "--precision",
            type=options.share,
            metavar="P",
            help="share (0-1) of tickets routed without a person that must be right "
            "(default: that of the training)",
        )

    def with_json(parser: Any) -> None:
        parser.add_argument("--json", action="store_true", help="print JSON")

    train = verb(
        "train",
        lambda a: _train_alone(a, models_dir, corrections, open_store),
        "train on a file of labelled tickets",
    )
    with_data(train)
    train.add_argument(
        "--candidates",
        type=lambda text: text.split(","),
        action="extend",
        metavar="NAME,...",
        help="which models to compare (repeatable; default: all)",
    )
    train.add_argument(
        "--literal",
        action="store_true",
        help="the settings that the methods are usually quoted with: slower, not better",
    )
    train.add_argument("--seed", type=options.seed, default=7)
    train.add_argument(
        "--keep-active", action="store_true", help="write the version, and go on with the old one"
    )
    train.add_argument(
        "--compare",
        action="store_true",
        help="keep the active version, and say how the new one does beside it on tickets that "
        "neither has learnt from",
    )
    with_json(train)
    predict = verb("predict", _predict, "say what kind of ticket a text is, how sure, and why")
    predict.add_argument(
        "--text", required=True, metavar="T|-", help="the ticket, or - for standard input"
    )
    with_precision(predict)
    with_json(predict)
    _add_telemetry(predict.add_argument_group("what was measured with it"))
    classify = verb("classify", _classify, "answer every ticket of a file, in a copy of the file")
    with_data(classify)
    classify.add_argument("--out", type=Path, required=True, metavar="FILE")
    with_precision(classify)
    evaluate = verb("evaluate", _evaluate, "judge the active model on a file of labelled tickets")
    with_data(evaluate)
    with_json(evaluate)
    with_json(verb("list", _list, "list the versions"))
    activate = verb(
        "activate",
        lambda a: _activate(a, open_store),
        "make a version the active one (roll back, too)",
    )
    activate.add_argument("version", metavar="VERSION")
    with_json(activate)


def _add_telemetry(parser: Any) -> None:
    """Add an option for each column that a ticket model may read beside the text."""
    specs = {spec.name: spec for spec in COLUMNS}
    for name in NUMERIC:
        spec = specs.get(name)
        low, high, meaning = (
            (None, None, "") if spec is None else (spec.low, spec.high, spec.meaning)
        )
        if name in RATIOS:
            meaning = f"worked out where {' and '.join(RATIOS[name])} are given"
        elif name in TIME_PARTS:
            meaning = "part of the time at which it was measured (UTC)"
        elif high == 100.0:
            meaning = f"percent: {meaning}"
        parser.add_argument(
            f"--{name.replace('_', '-')}",
            type=_measurement(low, high),
            metavar="X",
            help=meaning,
        )
    for name in CATEGORICAL:
        parser.add_argument(f"--{name.replace('_', '-')}", metavar="WORD", help=specs[name].meaning)


def _measurement(low: float | None, high: float | None) -> Callable[[str], float]:
    return lambda text: options.finite(text, low, high)


def _train_alone(
    arguments: argparse.Namespace,
    models_dir: Path,
    corrections: Corrections,
    open_store: Callable[[], Store],
) -> None:
    where = (arguments.models, models_dir)
    with training_on_record(open_store, *where, AREA, "Training the ticket models") as told:
        version = _train(arguments, corrections, told)
    if not arguments.compare:  # whoever compares decides, and enters what came of it
        note_training(open_store, f"{AREA} {version}", f"on {arguments.data}")


def _train(arguments: argparse.Namespace, corrections: Corrections, told: Told) -> str:
    """Train and return the new version."""
    from core.tickets.registry import create_candidate

    for name in arguments.candidates or ():
        create_candidate(name)  # a wrong name is said before a long file is read
    said = corrections()
    tickets, found = _tickets_of(arguments.data, said)
    from core.tickets.train import train

    champion = _active(arguments.models) if arguments.compare or arguments.keep_active else None
    progress = Progress(told)
    share = _TRAINING_SHARE if arguments.compare and champion else 1.0
    report = train(
        tickets.frame,
        arguments.models,
        candidates=arguments.candidates,
        corrections=said,
        is_derived_by_rule=tickets.category_by_rule,
        deciding_columns=tickets.deciding_columns,
        is_demo=found.is_demo,
        is_literal=arguments.literal,
        source=_source(found, tickets, len(said)),
        seed=arguments.seed,
        progress=lambda stage: progress(share * stage.fraction, stage.message),
    )
    comparison = None
    if champion is None:
        artifacts.activate(arguments.models, AREA, report.version)
    elif arguments.compare:
        from core.tickets.challenge import challenge

        progress(share, f"Comparing {report.version} with {champion}")
        comparison = challenge(
            tickets.frame, said, arguments.models, champion, report.version, seed=arguments.seed
        )
        kept = {ON_RECORD: comparison.as_json()}
        artifacts.keep_of_training(arguments.models, AREA, report.version, **kept)
    is_active = champion is None
    state = "written and active" if is_active else "written"
    progress(1.0, f"{report.version} is {state}")
    if arguments.json:
        plain = None if comparison is None else comparison.as_json()
        print_json({**asdict(report), "is_active": is_active, "comparison": plain})
    else:
        manifest, folder = artifacts.load_version(arguments.models, AREA, report.version)
        size_bytes = sum((folder / name).stat().st_size for name in manifest.files)
        ticket_words.print_training(report, size_bytes)
        if comparison is not None:
            say(comparison.in_words)
    return report.version


def _tickets_of(path: Path, said: Sequence[Correction] = ()) -> tuple["Tickets", "DatasetReport"]:
    """Return the tickets of a file; say what a person must know of them.

    Raises
    ------
    MissingDataError
        None of its rows is a ticket with a category, and nobody has `said` any.
    """
    from core.dataset import brought_as, read, with_derived, with_tickets
    from core.dataset.tickets import RULE

    table, found = read(path, name=brought_as(path))
    tickets = with_tickets(with_derived(table.to_pandas()))
    if found.is_demo:
        say("These are demo data: machines, incidents and tickets are made up.")
    if tickets.text_by_rule:
        say(_TEXT_BY_RULE)
    if tickets.category_by_rule:
        say(
            f"The file has no ticket_category: it is derived by rule. {RULE} "
            "A score on such tickets says how well the rule was relearnt."
        )
    if not said and not tickets.frame["ticket_category"].notna().any():
        raise MissingDataError(
            f"None of the {table.num_rows} rows has both a ticket_text and a ticket_category: "
            "nothing to learn from."
        )
    return tickets, found


def _source(found: "DatasetReport", tickets: "Tickets", n_corrections: int) -> str:
    """Return in words what a model is made from."""
    by_rule = [
        name
        for name, is_by_rule in (
            ("ticket_text", tickets.text_by_rule),
            ("ticket_category", tickets.category_by_rule),
        )
        if is_by_rule
    ]
    parts = [f"{len(tickets.frame):,} tickets of {found.source}"]
    parts += ["demo data"] if found.is_demo else []
    parts += [f"{' and '.join(by_rule)} derived by rule"] if by_rule else []
    parts += [f"{n_corrections:,} corrections"] if n_corrections else []
    return ", ".join(parts)


def _active(models_dir: Path) -> str | None:
    """Return the active version, where it can be used."""
    try:
        manifest, _ = artifacts.load_version(models_dir, AREA)
    except ArtifactError:
        return None
    return manifest.version


def _predict(arguments: argparse.Namespace) -> None:
    from core.tickets.predict import load_model

    given = {name: getattr(arguments, name) for name in (*NUMERIC, *CATEGORICAL)}
    telemetry = {name: value for name, value in given.items() if value is not None}
    text = text_of(arguments.text)
    model = load_model(arguments.models)
    if unread := [name for name in telemetry if name not in model.columns]:
        say(f"{model.report.version} was trained without {', '.join(unread)}: not used.")
    found = model.predict(text, telemetry, precision=arguments.precision)
    if arguments.json:
        print_json(asdict(found))
    else:
        ticket_words.print_prediction(found)


def _classify(arguments: argparse.Namespace) -> None:
    from core.dataset import read_as_written, with_tickets
    from core.tickets.export import answered_lines, check_header
    from core.tickets.predict import load_model

    progress = Progress()
    model = load_model(arguments.models)
    file = read_as_written(arguments.data)
    check_header(file.header)
    tickets = with_tickets(file.frame)
    if tickets.text_by_rule:
        say(_TEXT_BY_RULE)
    n_tickets = len(file.frame)
    batch = model.predict_many(
        tickets.frame if tickets.text_by_rule else file.frame,
        precision=arguments.precision,
        progress=lambda done: progress(
            done, f"{round(done * n_tickets):,} of {n_tickets:,} tickets"
        ),
    )
    lines: Iterator[tuple[str, ...]] = answered_lines(file.header, file.rows(), batch)
    writing(arguments.out, lines)
    if file.report.rows_broken:
        first = file.report.first_broken[0]
        say(
            f"Left out: {file.report.rows_broken:,} rows with another number of cells than the "
            f"header, the first on line {first.line}."
        )
    n_unsure = int(batch.is_unsure.sum())
    say(
        f"{n_tickets:,} tickets classified by {batch.model_version}: {n_tickets - n_unsure:,} "
        f"automatic, {n_unsure:,} for a person. {ticket_words.promise(batch.routing)}"
    )


def _evaluate(arguments: argparse.Namespace) -> None:
    from core.tickets.judge import judge
    from core.tickets.predict import load_model

    tickets, _ = _tickets_of(arguments.data)
    model = load_model(arguments.models)
    judgement = judge(model, tickets.frame)
    if arguments.json:
        print_json(
            {
                "model_version": model.report.version,
                "is_derived_by_rule": tickets.category_by_rule,
                "is_seen": judgement.is_seen,
                **asdict(judgement),
            }
        )
    else:
        ticket_words.print_judgement(judgement, model.report.version)


def _list(arguments: argparse.Namespace) -> None:
    manifests = artifacts.versions(arguments.models, AREA)
    active = None
    try:
        active = artifacts.current_version(arguments.models, AREA) if manifests else None
    except ArtifactError as error:
        say(str(error))  # none is active, and which there are is needed to activate one
    if arguments.json:
        print_json({"active": active, "versions": [_summary(one) for one in manifests]})
        return
    for manifest in manifests:
        mark = "*" if manifest.version == active else " "
        score = manifest.scores["weighted_f1"]["value"]
        show(
            f"{mark} {manifest.version}  {manifest.created_at}  weighted F1 {score:.3f}  "
            f"{manifest.scores['model']}, {manifest.source}"
        )
    if not manifests:
        say(f"No ticket model is there yet; train one with `{artifacts.TRAIN_COMMANDS[AREA]}`.")


def _activate(arguments: argparse.Namespace, open_store: Callable[[], Store]) -> None:
    manifest = activate_on_record(open_store, arguments.models, AREA, arguments.version)
    if arguments.json:
        print_json(_summary(manifest))
    else:
        show(f"{manifest.version} is active: {manifest.scores['model']}, {manifest.source}.")


def _summary(manifest: artifacts.Manifest) -> dict[str, Any]:
    return {
        "model_version": manifest.version,
        "created_at": manifest.created_at,
        "source": manifest.source,
        "seed": manifest.seed,
        "classes": manifest.classes,
        "thresholds": manifest.thresholds,
        "scores": manifest.scores,
        "baseline_scores": manifest.baseline_scores,
    }
