"""The verbs of model versions of both areas: list, activate, roll back."""

import argparse
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

from core.access import command_line_actor
from core.admin import models
from core.admin.versions import AREAS, Version, versions
from core.commands.output import print_json, say
from core.store import Store

__all__ = ["OpenStore", "add_verbs"]

OpenStore = Callable[[], Store]
"""Opens the database; `core.__main__` knows which one it is."""


def add_verbs(areas: Any, *, models_dir: Path, open_store: OpenStore) -> None:
    """Add `models` and its verbs to the areas of the command line."""
    verbs = areas.add_parser("models", help="versions of all models").add_subparsers(
        dest="verb", required=True, metavar="VERB"
    )

    def verb(name: str, run: Callable[[argparse.Namespace], None], text: str) -> Any:
        parser = verbs.add_parser(name, help=text, description=text)
        parser.set_defaults(run=run)
        parser.add_argument(
            "--models", type=Path, default=models_dir, metavar="DIR", help="the models folder"
        )
        return parser

    listing = verb("list", _list, "list the versions of all models, the newest first")
    listing.add_argument("--json", action="store_true", help="print JSON")
    activate = verb(
        "activate", lambda a: _activate(a, open_store), "make a version the active one, on record"
    )
    roll_back = verb(
        "rollback",
        lambda a: _roll_back(a, open_store),
        "make the version active again that was before",
    )
    for parser in (activate, roll_back):
        parser.add_argument("area", choices=sorted(AREAS))
        parser.add_argument("--reason", default="", metavar="TEXT", help="for the audit trail")
    activate.add_argument("version", metavar="VERSION")


def _list(arguments: argparse.Namespace) -> None:
    found = {area: versions(arguments.models, area) for area in AREAS}
    if arguments.json:
        print_json({area: [_plain(one) for one in some] for area, some in found.items()})
        return
    for area, some in found.items():
        for one in some:
            mark = "*" if one.is_active else "-" if one.is_previous else " "
            print(
                f"{mark} {area}  {one.version}  {one.created_at.isoformat()}  "
                f"{one.score_name} {_score(one)}  {one.source}"
            )
        if not some:
            say(f"There is no version of the {AREAS[area]} in {arguments.models}.")


def _score(one: Version) -> str:
    if one.score is None:
        return "not judged"
    beside = "" if one.baseline is None else f" (baseline {one.baseline:.3f})"
    return f"{one.score:.3f}{beside}"


def _plain(one: Version) -> dict[str, Any]:
    return {**asdict(one), "created_at": one.created_at.isoformat()}


def _activate(arguments: argparse.Namespace, open_store: OpenStore) -> None:
    with closing(open_store()) as store:
        manifest = models.activate(
            command_line_actor(),
            store,
            arguments.models,
            arguments.area,
            arguments.version,
            arguments.reason,
        )
    print(f"{arguments.area} {manifest.version} is active: {manifest.source}.")


def _roll_back(arguments: argparse.Namespace, open_store: OpenStore) -> None:
    with closing(open_store()) as store:
        manifest = models.roll_back(
            command_line_actor(), store, arguments.models, arguments.area, arguments.reason
        )
    print(f"{arguments.area} {manifest.version} is active again: {manifest.source}.")
