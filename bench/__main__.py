"""Run the benches that fit a laptop and write one table: `python -m bench [NAME ...] [--out FILE]`.

Without names all of them run, in less than 15 minutes. Each is also a program of its own with more
to say and larger data: see the module's first lines.
"""

import argparse
import os
import platform
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib import import_module, metadata
from pathlib import Path

from bench.result import Result

# Name on the command line: the module, whose `results()` are measured.
BENCHES = {
    "inference": "bench.inference",
    "sampler": "bench.sample_cost",
    "tickets": "bench.tickets_training",
    "import": "bench.dataset_import",
    "dashboard": "bench.dashboard_queries",
    "forecast": "bench.forecast",
    "replies": "bench.replies",
    "pages": "bench.pages",
    "sessions": "bench.sessions",
    "growth": "bench.growth",
}
LIBRARIES = (
    "streamlit", "onnxruntime", "keras", "psutil", "glances", "scikit-learn", "fasttext-numpy2",
    "duckdb", "pandas", "polars", "statsmodels",
)  # fmt: skip


def main() -> None:
    """Run what is asked for and print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Ours against peers.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHES))
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the table here too")
    given = parser.parse_args()
    if unknown := [name for name in given.names if name not in BENCHES]:
        parser.error(f"there is no bench {unknown[0]!r}; there are {', '.join(BENCHES)}")
    results: list[Result] = []
    for name in given.names or BENCHES:
        started = time.monotonic()
        found: Sequence[Result] = import_module(BENCHES[name]).results()
        results += found
        sys.stderr.write(f"{name}: {len(found)} rows, {time.monotonic() - started:.0f} s\n")
    text = table(results)
    print(text)
    if given.out is not None:
        given.out.write_text(text + "\n", encoding="utf-8")


def table(results: Sequence[Result]) -> str:
    """Return the results as a Markdown table under a line that says where they were measured."""
    lines = [
        machine(),
        "",
        "| what | ours | peer | peer's | unit | ours / peer's | on what |",
        "| --- | ---: | --- | ---: | --- | ---: | --- |",
    ]
    lines += [
        f"| {one.what} | {_short(one.ours)} | {one.peer} | {_short(one.theirs)} | {one.unit} "
        f"| {_short(one.ratio)} | {one.note} |"
        for one in results
    ]
    return "\n".join(lines)


def machine() -> str:
    """Return date, machine, how busy it is, and the versions of what is compared."""
    load = f", load {os.getloadavg()[0]:.1f} at the end" if hasattr(os, "getloadavg") else ""
    versions = []
    for name in LIBRARIES:
        try:
            versions.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            versions.append(f"{name} not installed")
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {platform.system()} {platform.machine()}, "
        f"{os.cpu_count()} cores{load}; Python {platform.python_version()}, {', '.join(versions)}."
    )


def _short(value: float) -> str:
    """Return a number with three digits that count."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


if __name__ == "__main__":
    main()
