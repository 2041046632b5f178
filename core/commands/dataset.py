"""The verbs of the dataset area: check and import a file, go back to a version, make demo data."""

import argparse
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.access import command_line_actor
from core.commands.output import print_json, say, show
from core.store import Store

if TYPE_CHECKING:
    from core.dataset import DatasetReport, ImportedDataset

__all__ = ["add_verbs"]

_DEMO_FILE = "demo.csv.gz"


def add_verbs(areas: Any, *, data_dir: Path, store: Callable[[], Store]) -> None:
    """Add `dataset` and its verbs to the areas of the command line."""
    verbs = areas.add_parser("dataset", help="fleet datasets and ticket files").add_subparsers(
        dest="verb", required=True, metavar="VERB"
    )

    def verb(name: str, run: Callable[[argparse.Namespace], None], text: str) -> Any:
        parser = verbs.add_parser(name, help=text, description=text)
        parser.set_defaults(run=run)
        return parser

    def with_file(parser: Any) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="CSV, plain or gzipped")
        parser.add_argument(
            "--rename",
            type=_renaming,
            action="append",
            default=[],
            metavar="NAME=COLUMN",
            help="read the file's column NAME as this column of the dataset (repeatable)",
        )
        with_json(parser)

    def with_json(parser: Any) -> None:
        parser.add_argument("--json", action="store_true", help="print JSON")

    with_file(verb("check", _check, "say what a file holds and what is wrong with it"))
    with_file(
        verb("import", lambda a: _import(a, data_dir, store), "store a file as the active dataset")
    )
    with_json(verb("list", lambda a: _list(a, data_dir), "list the stored versions"))
    activate = verb(
        "activate",
        lambda a: _activate(a, data_dir, store),
        "make a version the active one (roll back)",
    )
    activate.add_argument("version", metavar="VERSION")
    with_json(activate)
    demo = verb("demo", lambda a: _demo(a, data_dir), "write made-up machines and tickets")
    demo.add_argument(
        "--out", type=Path, metavar="FILE", help=f"(default: {_DEMO_FILE} in DATA_DIR)"
    )
    demo.add_argument("--rows", type=int, default=20_000, metavar="N")
    demo.add_argument("--seed", type=int, default=7, metavar="S")


def _renaming(text: str) -> tuple[str, str]:
    from core.dataset.schema import COLUMN_NAMES

    found, _, name = text.rpartition("=")
    if not found or name not in COLUMN_NAMES:
        raise argparse.ArgumentTypeError(
            f"{text[:80]!r} is not of the form NAME=COLUMN with one of the columns "
            + ", ".join(COLUMN_NAMES)
        )
    return found, name


def _check(arguments: argparse.Namespace) -> None:
    from core.dataset import check

    report = check(arguments.file, rename=dict(arguments.rename))
    if arguments.json:
        print_json(asdict(report))
    else:
        _print(report)


def _import(arguments: argparse.Namespace, data_dir: Path, store: Callable[[], Store]) -> None:
    from core.admin.data import import_file

    with closing(store()) as opened:
        actor, rename = command_line_actor(), dict(arguments.rename)
        stored = import_file(actor, opened, arguments.file, data_dir, rename)
    if arguments.json:
        print_json(_document(stored))
    else:
        _print(stored.report)
        show("")
        show(f"Stored as {stored.version} in {data_dir}; it is active.")


def _list(arguments: argparse.Namespace, data_dir: Path) -> None:
    from core.dataset import current, versions

    stored = versions(data_dir)
    active = current(data_dir).version if stored else None
    if arguments.json:
        print_json({"active": active, "versions": [_document(dataset) for dataset in stored]})
        return
    for dataset in stored:
        mark = "*" if dataset.version == active else " "
        report = dataset.report
        show(
            f"{mark} {dataset.version}  {dataset.created_at}  {report.rows_kept:>12,} rows  "
            f"{report.source}{' (demo)' if report.is_demo else ''}"
        )
    if not stored:
        say("No dataset is stored yet; import one with `python -m core dataset import FILE`.")


def _activate(arguments: argparse.Namespace, data_dir: Path, store: Callable[[], Store]) -> None:
    from core.admin.data import activate

    with closing(store()) as opened:
        stored = activate(command_line_actor(), opened, data_dir, arguments.version)
    if arguments.json:
        print_json(_document(stored))
    else:
        show(f"{stored.version} is active: {stored.report.source}.")


def _demo(arguments: argparse.Namespace, data_dir: Path) -> None:
    from core.dataset import demo

    out = arguments.out
    if out is None:
        out = data_dir / _DEMO_FILE
    n_bytes = demo.write(out, arguments.rows, arguments.seed)
    say(f"{arguments.rows:,} rows of demo data written to {out} ({n_bytes / 1e6:.2f} MB).")


def _document(stored: "ImportedDataset") -> dict[str, Any]:
    return {
        "version": stored.version,
        "created_at": stored.created_at,
        "csv": str(stored.csv),
        "parquet": str(stored.parquet),
        "data_hash": stored.data_hash,
        "report": asdict(stored.report),
    }


def _print(report: "DatasetReport") -> None:
    separator = {"\t": "tab"}.get(report.separator, report.separator)
    packed = f", {report.compression}" if report.compression else ""
    show(f"{report.source}: {report.kind}, {report.encoding}, separator {separator}{packed}")
    counts = [f"{report.rows_read:,} rows read", f"{report.rows_kept:,} kept"]
    if report.vm_count is not None:
        counts.append(f"{report.vm_count:,} VMs")
    if report.tickets:
        counts.append(f"{report.tickets:,} tickets in {report.category_count:,} categories")
    show(", ".join(counts))
    show("")
    show(f"{'column':26} {'missing':>10} {'not usable':>11}  from .. to")
    for column in report.columns:
        bounds = "" if column.minimum is None else f"{column.minimum} .. {column.maximum}"
        show(f"{column.name:26} {column.missing:>10,} {column.uncoercible:>11,}  {bounds}".rstrip())
    if report.notes:
        show("")
    for note in report.notes:
        show(f"- {note}")
