"""One view of the Dashboard against bare DuckDB, pandas and polars: ratios, and our memory.

Run as `python -m bench.dashboard_queries [--rows 2000000] [--rounds 9] [--data DIR]`. Without a
folder the file is the noise of `bench.dataset_import`, imported once into a temporary folder and
removed. All ways take turns in one process, so that a noisy machine is noisy for all; only the
ratios travel between machines. Bare DuckDB asks the plainest SQL that gives the same figures, with
the same threads and memory; with and without counting the VMs, which we know from the import where
nothing is filtered and estimate where they are very many. pandas reads the columns that it needs,
as a page without DuckDB would.
"""

import argparse
import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from bench.dataset_import import write_noise
from bench.own_process import run
from bench.result import Result, medians
from core.dataset import current, import_file
from core.dataset.overview import Filters, Fleet
from core.dataset.overview.engine import MEMORY_MB, THREADS

TARGET_RATIO, TARGET_SECONDS, TARGET_MB = 2.0, 1.0, 600.0

BARE = {
    "figures": """
        SELECT count(*), {vms}, avg(anomaly_status), min(epoch_us(timestamp)),
            max(epoch_us(timestamp)), count(ticket_text)
        FROM read_parquet($path) WHERE {where}
    """,
    "CPU over time": """
        SELECT epoch_us(timestamp) // $width AS bucket, anomaly_status, min(cpu_usage),
            avg(cpu_usage), max(cpu_usage)
        FROM read_parquet($path) WHERE {where} GROUP BY ALL
    """,
    "task types": "SELECT task_type, count(*) FROM read_parquet($path) WHERE {where} GROUP BY ALL",
    "anomalies": """
        SELECT anomaly_status, count(*) FROM read_parquet($path) WHERE {where} GROUP BY ALL
    """,
    "CPU against memory": """
        SELECT floor(cpu_usage / 2), floor(memory_usage / 2), count(*)
        FROM read_parquet($path) WHERE {where} GROUP BY ALL
    """,
}

# Run in a process of its own: what a page does on its first view, then its peak.
FIRST_VIEW = """
import sys, time
from pathlib import Path
from bench.own_process import peak_mb
started = time.perf_counter()
from core.dataset.overview import Filters, Fleet
with Fleet.open(Path(sys.argv[1])) as fleet:
    fleet.overview(Filters())
    fleet.choices()
    seconds = time.perf_counter() - started
    for _ in range(5):
        fleet.overview(Filters())
print(seconds, peak_mb())
"""
ANOMALIES = """
import sys, time
from pathlib import Path
from bench.own_process import peak_mb
from core.dataset.anomalies import learn
from core.dataset.overview import Filters, Fleet
with Fleet.open(Path(sys.argv[1])) as fleet:
    started = time.perf_counter()
    detector = learn(fleet, lambda fraction: None)
    learnt = time.perf_counter()
    found = detector.find(fleet, Filters(), lambda fraction: None)
    found_at = time.perf_counter()
peak = peak_mb()
print(learnt - started, found_at - learnt, peak, found.n_found, detector.detection.sentence)
"""


def main() -> None:
    """Measure and print the tables."""
    parser = argparse.ArgumentParser(description="Dashboard queries against bare DuckDB.")
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--data", type=Path, help="a data folder with an imported dataset")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data_dir = given.data
        if data_dir is None:
            data_dir, csv = Path(folder) / "data", Path(folder) / "noise.csv"
            write_noise(csv, given.rows)
            import_file(csv, data_dir)
            csv.unlink()
        processes(data_dir)
        measure(data_dir, given.rounds)


def measure(data_dir: Path, rounds: int) -> None:
    """Print what the views of the active dataset cost."""
    dataset = current(data_dir)
    print(f"{dataset.report.rows_kept:,} rows, medians of {rounds} interleaved rounds")
    with Fleet(dataset) as fleet:
        choices = fleet.choices()
        assert choices.since is not None
        assert choices.until is not None
        third = (choices.until - choices.since) / 3
        middle = Filters(
            since=choices.since + third,
            until=choices.until - third,
            task_types=tuple(choice.value for choice in choices.task_types[:2]),
        )
        vm = choices.vms[len(choices.vms) // 2].value
        views = {"everything": Filters(), "a third of the time, two task types": middle}
        print(f"{'':38}{'ours ms':>9}{'bare ms':>9}{'ratio':>7}")
        for name, filters in views.items():
            compare(name, fleet, filters, rounds)
        cost = medians({"vm": lambda: fleet.machine(vm, Filters())}, rounds)["vm"]
        print(f"{'one VM':38}{1000 * cost:9.0f}")
        cost = medians({"search": lambda: fleet.search_vms("00a")}, rounds)["search"]
        print(f"{'search among the VMs':38}{1000 * cost:9.0f}")
        print_beside_frames(fleet, rounds)


def processes(data_dir: Path) -> None:
    """Print what a first view and the anomalies cost in processes of their own."""
    seconds, peak = map(float, run(FIRST_VIEW, data_dir).split())
    print(f"first view in a new process, with choices: {seconds:.2f} s")
    print(f"peak of a process after six views: {peak:.0f} MB (under {TARGET_MB:.0f})")
    learnt, found, peak_mb, n_found, said = run(ANOMALIES, data_dir).split(" ", 4)
    print(f"anomalies: learnt in {float(learnt):.1f} s, {n_found} found in {float(found):.1f} s")
    print(f"peak of that process: {float(peak_mb):.0f} MB\n  {said.strip()}")


def beside_duckdb(fleet: Fleet, filters: Filters, rounds: int) -> dict[str, float]:
    """Return the seconds of one view of ours, bare, and bare without counting the VMs."""
    import duckdb

    bare = duckdb.connect(config={"threads": THREADS, "memory_limit": f"{MEMORY_MB}MB"})
    overview = fleet.overview(filters)
    condition = filters.condition()
    values = {
        "path": str(fleet.dataset.parquet),
        "width": int(overview.cpu.bucket_s / timedelta(microseconds=1).total_seconds()),
        **condition.parameters,
    }

    def plain(vms: str = "count(DISTINCT vm_id)") -> list[list[tuple[object, ...]]]:
        answers = []
        for template in BARE.values():
            sql = template.format(where=condition.sql, vms=vms)
            used = {key: value for key, value in values.items() if f"${key}" in sql}
            answers.append(bare.execute(sql, used).fetchall())
        return answers

    figures, *_, split, load = plain()
    assert figures[0][0] == overview.summary.rows
    assert figures[0][1] == overview.summary.vms or overview.summary.vms_are_estimated
    assert sum(int(str(row[1])) for row in split) == overview.summary.rows
    if overview.load.points is None:
        both = sum(int(str(row[2])) for row in load if None not in row[:2])
        assert both == overview.load.rows.sum()
    ways: dict[str, Callable[[], object]] = {
        "ours": lambda: fleet.overview(filters),
        "bare": plain,
        "uncounted": lambda: plain("0"),
    }
    costs = medians(ways, rounds)
    bare.close()
    return costs


def compare(name: str, fleet: Fleet, filters: Filters, rounds: int) -> None:
    """Print the cost of one view beside that of the plainest queries."""
    costs = beside_duckdb(fleet, filters, rounds)
    ratio = costs["ours"] / costs["bare"]
    met = ratio <= TARGET_RATIO and costs["ours"] <= TARGET_SECONDS
    print(
        f"{name:38}{1000 * costs['ours']:9.0f}{1000 * costs['bare']:9.0f}{ratio:7.2f}"
        f" (at most {TARGET_RATIO:.0f} and {TARGET_SECONDS:.0f} s: {'met' if met else 'MISSED'})"
    )
    uncounted = costs["uncounted"]
    print(
        f"{'  bare without counting VMs':47}{1000 * uncounted:9.0f}{costs['ours'] / uncounted:7.2f}"
    )


def beside_frames(fleet: Fleet, rounds: int) -> dict[str, float]:
    """Return the seconds of one view, and of the same charts in pandas and polars."""
    import pandas as pd
    import polars as pl

    path = fleet.dataset.parquet
    columns = ["timestamp", "cpu_usage", "memory_usage", "task_type", "anomaly_status", "vm_id"]
    hours = int(fleet.overview(Filters()).cpu.bucket_s // 3600) or 1

    def in_pandas() -> None:
        frame = pd.read_parquet(path, columns=columns)
        frame["vm_id"].nunique()
        bucket = frame["timestamp"].dt.floor(f"{hours}h")
        frame.groupby([bucket, "anomaly_status"])["cpu_usage"].agg(["min", "mean", "max"])
        frame["task_type"].value_counts(dropna=False)
        frame.groupby([frame["cpu_usage"] // 2, frame["memory_usage"] // 2]).size()

    ways: dict[str, Callable[[], object]] = {
        "ours": lambda: fleet.overview(Filters()),
        "pandas": in_pandas,
    }

    def in_polars() -> None:
        rows = pl.scan_parquet(path)
        cpu, memory = pl.col("cpu_usage"), pl.col("memory_usage")
        bucket = pl.col("timestamp").dt.truncate(f"{hours}h")
        pl.collect_all(
            [
                rows.select(pl.len(), pl.col("vm_id").n_unique()),
                rows.group_by(bucket, "anomaly_status").agg(
                    cpu.min(), cpu.mean().alias("mean"), cpu.max().alias("high")
                ),
                rows.group_by("task_type").len(),
                rows.group_by(cpu // 2, memory // 2).len(),
            ]
        )

    ways["polars"] = in_polars
    return medians(ways, max(rounds // 3, 1))


def print_beside_frames(fleet: Fleet, rounds: int) -> None:
    """Print how much longer the same charts take in pandas and polars."""
    costs = beside_frames(fleet, rounds)
    for name, cost in costs.items():
        times = cost / costs["ours"]
        print(f"{'everything, ' + name:38}{1000 * cost:9.0f}{'':9}{times:7.2f} x ours")


def results(rows: int = 300_000, rounds: int = 9) -> list[Result]:
    """Return what one view of the Dashboard costs beside bare DuckDB, pandas and polars."""
    with tempfile.TemporaryDirectory() as folder:
        csv, data_dir = Path(folder) / "noise.csv", Path(folder) / "data"
        write_noise(csv, rows)
        with Fleet(import_file(csv, data_dir)) as fleet:
            bare = beside_duckdb(fleet, Filters(), rounds)
            frames = beside_frames(fleet, 3 * rounds)
    note = f"figures and four charts of {rows:,} rows of noise"
    found = [
        ("bare DuckDB", bare["ours"], bare["bare"]),
        ("bare DuckDB that counts no VMs", bare["ours"], bare["uncounted"]),
        ("pandas", frames["ours"], frames["pandas"]),
        ("polars", frames["ours"], frames["polars"]),
    ]
    return [
        Result(
            what="one view of the Dashboard",
            peer=peer,
            ours=1000 * ours_s,
            theirs=1000 * theirs_s,
            unit="ms",
            note=note,
        )
        for peer, ours_s, theirs_s in found
    ]


if __name__ == "__main__":
    main()
