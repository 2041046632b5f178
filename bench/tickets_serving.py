"""Answer tickets through the product and through the bare scikit-learn pipeline.

Run `python -m bench.tickets_serving` (`--rows 20000`): each candidate is trained on generated
tickets, with their telemetry, and asked in turns. One ticket is answered by the product with
words, numbers and similar tickets; by the pipeline with its probabilities only, from a DataFrame of
one row. A batch is answered on one thread by both.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import joblib
import pandas as pd

from core.dataset import with_derived, with_tickets
from core.dataset.demo import generate
from core.tickets.features import Columns, inputs_of
from core.tickets.model import AREA, MODEL_FILE
from core.tickets.predict import load_model
from core.tickets.registry import candidate_names
from core.tickets.train import train

# What the product promises: at most 10 ms for one ticket, 1,000 tickets a second in batches.
ONE_TARGET_MS, BATCH_TARGET_PER_S = 10.0, 1000.0
ROUNDS, N_BATCH = 60, 4_000


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=200_000, help="of the generated fleet")
    given = parser.parse_args()
    tickets = with_tickets(with_derived(generate(given.rows, 7))).frame
    print(f"{len(tickets):,} generated tickets, medians of {ROUNDS} interleaved rounds")
    print(f"{'':16}{'pipeline ms':>12}{'ours ms':>9}{'ratio':>7}{'a second':>10}{'ratio':>7}")
    for name in candidate_names():
        with tempfile.TemporaryDirectory() as folder:
            print_row(name, Path(folder), tickets)


def print_row(name: str, models_dir: Path, tickets: pd.DataFrame) -> None:
    """Train one candidate and print what its answers cost."""
    report = train(tickets, models_dir, candidates=[name])
    model = load_model(models_dir, report.version)
    bundle = joblib.load(models_dir / AREA / report.version / MODEL_FILE)
    pipeline, columns = bundle["pipeline"], Columns(**bundle["schema"])
    score = getattr(pipeline, "decision_function", None) or pipeline.predict_proba
    rows = [inputs_of(tickets.iloc[[i]], columns).frame() for i in range(ROUNDS)]
    telemetry = [
        {
            key: value
            for key, value in row.iloc[0].items()
            if key in model.columns and value == value
        }
        for row in rows
    ]
    texts = [row["ticket_text"].iloc[0] for row in rows]
    batch = tickets.iloc[:N_BATCH]
    many = inputs_of(batch, columns).frame()
    one_ms = medians_ms(
        {
            "pipeline": lambda i: score(rows[i]),
            "ours": lambda i: model.predict(texts[i], telemetry[i]),
        },
        ROUNDS,
    )
    batch_ms = medians_ms(
        {"pipeline": lambda _: score(many), "ours": lambda _: model.predict_many(batch)}, 7
    )
    per_s = 1000.0 * len(batch) / batch_ms["ours"]
    is_met = one_ms["ours"] <= ONE_TARGET_MS and per_s >= BATCH_TARGET_PER_S
    print(
        f"{name:16}{one_ms['pipeline']:12.2f}{one_ms['ours']:9.2f}"
        f"{one_ms['ours'] / one_ms['pipeline']:7.2f}{per_s:10,.0f}"
        f"{batch_ms['ours'] / batch_ms['pipeline']:7.2f}  {'met' if is_met else 'MISSED'}"
    )


def medians_ms(ways: dict[str, Callable[[int], object]], rounds: int) -> dict[str, float]:
    """Return the median cost of each way in milliseconds, the ways taking turns."""
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(rounds):
        for name, way in ways.items():
            started = time.perf_counter()
            way(number)
            seconds[name].append(time.perf_counter() - started)
    return {name: 1000.0 * statistics.median(taken) for name, taken in seconds.items()}


if __name__ == "__main__":
    main()
