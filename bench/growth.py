"""How time and memory grow with rows, hosts and open sessions, as exponents.

1 is in proportion, 0 not at all.

    python -m bench growth

An exponent is the slope of the straight line through the measurements on paper with two logarithmic
axes, over the upper half of the sizes: below it, start-up costs hide the growth. Ten million rows
and 200 sessions are for `python -m bench.growth --most-rows 10000000 --most-sessions 200`.
"""

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import psutil

from bench import own_process
from bench.browser_session import BrowserSession
from bench.dataset_import import write_noise
from bench.result import Result
from core import artifacts
from core.failure.serving import load_model
from core.failure.windows import Windows
from tests.e2e.server import RunningApp, running_app

ROOT = Path(__file__).resolve().parents[1]
HOSTS = (1, 10, 100, 1_000, 10_000)
SESSIONS = (1, 10, 100, 200)
BETWEEN_ARRIVALS_S = 0.25
FIRST_VIEWS_WITHIN_S = 180.0
SETTLES_IN_S = 5.0
WATCHED_S = 15.0
REPEATS = 3
# In processes of their own: the peak of memory is that of one piece of work.
_IMPORT = """
import json, sys, time
from pathlib import Path
import core.dataset.reader, core.dataset.writer
from bench.own_process import peak_mb
from core.dataset import import_file
started = time.perf_counter()
import_file(sys.argv[1], Path(sys.argv[2]))
print(json.dumps([time.perf_counter() - started, peak_mb()]))
"""
_VIEW = """
import json, sys, time
from pathlib import Path
from bench.own_process import peak_mb
from core.dataset import current
from core.dataset.overview import Filters, Fleet
started = time.perf_counter()
fleet = Fleet(current(Path(sys.argv[2])))
fleet.overview(Filters())
print(json.dumps([time.perf_counter() - started, peak_mb()]))
"""


def results(most_rows: int = 1_000_000, most_sessions: int = 100) -> list[Result]:
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
    found.append(_grows("failure prediction, time over hosts", HOSTS, costs, note))
    crowds = [n for n in SESSIONS if n <= most_sessions]
    for what, costs, unit in zip(
        ("processor time", "memory"), _sessions(crowds), ("cores", "MB"), strict=True
    ):
        note = f"1 to {crowds[-1]} sessions: {costs[0]:.3g} to {costs[-1]:.3g} {unit}"
        found.append(_grows(f"live page, {what} over open sessions", crowds, costs, note))
    return found


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
        unknown, no = np.full(n_hosts, -1), np.zeros(n_hosts, bool)
        windows = Windows(
            x=random.uniform(1, 99, (n_hosts, 10, 10)).astype(np.float32),
            usual=np.sort(random.uniform(1, 99, (n_hosts, 3, 10)), axis=1).astype(np.float32),
            host=np.arange(n_hosts),
            step=np.full(n_hosts, 9),
            enough=~no,
            fails=no,
            down=no,
            cause=unknown,
        )
        model.score(windows)
        taken = []
        for _ in range(10):
            started = time.perf_counter()
            model.score(windows)
            taken.append(time.perf_counter() - started)
        costs.append(statistics.median(taken))
    return costs


def _process(program: str, csv: Path, data_dir: Path) -> list[float]:
    measured: list[float] = json.loads(own_process.run(program, csv, data_dir))
    return measured


def _sessions(sizes: Sequence[int]) -> tuple[list[float], list[float]]:
    """Return the busy cores and the megabytes of a server with so many live pages open."""
    with tempfile.TemporaryDirectory() as folder, running_app(Path(folder)) as app:
        return asyncio.run(_crowds(app, sizes))


async def _crowds(app: RunningApp, sizes: Sequence[int]) -> tuple[list[float], list[float]]:
    server = psutil.Process(app.process.pid)
    cores, megabytes = [], []
    sessions: list[BrowserSession] = []
    async with asyncio.TaskGroup() as open_sessions:
        staying = []
        for size in sizes:
            while len(sessions) < size:
                sessions.append(BrowserSession(app.address, "live_failure_prediction"))
                staying.append(open_sessions.create_task(sessions[-1].stay()))
                await asyncio.sleep(BETWEEN_ARRIVALS_S)
            async with asyncio.timeout(FIRST_VIEWS_WITHIN_S):
                while any(one.first_view_s is None for one in sessions):
                    await asyncio.sleep(0.5)
            await asyncio.sleep(SETTLES_IN_S)
            began_s, busy_s = time.perf_counter(), _busy_s(server)
            await asyncio.sleep(WATCHED_S)
            cores.append((_busy_s(server) - busy_s) / (time.perf_counter() - began_s))
            megabytes.append(server.memory_info().rss / 1e6)
        for task in staying:
            task.cancel()
    if problems := [problem for one in sessions for problem in one.problems]:
        raise SystemExit("\n".join(problems))
    return cores, megabytes


def _busy_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


def main() -> None:
    """Print the exponents."""
    parser = argparse.ArgumentParser(description="How time and memory grow.")
    parser.add_argument("--most-rows", type=int, default=1_000_000)
    parser.add_argument("--most-sessions", type=int, default=100)
    given = parser.parse_args()
    for one in results(given.most_rows, given.most_sessions):
        print(f"{one.what:44}{one.ours:7.2f}   {one.note}")


if __name__ == "__main__":
    main()
