"""A host watched for weeks in a minute: what sampler, watch and store hold, early and late.

    python -m bench.soak [--days 6]

Everything is real but the host and its clock: the sampler's thread, the collector, the shipped
model and an SQLite file that keeps half a day. Nothing may grow once all of it is full, after two
days.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from bench.result import Result
from core.failure.serving import load_model
from tests.faults.long_run import Held, long_run

ROOT = Path(__file__).resolve().parents[1]
INTERVAL_S = 600.0
SAMPLES_A_DAY = 144
RING_SIZE = 144
FULL_AFTER_DAYS = 2


def results(days: int = 6) -> list[Result]:
    """Return what is held at the end beside what was held after two days."""
    early, late = _soak(days)
    n_samples = days * SAMPLES_A_DAY
    pairs = (
        ("memory", early.memory_bytes / 1e6, late.memory_bytes / 1e6, "MB"),
        ("objects in memory", early.n_blocks, late.n_blocks, "blocks"),
        ("database", early.file_bytes / 1e6, late.file_bytes / 1e6, "MB"),
        ("samples kept", early.n_samples, late.n_samples, "rows"),
        ("open files", early.n_open_files, late.n_open_files, "files"),
        ("threads", early.n_threads, late.n_threads, "threads"),
    )
    return [
        Result(
            what=f"watching for {days} days, {what}",
            peer=f"the same after {FULL_AFTER_DAYS} days",
            ours=at_the_end,
            theirs=before,
            unit=unit,
            note=f"{n_samples:,} samples, half a day of them kept",
        )
        for what, before, at_the_end, unit in pairs
    ]


def _soak(days: int) -> tuple[Held, Held]:
    model = load_model(ROOT / "models")
    with (
        tempfile.TemporaryDirectory() as folder,
        long_run(
            Path(folder),
            lambda: model,
            interval_s=INTERVAL_S,
            history_days=0.5,
            ring_size=RING_SIZE,
        ) as run,
    ):
        early = late = run.after(FULL_AFTER_DAYS * SAMPLES_A_DAY)
        for day in range(FULL_AFTER_DAYS, days):
            late = run.after(SAMPLES_A_DAY)
            sys.stderr.write(f"day {day + 1} of {days}\n")
    return early, late


def main() -> None:
    """Print what is held, early and late."""
    parser = argparse.ArgumentParser(description="A host watched for weeks in a minute.")
    parser.add_argument("--days", type=int, default=6)
    for one in results(parser.parse_args().days):
        print(f"{one.what:44}{one.theirs:12,.1f}{one.ours:12,.1f} {one.unit}")


if __name__ == "__main__":
    main()
