"""Importing a fleet CSV against pandas reading it: the ratio of their times, and our memory.

Run as `python -m bench.dataset_import [--rows 2000000] [--repeats 3]`. The file is uniform random
noise in the columns of the fleet dataset; it is written to a temporary folder and removed.
"""

import argparse
import json
import statistics
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv

from bench.own_process import run
from bench.result import Result

_PANDAS = """
import pandas as pd
start = time.perf_counter()
pd.read_csv(sys.argv[1])
"""
_POLARS = """
import polars as pl
start = time.perf_counter()
pl.read_csv(sys.argv[1])
"""
_DUCKDB = """
import duckdb
start = time.perf_counter()
duckdb.sql(f"CREATE TABLE fleet AS SELECT * FROM read_csv('{sys.argv[1]}')")
"""
_CHECK = """
from core.dataset import check
start = time.perf_counter()
check(sys.argv[1])
"""
_IMPORT = """
from pathlib import Path
import core.dataset.reader, core.dataset.writer
from core.dataset import import_file
start = time.perf_counter()
import_file(sys.argv[1], Path(sys.argv[2]))
"""
_MEASURED = """
seconds = time.perf_counter() - start
from bench.own_process import peak_mb
print(json.dumps([seconds, time.process_time(), peak_mb()]))
"""


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description="Dataset import against pandas reading the file.")
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--repeats", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        csv = Path(folder) / "noise.csv"
        write_noise(csv, arguments.rows)
        print(f"{arguments.rows:,} rows, {csv.stat().st_size / 1e6:.0f} MB")
        programs = {"pandas read_csv": _PANDAS, "dataset check": _CHECK, "import": _IMPORT}
        found: dict[str, list[list[float]]] = {name: [] for name in programs}
        for repeat in range(arguments.repeats):  # interleaved: the machine's moods hit all alike
            for name, program in programs.items():
                found[name].append(_measured(program, csv, Path(folder) / f"data{repeat}"))
    base = statistics.median(seconds for seconds, _, _ in found["pandas read_csv"])
    print(f"{'':18}{'seconds':>9}{'ratio':>8}{'CPU s':>8}{'peak MB':>9}")
    for name, runs in found.items():
        seconds, cpu, peak = (statistics.median(values) for values in zip(*runs, strict=True))
        print(f"{name:18}{seconds:9.2f}{seconds / base:8.2f}{cpu:8.2f}{peak:9.0f}")


def write_noise(csv: Path, n_rows: int, *, seed: int = 0) -> None:
    """Write a fleet dataset of uniform random numbers; a tenth of the cells is empty."""
    random = np.random.default_rng(seed)

    def holes(values: np.ndarray) -> pa.Array:
        return pa.array(values, mask=random.random(n_rows) < 0.1)

    def words(*choices: str) -> pa.Array:
        return holes(np.array(choices)[random.integers(0, len(choices), n_rows)])

    digits = random.bytes(16 * n_rows).hex()
    start = np.datetime64("2023-01-01T00:00:00")
    seconds = random.integers(0, 180 * 86_400, n_rows).astype("timedelta64[s]")
    table = pa.table(
        {
            "vm_id": [
                f"{digits[i : i + 8]}-{digits[i + 8 : i + 12]}-{digits[i + 12 : i + 32]}"
                for i in range(0, 32 * n_rows, 32)
            ],
            "timestamp": pa.array(start + seconds).cast(pa.string()),
            "cpu_usage": holes(random.random(n_rows) * 100),
            "memory_usage": holes(random.random(n_rows) * 100),
            "network_traffic": holes(random.random(n_rows) * 1_000),
            "power_consumption": holes(random.random(n_rows) * 500),
            "num_executed_instructions": holes(random.integers(0, 10_000, n_rows)),
            "execution_time": holes(random.random(n_rows) * 100),
            "energy_efficiency": holes(random.random(n_rows)),
            "task_type": words("compute", "io", "network"),
            "task_priority": words("high", "low", "medium"),
            "task_status": words("completed", "running", "waiting"),
            "anomaly_status": (random.random(n_rows) < 0.06).astype(int),
        }
    )
    pacsv.write_csv(table, csv, pacsv.WriteOptions(quoting_style="none"))


def _measured(program: str, csv: Path, data_dir: Path) -> list[float]:
    """Return seconds, CPU seconds and peak megabytes of a program in a process of its own."""
    text = f"import json, sys, time{program}{_MEASURED}"
    measured: list[float] = json.loads(run(text, csv, data_dir))
    return measured


def results(rows: int = 300_000, repeats: int = 3) -> list[Result]:
    """Return the time and memory of an import beside pandas, polars and DuckDB reading the file."""
    programs = {"ours": _IMPORT, "pandas": _PANDAS, "polars": _POLARS, "DuckDB": _DUCKDB}
    found: dict[str, list[list[float]]] = {name: [] for name in programs}
    with tempfile.TemporaryDirectory() as folder:
        csv = Path(folder) / "noise.csv"
        write_noise(csv, rows)
        for repeat in range(repeats):
            for name, program in programs.items():
                found[name].append(_measured(program, csv, Path(folder) / f"data{repeat}"))
    costs = {
        name: [statistics.median(values) for values in zip(*runs, strict=True)]
        for name, runs in found.items()
    }
    return [
        Result(
            what=f"dataset import, {what}",
            peer=f"{peer} reading the CSV",
            ours=costs["ours"][position],
            theirs=costs[peer][position],
            unit=unit,
            note=f"{rows:,} rows of noise; ours checks every cell and writes CSV and Parquet",
        )
        for peer in list(programs)[1:]
        for what, position, unit in (("time", 0, "s"), ("peak memory", 2, "MB"))
    ]


if __name__ == "__main__":
    main()
