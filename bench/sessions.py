"""Many people with live pages open: how long an update takes, and what it costs the server.

    python -m bench.sessions [--sessions 100] [--minutes 10] [--without-peer]

Every session is a real websocket client (`bench.browser_session`) of the real app. An update is one
part of a page drawn anew; it begins when the part is due and ends when it is drawn whole. What is
still waiting at the end counts with what it has waited so far. The peer is Streamlit itself: a page
of one line per part, with the beat of ours.

Targets for 100 sessions over 10 minutes on 2 cores: 95 of 100 updates within 1 s, bounded memory,
one sampler, no error.
"""

import argparse
import asyncio
import json
import os
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from math import inf, nan
from pathlib import Path

import numpy as np
import psutil

from bench.browser_session import BrowserSession
from bench.result import Result
from core.dataset import import_file
from core.log import LOG_FILE
from core.store import Store
from tests.e2e.server import RunningApp, running_app, running_script

ROOT = Path(__file__).resolve().parents[1]
WITHIN_S = 1.0
HOST = "bench"
SAMPLE_INTERVAL_S = 5.0
# Four of five look at the live page, one at the Dashboard.
PAGES = ("live_failure_prediction",) * 4 + ("dashboard",)
# People do not come at once; their parts are then due at different moments, too.
BETWEEN_ARRIVALS_S = 0.25
FIRST_VIEWS_WITHIN_S = 180.0
SETTLES_IN_S = 10.0
MEMORY_READINGS = 5
_PEER = """
from datetime import datetime
import streamlit as st

def part() -> None:
    st.text(f"{{datetime.now():%H:%M:%S}}")

st.title("Nothing")
for number, interval_s in enumerate({intervals_s}):
    st.fragment(part, run_every=interval_s, key=f"part_{{number}}")()
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What a server and its visitors went through.

    Attributes
    ----------
    waits : sequence of float
        Seconds of each update that was due in the time measured.
    n_unanswered : int
        How many of them were still waiting when it ended.
    first_views : sequence of float
        Seconds from each session's connection to its page.
    problems : sequence of str
        What went wrong.
    memory_mb : sequence of float
        What the server's process held, from the beginning to the end in equal steps.
    cores, clients_cores : float
        Seconds of processor time a second, of the server and of all clients together.
    live_intervals_s : sequence of float
        How often each part of the first session's page was drawn.
    n_samples, n_samples_due : float
        How many samples were taken, and how many one sampler takes in that time.
    """

    seconds: float
    waits: Sequence[float]
    n_unanswered: int
    first_views: Sequence[float]
    problems: Sequence[str]
    memory_mb: Sequence[float]
    n_threads: int
    cores: float
    clients_cores: float
    machine_load: float
    live_intervals_s: Sequence[float]
    n_samples: float = nan
    n_samples_due: float = nan

    def percentile(self, percent: float) -> float:
        """Return what so many percent of the updates took at most."""
        return float(np.percentile(self.waits, percent)) if self.waits else float("inf")


def results() -> list[Result]:
    """Return 100 sessions of our pages beside as many of the empty one."""
    ours, theirs = _both(n_sessions=100, seconds=60.0)
    if ours.problems:
        raise SystemExit("\n".join(ours.problems))
    note = (
        f"100 sessions for {ours.seconds:.0f} s, {len(ours.waits):,} updates against "
        f"{len(theirs.waits):,}; machine load {ours.machine_load:.1f} and {theirs.machine_load:.1f}"
    )
    pairs = (
        ("update of a live page, 95th percentile", ours.percentile(95), theirs.percentile(95), "s"),
        ("busy cores of the server", ours.cores, theirs.cores, "cores"),
        ("memory of the server", ours.memory_mb[-1], theirs.memory_mb[-1], "MB"),
    )
    return [
        Result(
            what=what,
            peer="Streamlit page of lines with the same beat",
            ours=our,
            theirs=their,
            unit=unit,
            note=note,
        )
        for what, our, their, unit in pairs
    ]


def _both(n_sessions: int, seconds: float) -> tuple[Load, Load]:
    """Return the load of the app, then that of the peer with as many parts as the live page."""
    with tempfile.TemporaryDirectory() as ours, tempfile.TemporaryDirectory() as theirs:
        load = app_under_load(Path(ours), n_sessions, seconds)
        script = Path(theirs) / "peer.py"
        script.write_text(_PEER.format(intervals_s=load.live_intervals_s), encoding="utf-8")
        with running_script(script, Path(theirs), {}) as peer:
            return load, asyncio.run(_load(peer, ("",), n_sessions, seconds))


def app_under_load(folder: Path, n_sessions: int, seconds: float) -> Load:
    """Return what the app goes through; a second sampler and errors in its log are problems too."""
    import_file(ROOT / "data" / "demo.csv.gz", folder / "data")
    settings = {"HOST_NAME": HOST, "SAMPLE_INTERVAL_S": f"{SAMPLE_INTERVAL_S:g}"}
    with running_app(folder, **settings) as app:
        load = asyncio.run(_load(app, PAGES, n_sessions, seconds))
        until = datetime.now(UTC)
    problems = [*load.problems, *_log_errors(folder / "logs" / LOG_FILE)]
    if "Traceback" in app.complaints:
        problems.append(app.complaints)
    with closing(Store(f"sqlite:///{folder / 'data' / 'app.db'}")) as store:
        n_samples = len(store.samples(HOST, until - timedelta(seconds=load.seconds), until).at)
    due = load.seconds / SAMPLE_INTERVAL_S
    if not 0.5 * due <= n_samples <= due + 1:
        problems.append(f"{n_samples} samples were taken, by one sampler it is {due:.0f}")
    return replace(load, problems=problems, n_samples=n_samples, n_samples_due=due)


def _log_errors(log: Path) -> list[str]:
    """Return the messages of the log that speak of an error."""
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    return [line["message"] for line in lines if line["level"] in ("ERROR", "CRITICAL")]


async def _load(app: RunningApp, pages: Sequence[str], n_sessions: int, seconds: float) -> Load:
    """Open the sessions one after another; measure from when each of them has its page."""
    server, clients = psutil.Process(app.process.pid), psutil.Process()
    sessions = [BrowserSession(app.address, pages[n % len(pages)]) for n in range(n_sessions)]
    async with asyncio.TaskGroup() as open_sessions:
        staying = []
        for session in sessions:
            staying.append(open_sessions.create_task(session.stay()))
            await asyncio.sleep(BETWEEN_ARRIVALS_S)
        latest_s = time.perf_counter() + FIRST_VIEWS_WITHIN_S
        while any(one.first_view_s is None for one in sessions) and time.perf_counter() < latest_s:
            await asyncio.sleep(0.5)
        await asyncio.sleep(SETTLES_IN_S)
        began_s, busy_s, clients_busy_s = time.perf_counter(), _busy_s(server), _busy_s(clients)
        memory_mb = [_memory_mb(server)]
        for _ in range(MEMORY_READINGS - 1):
            await asyncio.sleep(seconds / (MEMORY_READINGS - 1))
            memory_mb.append(_memory_mb(server))
        now_s = time.perf_counter()
        waiting = [now_s - due_s for one in sessions for due_s in one.waiting_since_s]
        load = Load(
            seconds=now_s - began_s,
            waits=[
                *(one.waited_s for a in sessions for one in a.updates if one.due_s >= began_s),
                *waiting,
            ],
            n_unanswered=len(waiting),
            first_views=[one.first_view_s or inf for one in sessions],
            problems=[problem for one in sessions for problem in one.problems],
            memory_mb=memory_mb,
            n_threads=server.num_threads(),
            cores=(_busy_s(server) - busy_s) / (now_s - began_s),
            clients_cores=(_busy_s(clients) - clients_busy_s) / (now_s - began_s),
            machine_load=os.getloadavg()[0],
            live_intervals_s=sorted(sessions[0].intervals_s.values()),
        )
        for task in staying:
            task.cancel()
    return load


def _busy_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


def _memory_mb(process: psutil.Process) -> float:
    return process.memory_info().rss / 1e6


def main() -> None:
    """Print what the sessions saw, and whether the targets are met."""
    parser = argparse.ArgumentParser(description="Many sessions on live pages.")
    parser.add_argument("--sessions", type=int, default=100)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--without-peer", action="store_true")
    given = parser.parse_args()
    seconds = 60.0 * given.minutes
    print(f"{given.sessions} sessions, {seconds:.0f} s, {os.cpu_count()} cores")
    if given.without_peer:
        with tempfile.TemporaryDirectory() as folder:
            ours = app_under_load(Path(folder), given.sessions, seconds)
    else:
        ours, theirs = _both(given.sessions, seconds)
        _tell("Streamlit page with the same beat", theirs)
    _tell("this app", ours)
    print(
        f"  samples {ours.n_samples:.0f}, of one sampler {ours.n_samples_due:.0f}\n"
        f"  problems {len(ours.problems)}"
    )
    for problem in ours.problems:
        print(f"PROBLEM: {problem}")
    if ours.problems or ours.percentile(95) >= WITHIN_S:
        raise SystemExit("The targets are not met.")


def _tell(name: str, load: Load) -> None:
    print(
        f"{name}\n"
        f"  updates {len(load.waits):,}, of them still waiting at the end {load.n_unanswered}\n"
        f"  wait: half {load.percentile(50):.3f} s, 95 % {load.percentile(95):.3f} s, "
        f"99 % {load.percentile(99):.3f} s, longest {load.percentile(100):.3f} s\n"
        f"  first view: half {np.median(load.first_views):.2f} s, "
        f"longest {max(load.first_views):.2f} s\n"
        f"  memory {', '.join(f'{mb:.0f}' for mb in load.memory_mb)} MB, "
        f"{load.n_threads} threads\n"
        f"  busy cores {load.cores:.2f}, of the clients {load.clients_cores:.2f}; "
        f"load of the machine {load.machine_load:.1f}"
    )


if __name__ == "__main__":
    main()
