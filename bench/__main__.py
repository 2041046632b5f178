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
    "soak": "bench.soak",
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
    loads = [_load()]
    names = given.names or list(BENCHES)
    began = time.monotonic()
    for number, name in enumerate(names, 1):
        _say(f"{number} of {len(names)}: {name} ...")
        started = time.monotonic()
        found: Sequence[Result] = import_module(BENCHES[name]).results()
        results += found
        loads.append(_load())
        _say(f"{len(found)} rows in {time.monotonic() - started:.0f} s, load {loads[-1]:.1f}")
    minutes = (time.monotonic() - began) / 60
    text = table(results, loads, minutes)
    print(text)
    if given.out is not None:
        given.out.write_text(text + "\n", encoding="utf-8")


def table(results: Sequence[Result], loads: Sequence[float], minutes: float) -> str:
    """Return the results as a Markdown table under a line that says where they were measured.

    `loads` are the machine's load averages before, between and after the benches.
    """
    lines = [
        machine(loads, minutes),
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


def machine(loads: Sequence[float], minutes: float) -> str:
    """Return date, machine, how busy it was, and the versions of what is compared."""
    versions = []
    for name in LIBRARIES:
        try:
            versions.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            versions.append(f"{name} not installed")
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {platform.system()} {platform.machine()}, {_processor()}, "
        f"{os.cpu_count()} cores, load average {min(loads):.1f} to {max(loads):.1f}, "
        f"{minutes:.0f} minutes; Python {platform.python_version()}, {', '.join(versions)}."
    )


def _processor() -> str:
    """Return what the processor calls itself."""
    file = Path("/proc/cpuinfo")
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    named = [line.partition(": ")[2] for line in lines if line.startswith("model name")]
    return named[0] if named else platform.processor() or "processor unknown"


def _load() -> float:
    """Return how many programs wanted to run in the last minute, NaN where nobody counts."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def _short(value: float) -> str:
    """Return a number with three digits that count."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


if __name__ == "__main__":
    main()
