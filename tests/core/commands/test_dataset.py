import argparse
import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from core.commands.dataset import add_verbs
from core.errors import CoreError, DataError
from core.store import Store
from tests.core.dataset.csv_files import fleet_csv

Run = Callable[..., str]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run `dataset ...` and return what it printed."""

    def command(*arguments: str | Path) -> str:
        parser = argparse.ArgumentParser()
        add_verbs(
            parser.add_subparsers(required=True),
            data_dir=tmp_path / "data",
            store=lambda: Store(f"sqlite:///{tmp_path / 'app.db'}"),
        )
        given = parser.parse_args(["dataset", *map(str, arguments)])
        given.run(given)
        return capsys.readouterr().out

    return command


@pytest.fixture
def fleet(tmp_path: Path) -> Path:
    path = tmp_path / "fleet.csv"
    path.write_text(
        fleet_csv({}, {"cpu_usage": "warm"}, {"vm_id": "b"}, names={"memory_usage": "mem usage %"})
    )
    return path


def test_check_prints_the_report_as_json_and_stores_nothing(
    run: Run, fleet: Path, tmp_path: Path
) -> None:
    report = json.loads(run("check", fleet, "--json"))
    assert (report["rows_read"], report["rows_kept"]) == (3, 3)
    cpu = next(column for column in report["columns"] if column["name"] == "cpu_usage")
    assert cpu["uncoercible"] == 1
    assert cpu["first_uncoercible"] == [{"line": 3, "value": "warm"}]
    assert {"name": "memory_usage", "looks_like": "mem usage %"} in report["missing_columns"]
    assert not (tmp_path / "data").exists()


def test_check_says_the_same_to_people(run: Run, fleet: Path) -> None:
    said = run("check", fleet)
    assert "3 rows read, 3 kept, 2 VMs" in said
    assert "first on line 3: 'warm'" in said
    assert "'mem usage %' looks like 'memory_usage'" in said


def test_a_column_can_be_renamed_on_the_way(run: Run, fleet: Path) -> None:
    report = json.loads(run("check", fleet, "--json", "--rename", "mem usage %=memory_usage"))
    assert "memory_usage" in [column["name"] for column in report["columns"]]
    with pytest.raises(SystemExit):
        run("check", fleet, "--rename", "mem usage %=memory")


def test_import_stores_and_activate_goes_back(run: Run, fleet: Path, tmp_path: Path) -> None:
    first = json.loads(run("import", fleet, "--json"))
    assert first["version"] == "v0001"
    assert Path(first["parquet"]).is_file()
    fleet.write_text(fleet_csv({"vm_id": "later"}))
    assert "Stored as v0002" in run("import", fleet)
    assert "later" in (tmp_path / "data" / "dataset.csv").read_text()
    run("activate", "v0001")
    assert "later" not in (tmp_path / "data" / "dataset.csv").read_text()
    listed = json.loads(run("list", "--json"))
    assert listed["active"] == "v0001"
    assert [dataset["version"] for dataset in listed["versions"]] == ["v0001", "v0002"]
    assert run("list").startswith("* v0001")
    with closing(Store(f"sqlite:///{tmp_path / 'app.db'}")) as store:
        entries = [(one.action, one.subject, one.origin) for one in store.audit(10)]
    assert entries == [
        ("activated", "dataset v0001", "command line"),
        ("imported", "dataset v0002", "command line"),
        ("imported", "dataset v0001", "command line"),
    ]


def test_demo_writes_what_import_marks_as_demo(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "made_up.csv.gz"
    run("demo", "--out", out, "--rows", "120", "--seed", "3")
    stored = json.loads(run("import", out, "--json"))
    assert stored["report"]["is_demo"]
    assert stored["report"]["rows_kept"] == 120
    assert "(demo)" in run("list")


def test_what_cannot_be_done_is_an_error_for_the_command_line_to_say(
    run: Run, tmp_path: Path
) -> None:
    with pytest.raises(DataError, match="is not there"):
        run("check", tmp_path / "nothing.csv")
    with pytest.raises(CoreError, match="v0007"):
        run("activate", "v0007")
    with pytest.raises(DataError, match="rows"):
        run("demo", "--out", tmp_path / "x.csv", "--rows", "0")
    with pytest.raises(DataError, match="cannot be written"):
        run("demo", "--out", tmp_path / "no" / "folder.csv", "--rows", "10")
    assert run("list") == ""
