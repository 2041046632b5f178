"""The verbs of the failure area: measure this host, predict, train and judge models."""

import argparse
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from core import artifacts
from core.commands import options
from core.commands.files import writing
from core.commands.on_record import (
    Told,
    activate_on_record,
    alone_in,
    note_training,
    training_on_record,
)
from core.commands.output import Progress, print_json, say
from core.comparison import ON_RECORD
from core.errors import ArtifactError, DataError, MissingDataError, TooFewSamplesError
from core.metrics import Sample
from core.store import Store

__all__ = ["Measuring", "add_verbs"]

# Takes n samples of this host, some seconds apart; `core.__main__` knows which host that is.
Measuring = Callable[[int, float], list[Sample]]
# What the comparison takes afterwards is a tenth of the whole.
_TRAINING_SHARE = 0.9
SIMULATED_FILE = "synthetic_failure_data.csv"


def add_verbs(
    areas: Any,
    *,
    models_dir: Path,
    data_dir: Path,
    interval_s: float,
    measure: Measuring,
    open_store: Callable[[], Store],
) -> None:
    """Add `failure` and its verbs to the areas of the command line."""
    verbs = areas.add_parser("failure", help="failure prediction").add_subparsers(
        dest="verb", required=True, metavar="VERB"
    )

    def verb(name: str, run: Callable[[argparse.Namespace], None], text: str) -> Any:
        parser = verbs.add_parser(name, help=text, description=text)
        parser.set_defaults(run=run)
        return parser

    def with_models(parser: Any) -> None:
        parser.add_argument(
            "--models", type=Path, default=models_dir, metavar="DIR", help="the models folder"
        )

    verb("sample", lambda _: _sample(measure), "print one sample of this host")
    live = verb("live", lambda a: _live(a, measure), "print ten steps of this host")
    live.add_argument("--interval", type=options.seconds, default=interval_s, metavar="S")
    predict = verb("predict", _predict, "predict from ten steps of ten metrics")
    predict.add_argument("--sequence", required=True, metavar="FILE|-", help="JSON or CSV")
    with_models(predict)
    score = verb("score", _score, "score every window of recorded hosts")
    score.add_argument("--data", type=Path, required=True, metavar="FILE")
    score.add_argument("--out", type=Path, required=True, metavar="FILE")
    with_models(score)
    judge = verb("evaluate", _evaluate, "judge the active model on recorded hosts")
    judge.add_argument("--data", type=Path, required=True, metavar="FILE")
    with_models(judge)
    train = verb(
        "train",
        lambda a: _train_alone(a, open_store),
        "train on simulated hosts, or on a file of recorded ones",
    )
    source = train.add_mutually_exclusive_group()
    source.add_argument("--data", type=Path, metavar="FILE", help="recorded hosts to learn from")
    source.add_argument(
        "--judge", type=Path, metavar="FILE", help="recorded hosts to judge the new model on, too"
    )
    train.add_argument("--seed", type=options.seed, default=7)
    train.add_argument(
        "--hosts", type=options.count, metavar="N", help="simulated hosts to learn from"
    )
    train.add_argument("--epochs", type=options.count, metavar="N")
    train.add_argument(
        "--keep-active", action="store_true", help="write the version, and go on with the old one"
    )
    train.add_argument(
        "--compare",
        action="store_true",
        help="keep the active version, and say how the new one does beside it on simulated hosts "
        "that neither has learnt from",
    )
    with_models(train)
    train.set_defaults(shipped=models_dir)
    simulate = verb(
        "simulate",
        lambda a: _simulate(a, data_dir),
        "write simulated hosts in the host-telemetry format",
    )
    simulate.add_argument(
        "--out", type=Path, metavar="FILE", help=f"(default: {SIMULATED_FILE} in DATA_DIR)"
    )
    simulate.add_argument("--hosts", type=options.count, default=40, metavar="N")
    simulate.add_argument("--seed", type=options.seed, default=7)
    bring = verb(
        "import",
        lambda a: _import(a, open_store),
        "take a Keras model of your own, (10, 10) -> 1, with its scaler; "
        "a pickled scaler runs code when it is read: name only files that you trust",
    )
    bring.add_argument("--model", type=Path, required=True, metavar="M.keras|M.h5")
    bring.add_argument("--scaler", type=Path, required=True, metavar="S.pkl")
    with_models(bring)
    rejudge = verb(
        "rejudge",
        lambda a: _rejudge(a, open_store),
        "write the active version again, with the figures that Model Analytics shows, for one that "
        "was made before they were kept",
    )
    rejudge.add_argument(
        "--judge", type=Path, metavar="FILE", help="recorded hosts to judge it on, too"
    )
    with_models(rejudge)
    activate = verb(
        "activate",
        lambda a: _activate(a, open_store),
        "make a version the active one (roll back, too)",
    )
    activate.add_argument("version", metavar="VERSION")
    with_models(activate)


def _sample(measure: Measuring) -> None:
    [sample] = measure(1, 1.0)
    print_json(
        {
            "host": sample.host,
            "at": sample.at.isoformat(),
            "metrics": {reading.metric: reading.value for reading in sample},
            "gaps": {reading.metric: reading.gap for reading in sample if reading.gap},
        }
    )


def _live(arguments: argparse.Namespace, measure: Measuring) -> None:
    from core.failure.sequence import sequence_document
    from core.failure.windows import LENGTH

    samples = measure(LENGTH, arguments.interval)
    print_json(sequence_document(samples, arguments.interval))


def _predict(arguments: argparse.Namespace) -> None:
    from core.failure.sequence import parse_sequence
    from core.failure.serving import load_model

    data, name = _bytes_of(arguments.sequence)
    sequence = parse_sequence(data, name)
    model = load_model(arguments.models)
    forecast = model.forecast(sequence.values, interval_s=sequence.interval_s or 5.0)
    print_json(
        {
            "probability": forecast.probability,
            "prediction": forecast.prediction,
            "threshold": forecast.threshold,
            "horizon_s": forecast.horizon_s,
            "reason": forecast.reason,
            "causes": [asdict(cause) for cause in forecast.causes],
            "model_version": forecast.model_version,
        }
    )


def _bytes_of(source: str) -> tuple[bytes, str]:
    if source == "-":
        return sys.stdin.buffer.read(), "standard input"
    try:
        return Path(source).read_bytes(), source
    except OSError as error:
        raise MissingDataError(
            f"The sequence {source} cannot be read ({error.strerror}); name a JSON or CSV file, "
            "or - for standard input."
        ) from error


def _score(arguments: argparse.Namespace) -> None:
    from core.failure.hosts_csv import read_hosts
    from core.failure.scoring import score_hosts
    from core.failure.serving import load_model

    records = read_hosts(arguments.data)
    model = load_model(arguments.models)

    def lines() -> Iterator[tuple[str, ...]]:
        yield ("host", "timestamp", "probability", "alarm", "cause")
        for window in score_hosts(model, records):
            at = window.at.isoformat().replace("+00:00", "Z")
            said = f"{window.probability:.6f}"
            yield (window.host, at, said, str(int(window.alarm)), window.cause)

    n_lines = writing(arguments.out, lines())
    say(f"{n_lines - 1:,} windows of {len(records):,} hosts scored by {model.version}.")


def _evaluate(arguments: argparse.Namespace) -> None:
    from core.failure.hosts_csv import read_hosts
    from core.failure.scoring import evaluate_hosts
    from core.failure.serving import load_model

    records = read_hosts(arguments.data)
    model = load_model(arguments.models)
    report, rule = evaluate_hosts(model, records)
    if not report.n_windows:
        raise TooFewSamplesError(
            f"Nothing in {arguments.data.name} can be judged: no host has ten steps, close "
            "together, while it is up; bring a longer recording."
        )
    print_json(
        {
            "model_version": model.version,
            # By test and by baseline, as a training tells them.
            "scores": {arguments.data.name: asdict(report)},
            "baseline_scores": {arguments.data.name: {"threshold rule": asdict(rule)}},
        }
    )


def _train_alone(arguments: argparse.Namespace, open_store: Callable[[], Store]) -> None:
    where = (arguments.models, arguments.shipped)
    with training_on_record(open_store, *where, "failure", "Training the failure model") as told:
        version = _train(arguments, told)
    if not arguments.compare:  # whoever compares decides, and enters what came of it
        data = "simulated hosts" if arguments.data is None else arguments.data
        note_training(open_store, f"failure {version}", f"on {data}")


def _train(arguments: argparse.Namespace, told: Told) -> str:
    """Train and return the new version."""
    from core.failure.hosts_csv import read_hosts

    whole = Progress(told)
    # Read before TensorFlow is loaded: a fault in a file is said at once.
    data, judged = (
        None if path is None else read_hosts(path) for path in (arguments.data, arguments.judge)
    )
    whole(0.01, "loading TensorFlow")
    from core.failure.recorded import train_on_recorded
    from core.failure.training import SimulationPlan, train_on_simulation, write_model

    champion = _active(arguments.models) if arguments.compare else None
    share = _TRAINING_SHARE if champion else 1.0

    def progress(fraction: float, text: str) -> None:
        whole(share * fraction, text)

    if data is not None:
        # A folder without a model starts from the one that the app has.
        start = (
            arguments.models
            if artifacts.versions(arguments.models, "failure")
            else (arguments.shipped)
        )
        trained = train_on_recorded(
            data, start, seed=arguments.seed, progress=progress, shipped=arguments.shipped
        )
    else:
        given = {"n_training_hosts": arguments.hosts, "epochs": arguments.epochs}
        plan = SimulationPlan(
            seed=arguments.seed,
            **{name: value for name, value in given.items() if value is not None},
        )
        recorded = {} if judged is None else {arguments.judge.name: judged}
        trained = train_on_simulation(plan, progress, recorded)
    is_active = not arguments.keep_active and champion is None
    manifest = write_model(arguments.models, trained, activate=is_active)
    found = None
    if champion is not None:
        from core.failure.challenge import challenge

        what = f"Comparing {manifest.version} with {champion}"
        found = challenge(
            arguments.models,
            champion,
            manifest.version,
            lambda done: whole(share + (1 - share) * done, what),
        )
        kept = {ON_RECORD: found.as_json()}
        artifacts.keep_of_training(arguments.models, "failure", manifest.version, **kept)
        say(found.in_words)
    whole(1.0, f"{manifest.version} is {'written and active' if is_active else 'written'}")
    print_json(_summary(manifest) | ({} if found is None else {"comparison": found.as_json()}))
    return manifest.version


def _active(models_dir: Path) -> str | None:
    """Return the active version, where it can be used."""
    try:
        manifest, _ = artifacts.load_version(models_dir, "failure")
    except ArtifactError:
        return None
    return manifest.version


def _summary(manifest: artifacts.Manifest) -> dict[str, Any]:
    return {
        "model_version": manifest.version,
        "source": manifest.source,
        "seed": manifest.seed,
        "thresholds": manifest.thresholds,
        "scores": manifest.scores,
        "baseline_scores": manifest.baseline_scores,
    }


def _simulate(arguments: argparse.Namespace, data_dir: Path) -> None:
    from core.failure.hosts_csv import write_hosts
    from core.failure.simulate import simulate_hosts

    out = arguments.out
    if out is None:
        out = data_dir / SIMULATED_FILE
        try:
            data_dir.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DataError(
                f"The folder {data_dir} cannot be made ({error.strerror}); set DATA_DIR to another "
                "one, or name a file with --out."
            ) from error
    records = list(simulate_hosts(arguments.hosts, seed=arguments.seed))
    write_hosts(records, out)
    n_rows = sum(record.at_s.size for record in records)
    say(f"{n_rows:,} rows of {len(records):,} simulated hosts written to {out}.")


def _import(arguments: argparse.Namespace, open_store: Callable[[], Store]) -> None:
    from core.failure.bring_own import import_model

    models_dir = arguments.models
    with alone_in(models_dir, "Importing a failure model"):
        written = import_model(arguments.model, arguments.scaler, models_dir)
        reason = f"imported from {arguments.model.name}"
        manifest = activate_on_record(open_store, models_dir, "failure", written.version, reason)
    print_json(_summary(manifest))


def _rejudge(arguments: argparse.Namespace, open_store: Callable[[], Store]) -> None:
    from core.failure.hosts_csv import read_hosts
    from core.failure.rejudge import rewritten

    models_dir, judged = arguments.models, arguments.judge
    recorded = {} if judged is None else {judged.name: read_hosts(judged)}
    with alone_in(models_dir, "Judging the failure model again"):
        version = artifacts.current_version(models_dir, "failure")
        written = rewritten(models_dir, version, models_dir, recorded, Progress())
        reason = f"{version} with its figures"
        activate_on_record(open_store, models_dir, "failure", written.version, reason)
    say(f"{written.version} is {version} with its figures, and active.")
    print_json(_summary(written))


def _activate(arguments: argparse.Namespace, open_store: Callable[[], Store]) -> None:
    manifest = activate_on_record(open_store, arguments.models, "failure", arguments.version)
    print_json(_summary(manifest))
