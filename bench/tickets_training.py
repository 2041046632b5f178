"""Train the ticket models against their usual settings, and the linear ones against fastText.

Run `python -m bench.tickets_training` (`--rows 20000`, `--candidates logistic,xgboost`). Two kinds
of tickets: a generated fleet's, texts and numbers with categories derived by rule, and people's own
words from the file `it_tickets.csv.gz` in REAL_DATA_DIR, where that is set. Both sides learn from
the same tickets and are judged on the same held-out ones, in one run; the ratios are what travels
between machines. The usual forest and XGBoost take many minutes on the real file:
`--real-candidates` names those that are trained there.
"""

import argparse
import importlib.util
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from bench.result import Result, medians
from bench.seed_pipeline import CANDIDATES, train_seed, weighted_f1
from core.dataset import with_derived, with_tickets
from core.dataset.demo import generate
from core.tickets.corpus import Corpus, prepare
from core.tickets.predict import load_model
from core.tickets.registry import candidate_names, create_candidate
from core.tickets.report import TrainingReport
from core.tickets.train import train

SEED = 7
# What the product promises: a fifth of the time, F1 within .3 points, 15 MB, twice fastText's time.
TIME_TARGET, F1_TARGET, SIZE_TARGET_MB, FASTTEXT_TARGET = 1 / 5, 0.003, 15.0, 2.0
SEED_PIPELINE = "the seed's scikit-learn pipeline"
LINEAR = ("linear_svm", "logistic")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--candidates", type=_names, default=candidate_names())
    parser.add_argument("--real-candidates", type=_names, default=LINEAR)
    given = parser.parse_args()
    print(f"derived by rule, {given.rows:,} generated rows")
    compare(derived_tickets(given.rows), given.candidates)
    folder = os.environ.get("REAL_DATA_DIR")
    if folder is None:
        print("real tickets: left out, REAL_DATA_DIR is not set")
        return
    tickets = pd.read_csv(Path(folder) / "it_tickets.csv.gz")
    print(f"real tickets, {len(tickets):,} rows")
    compare(tickets, given.real_candidates)
    if importlib.util.find_spec("fasttext") is None:
        print("fastText: left out, it is not installed")
    else:
        beside_fasttext(tickets)


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split(","))


def derived_tickets(n_rows: int) -> pd.DataFrame:
    """Return rows of a generated fleet, text and category derived from their telemetry."""
    telemetry = generate(n_rows, SEED).drop(columns=["ticket_text", "ticket_category"])
    return with_tickets(with_derived(telemetry)).frame


def compare(tickets: pd.DataFrame, candidates: Sequence[str]) -> None:
    """Train both ways and print what each candidate costs and is worth."""
    ours, usual = (trained(tickets, candidates, is_literal=literal) for literal in (False, True))
    print(f"{'':22}{'usual s':>9}{'ours s':>8}{'ratio':>7}{'usual F1':>10}{'ours F1':>9}{'MB':>7}")
    of_usual = {evaluation.name: evaluation for evaluation in usual[0].candidates}
    for evaluation in ours[0].candidates:
        other = of_usual[evaluation.name]
        seconds, before_s = evaluation.training_s or 0.0, other.training_s or 0.0
        gain = evaluation.weighted_f1.value - other.weighted_f1.value
        print(
            f"  {evaluation.title:20}{before_s:9.1f}{seconds:8.1f}{seconds / before_s:7.2f}"
            f"{other.weighted_f1.value:10.4f}{evaluation.weighted_f1.value:9.4f}"
            f"{(evaluation.size_bytes or 0) / 1e6:7.1f}"
            f"  {verdict(gain >= -F1_TARGET, f'{100 * gain:+.1f} points')}"
        )
    ratio = ours[1] / usual[1]
    # With the linear candidates alone, reading the tickets is most of the work on either side.
    met = verdict(ratio <= TIME_TARGET, "at most 1/5") if set(candidates) - set(LINEAR) else ""
    print(f"  {'whole training':20}{usual[1]:9.1f}{ours[1]:8.1f}{ratio:7.2f}  {met}")
    print(f"  {'the version on disk':20}{ours[2]:7.1f} MB {verdict(ours[2] < SIZE_TARGET_MB, '')}")


def trained(
    tickets: pd.DataFrame, candidates: Sequence[str], *, is_literal: bool
) -> tuple[TrainingReport, float, float]:
    """Return the report of one training, its seconds and the megabytes of the version."""
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        report = train(
            tickets, Path(folder), candidates=candidates, is_literal=is_literal, seed=SEED
        )
        seconds = time.perf_counter() - started
        files = (Path(folder) / "tickets" / report.version).iterdir()
        return report, seconds, sum(file.stat().st_size for file in files) / 1e6


def beside_fasttext(tickets: pd.DataFrame) -> None:
    """Print the linear candidates beside fastText: text to model, on the same split."""
    corpus = prepare(tickets, (), SEED)
    print(f"{'text to model':22}{'seconds':>9}{'ratio':>8}{'F1':>9}")
    peer_s, peer_f1, _ = _fasttext(corpus)
    print(f"  {'fastText':20}{peer_s:9.1f}{1.0:8.2f}{peer_f1:9.4f}")
    for name in LINEAR:
        seconds, f1, _ = _ours(corpus, name)
        ratio = seconds / peer_s
        met = verdict(ratio <= FASTTEXT_TARGET, "at most 2")
        print(f"  {name:20}{seconds:9.1f}{ratio:8.2f}{f1:9.4f}  {met}")


def _fasttext(corpus: Corpus) -> tuple[float, float, float]:
    """Return training seconds, weighted F1 and answers a second of fastText, pairs of words."""
    import fasttext

    texts, y, split = corpus.tickets.inputs.texts, corpus.y, corpus.split
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "train.txt"
        lines = [f"__label__{y[i]} {' '.join(texts[i].split())}\n" for i in split.train]
        file.write_text("".join(lines), encoding="utf-8")
        started = time.perf_counter()
        model = fasttext.train_supervised(
            str(file), epoch=10, lr=0.5, wordNgrams=2, thread=os.cpu_count(), verbose=0
        )
        seconds = time.perf_counter() - started
    asked = [" ".join(texts[i].split()) for i in split.test]
    started = time.perf_counter()
    answers, _ = model.predict(asked)
    per_s = len(asked) / (time.perf_counter() - started)
    found = np.array([int(labels[0].removeprefix("__label__")) for labels in answers])
    return seconds, weighted_f1(y[split.test], found), per_s


def _ours(corpus: Corpus, name: str) -> tuple[float, float, float]:
    """Return seconds from texts to a fitted model, its weighted F1, and its answers a second."""
    started = time.perf_counter()
    trial = corpus.trial(SEED, is_literal=False)
    encoded_s = time.perf_counter() - started - trial.encode_s * len(trial.y_test)
    judged = trial.run(create_candidate(name)).evaluation
    seconds = encoded_s + (judged.training_s or 0.0)
    return seconds, judged.weighted_f1.value, judged.tickets_per_s or 0.0


def verdict(is_met: bool, target: str) -> str:
    """Say whether a target is met."""
    return f"({target}{': ' if target else ''}{'met' if is_met else 'MISSED'})"


def results(rows: int = 1_000, rounds: int = 3) -> list[Result]:
    """Return training and answering beside the seed's pipeline, and beside fastText."""
    found = _beside_seed(rows, rounds)
    folder = os.environ.get("REAL_DATA_DIR")
    if folder is None or importlib.util.find_spec("fasttext") is None:
        missing = "REAL_DATA_DIR is not set" if folder is None else "it is not installed"
        sys.stderr.write(f"  fastText: left out, {missing}\n")
        return found
    return found + _results_beside_fasttext(Path(folder) / "it_tickets.csv.gz", rounds)


def _beside_seed(rows: int, rounds: int) -> list[Result]:
    tickets = derived_tickets(rows)
    corpus = prepare(tickets, (), SEED)
    inputs, split = corpus.tickets.inputs, corpus.split
    frame, y = inputs.frame(), corpus.y
    train_rows, test_rows = frame.iloc[split.train], frame.iloc[split.test]
    our_s, seed_s = [], []
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(rounds):
            started = time.perf_counter()
            report = train(tickets, Path(folder), candidates=CANDIDATES, seed=SEED)
            our_s.append(time.perf_counter() - started)
            started = time.perf_counter()
            seed = train_seed(train_rows, y[split.train], test_rows, y[split.test], inputs.columns)
            seed_s.append(time.perf_counter() - started)
        model = load_model(Path(folder), report.version)
        answering_s = medians(
            {
                "ours": lambda: model.predict_many(tickets),
                "seed": lambda: seed.pipeline.predict_proba(frame),
            },
            rounds,
        )
    note = f"{len(CANDIDATES)} methods, {rows:,} generated rows, categories derived by rule"
    return [
        Result(
            what="ticket training, time",
            peer=SEED_PIPELINE,
            ours=statistics.median(our_s),
            theirs=statistics.median(seed_s),
            unit="s",
            note=f"{note}; ours also calibrates, explains and fits the best one twice",
        ),
        Result(
            what="ticket training, best weighted F1",
            peer=SEED_PIPELINE,
            ours=max(one.weighted_f1.value for one in report.candidates),
            theirs=seed.f1,
            unit="0-1, more is better",
            note=f"{note}; the same {len(split.test):,} held-out tickets",
        ),
        Result(
            what="tickets answered",
            peer=SEED_PIPELINE,
            ours=len(tickets) / answering_s["ours"],
            theirs=len(frame) / answering_s["seed"],
            unit="1/s, more is better",
            note="the best of each, in one batch",
        ),
    ]


def _results_beside_fasttext(file: Path, rounds: int) -> list[Result]:
    corpus = prepare(pd.read_csv(file), (), SEED)
    ours = []
    theirs = []
    for _ in range(rounds):
        theirs.append(_fasttext(corpus))
        ours.append(_ours(corpus, "linear_svm"))
    note = f"{len(corpus.y):,} helpdesk tickets, {len(corpus.split.test):,} of them held out"
    measured = (
        ("time", "s", "text to model"),
        ("weighted F1", "0-1, more is better", "the same held-out tickets"),
        ("tickets answered", "1/s, more is better", "the held-out tickets, in one batch"),
    )
    return [
        Result(
            what=f"linear SVM, {what}",
            peer="fastText",
            ours=statistics.median(one[position] for one in ours),
            theirs=statistics.median(one[position] for one in theirs),
            unit=unit,
            note=f"{note}; {more}",
        )
        for position, (what, unit, more) in enumerate(measured)
    ]


if __name__ == "__main__":
    main()
