"""What people type and files hold are values, never SQL; and DuckDB stays where it is put."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core.dataset import import_file
from core.dataset.overview import Filters, Fleet
from core.errors import DataError
from tests.core.dataset.csv_files import fleet_csv

HOSTILE = (
    "x'; DROP VIEW fleet; --",
    'x" OR 1=1 --',
    "$since",
    "%",
    "a\\'b",
    "{condition}",
    "Ωmega ☂",
    "' UNION SELECT * FROM read_csv('/etc/passwd') --",
)


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    rows = [{"vm_id": name, "task_type": name, "task_status": name} for name in HOSTILE]
    text = fleet_csv(*rows, {"vm_id": "plain"})
    data_dir = tmp_path_factory.mktemp("o'hara; data")
    with Fleet(import_file(text.encode(), data_dir)) as opened:
        yield opened


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_values_filter_by_what_they_are(fleet: Fleet, name: str) -> None:
    for filters in (
        Filters(vms=(name,)),
        Filters(task_types=(name,), statuses=(name,)),
        Filters(vms=(name, "nobody"), task_types=(name, "web")),
    ):
        overview = fleet.overview(filters)
        assert overview.summary.rows == 1
        assert overview.load.points is not None
        assert overview.load.points.vm_ids == (name,)
    assert fleet.overview(Filters(priorities=(name,))).summary.rows == 0
    assert fleet.machine(name, Filters()).rows == 1
    assert [choice.value for choice in fleet.search_vms(name)][:1] == [name]
    assert fleet.overview(Filters()).summary.rows == len(HOSTILE) + 1


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_text('/etc/hostname')",
        "SELECT * FROM 'https://127.0.0.1/x.parquet'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "COPY fleet TO '/tmp/copy.csv'",
        "ATTACH '/tmp/other.db'",
        "SET enable_external_access = true",
    ],
)
def test_the_engine_reaches_no_other_file_and_no_network(fleet: Fleet, sql: str) -> None:
    import duckdb

    with pytest.raises((DataError, duckdb.Error)):
        fleet.engine.rows(sql)


def test_several_threads_may_ask_at_once(fleet: Fleet) -> None:
    def asked(name: str) -> int:
        return sum(fleet.overview(Filters(vms=(name,))).summary.rows for _ in range(5))

    with ThreadPoolExecutor(max_workers=8) as pool:
        assert list(pool.map(asked, HOSTILE)) == [5] * len(HOSTILE)


def test_a_file_that_is_no_parquet_is_refused_with_the_remedy(tmp_path: Path) -> None:
    dataset = import_file(fleet_csv({}).encode(), tmp_path)
    dataset.parquet.write_bytes(b"not a Parquet file")
    with pytest.raises(DataError, match="import the file again"):
        Fleet(dataset)


def test_importing_the_packages_loads_neither_duckdb_nor_sklearn() -> None:
    program = (
        "import sys, core.dataset.overview, core.dataset.anomalies; "
        "print(sorted({'pandas', 'sklearn', 'duckdb'} & set(sys.modules)))"
    )
    found = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "[]"
