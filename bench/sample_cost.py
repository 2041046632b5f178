"""Compare the cost of one full sample with what a user would write with psutil instead.

Run `python bench/sample_cost.py`. About a hundred processes run beside it; the ways take turns, so
that a noisy machine is noisy for all. Only the ratios travel between machines.
"""

import argparse
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.result import Result, medians_ms
from core.telemetry.collector import Collector
from core.telemetry.host import PsutilHost


class InstantProbe:
    """A probe that has an answer; its thread is not part of a sample's cost."""

    def response_time_ms(self) -> float:
        """Return any number."""
        return 1.0


def thread_walk() -> float:
    """Count threads as most scripts do."""
    return sum(process.info["num_threads"] or 0 for process in psutil.process_iter(["num_threads"]))


def psutil_values() -> list[float]:
    """Return the same values (but for the probe's) with psutil's own calls."""
    network = psutil.net_io_counters()
    sensors = getattr(psutil, "sensors_temperatures", dict)()
    return [
        psutil.cpu_percent(),
        psutil.virtual_memory().percent,
        psutil.disk_usage("/").percent,
        max((sensor.current for chip in sensors.values() for sensor in chip), default=0.0),
        network.errin + network.errout + network.dropin + network.dropout,
        network.bytes_sent + network.bytes_recv,
        time.time() - psutil.boot_time(),
        len(psutil.pids()),
        thread_walk(),
    ]


@contextmanager
def processes(wanted: int) -> Iterator[None]:
    """Run idle processes until there are `wanted` on this machine."""
    idle = [sys.executable, "-c", "import time; time.sleep(600)"]
    children = [subprocess.Popen(idle) for _ in range(max(0, wanted - len(psutil.pids())))]
    try:
        time.sleep(2.0)
        yield
    finally:
        for child in children:
            child.kill()
            child.wait()


def main() -> None:
    """Print the table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--processes", type=int, default=100)
    arguments.add_argument("--rounds", type=int, default=200)
    given = arguments.parse_args()
    collector = Collector("here", PsutilHost(Path(Path.cwd().anchor)), probe=InstantProbe())
    ways: dict[str, Callable[[], object]] = {
        "one full sample": collector.sample,
        "the same values by psutil's calls": psutil_values,
        "psutil's walk for the threads alone": thread_walk,
    }
    with processes(given.processes):
        count = len(psutil.pids())
        costs = medians_ms(ways, given.rounds)
    ours = costs["one full sample"]
    print(f"{count} processes, {given.rounds} rounds, medians")
    for name, cost in costs.items():
        print(f"{name:38} {cost:8.3f} ms  {cost / ours:6.1f} x")


def glances_way() -> Callable[[], object]:
    """Return one refresh of the same metrics in glances, through its own interface."""
    from glances import api

    given, sys.argv = sys.argv, ["glances", "--disable-check-update"]
    try:
        glances = api.GlancesAPI()  # it reads the command line, which is ours
    finally:
        sys.argv = given
    names = ("cpu", "mem", "fs", "sensors", "network", "uptime", "processcount")
    plugins = [glances._stats.get_plugin(name) for name in names]
    return lambda: [plugin.update() for plugin in plugins]


def results() -> list[Result]:
    """Return the cost of one full sample beside psutil's walk and glances."""
    collector = Collector("here", PsutilHost(Path(Path.cwd().anchor)), probe=InstantProbe())
    ways: dict[str, Callable[[], object]] = {
        "ours": collector.sample,
        "psutil's own calls": psutil_values,
        "psutil's walk for the threads": thread_walk,
        "glances": glances_way(),
    }
    with processes(100):
        count = len(psutil.pids())
        costs = medians_ms(ways, 60)
    return [
        Result(
            what="one full sample of this host",
            peer=peer,
            ours=costs["ours"],
            theirs=costs[peer],
            unit="ms",
            note=f"{count} processes run",
        )
        for peer in list(ways)[1:]
    ]


if __name__ == "__main__":
    main()
