"""How time and memory grow with rows and hosts, as exponents: 1 is in proportion, 0 not at all.

    python -m bench growth

An exponent is the slope of the straight line through the measurements on paper with two logarithmic
axes, over the upper half of the sizes: below it, start-up costs hide the growth. `--rows` up to ten
million is run by `python -m bench.growth --most-rows 10000000`.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bench.dataset_import import write_noise
from bench.result import Result
from core import artifacts
from core.failure.serving import load_model

ROOT = Path(__file__).resolve().parents[1]
HOSTS = (1, 10, 100, 1_000, 10_000)
REPEATS = 3
# In processes of their own: the peak of memory is that of one piece of work.
_IMPORT = """
import json, resource, sys, time
from pathlib import Path
import core.dataset.reader, core.dataset.writer
from core.dataset import import_file
from core.dataset.overview import Filters, Fleet
data_dir = Path(sys.argv[2])
started = time.perf_counter()
import_file(sys.argv[1], data_dir)
imported_s = time.perf_counter() - started
imported_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps([imported_s, imported_mb]))
"""
_VIEW = """
import json, resource, sys, time
from pathlib import Path
from core.dataset.overview import Filters, Fleet
started = time.perf_counter()
with Fleet.open(Path(sys.argv[2])) as fleet:
    fleet.overview(Filters())
seconds = time.perf_counter() - started
print(json.dumps([seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))
"""


def results(most_rows: int = 1_000_000) -> list[Result]:
    """Return the exponents; the peer is growth in proportion."""
    rows = [10**power for power in range(3, len(str(most_rows)))]
    imports, views = _rows(rows)
    found = []
    for what, taken in (("dataset import", imports), ("Dashboard's first view", views)):
        for position, measure in enumerate(("time", "memory")):
            costs = [one[position] for one in taken]
            unit = ("s", "MB")[position]
            note = f"{rows[0]:,} to {rows[-1]:,} rows: {costs[0]:.3g} to {costs[-1]:.3g} {unit}"
            found.append(_grows(f"{what}, {measure} over rows", rows, costs, note))
    costs = _hosts()
    note = f"1 to 10,000 hosts: {1000 * costs[0]:.3g} to {1000 * costs[-1]:.3g} ms"
    return [*found, _grows("failure prediction, time over hosts", HOSTS, costs, note)]


def exponent(sizes: Sequence[float], costs: Sequence[float]) -> float:
    """Return the slope of log(cost) over log(size), of the upper half of the sizes."""
    half = max(2, (len(sizes) + 1) // 2)
    slope, _ = np.polyfit(np.log(sizes[-half:]), np.log(costs[-half:]), 1)
    return float(slope)


def _grows(what: str, sizes: Sequence[float], costs: Sequence[float], note: str) -> Result:
    return Result(
        what=what,
        peer="in proportion",
        ours=exponent(sizes, costs),
        theirs=1.0,
        unit="exponent",
        note=note,
    )


def _rows(sizes: Sequence[int]) -> tuple[list[list[float]], list[list[float]]]:
    """Return (seconds, megabytes) of the import and of the first view of each size."""
    imports, views = [], []
    for n_rows in sizes:
        with tempfile.TemporaryDirectory() as folder:
            csv = Path(folder) / "noise.csv"
            write_noise(csv, n_rows)
            taken = [
                _process(_IMPORT, csv, Path(folder) / f"data{turn}") for turn in range(REPEATS)
            ]
            imports.append([statistics.median(values) for values in zip(*taken, strict=True)])
            seen = [_process(_VIEW, csv, Path(folder) / "data0") for _ in range(REPEATS)]
            views.append([statistics.median(values) for values in zip(*seen, strict=True)])
    return imports, views


def _hosts() -> list[float]:
    """Return the seconds that it takes to judge so many hosts at once."""
    models = ROOT / "models"
    artifacts.current_version(models, "failure")
    model = load_model(models)
    random = np.random.default_rng(1)
    costs = []
    for n_hosts in HOSTS:
        x = random.uniform(1, 99, (n_hosts, 10, 10)).astype(np.float32)
        usual = random.uniform(1, 99, (n_hosts, x.shape[2])).astype(np.float32)
        model.probabilities(x, usual)
        taken = []
        for _ in range(10):
            started = time.perf_counter()
            model.probabilities(x, usual)
            taken.append(time.perf_counter() - started)
        costs.append(statistics.median(taken))
    return costs


def _process(program: str, csv: Path, data_dir: Path) -> list[float]:
    finished = subprocess.run(
        [sys.executable, "-c", program, str(csv), str(data_dir)],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )
    measured: list[float] = json.loads(finished.stdout)
    return measured


def main() -> None:
    """Print the exponents."""
    parser = argparse.ArgumentParser(description="How time and memory grow.")
    parser.add_argument("--most-rows", type=int, default=1_000_000)
    for one in results(parser.parse_args().most_rows):
        print(f"{one.what:44}{one.ours:7.2f}   {one.note}")


if __name__ == "__main__":
    main()
