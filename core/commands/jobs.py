"""The verb of trainings: list those that run and ran."""

import argparse
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

from core.commands import options
from core.commands.models import OpenStore
from core.commands.output import print_json, say, show
from core.jobs import owner, settled

__all__ = ["add_verbs"]


def add_verbs(areas: Any, *, models_dir: Path, open_store: OpenStore) -> None:
    """Add `jobs` and its verb to the areas of the command line."""
    verbs = areas.add_parser("jobs", help="trainings").add_subparsers(
        dest="verb", required=True, metavar="VERB"
    )
    text = "list the trainings that run and ran, from the app and from here, the latest first"
    parser = verbs.add_parser("list", help=text, description=text)
    parser.add_argument("--limit", type=options.count, default=20, metavar="N")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=lambda a: _list(a, models_dir, open_store))


def _list(arguments: argparse.Namespace, models_dir: Path, open_store: OpenStore) -> None:
    with closing(open_store()) as store:
        jobs = settled(store, models_dir, arguments.limit)
    holder = owner(models_dir)
    if arguments.json:
        plain = [
            {
                **asdict(job),
                "started_at": job.started_at.isoformat(),
                "ended_at": None if job.ended_at is None else job.ended_at.isoformat(),
            }
            for job in jobs
        ]
        print_json({"training": None if holder is None else holder.in_words, "jobs": plain})
        return
    if holder is not None:
        say(f"Now: {holder.in_words}.")
    for job in jobs:
        how_far = f" {100 * job.fraction:.0f} %" if job.state == "running" else ""
        show(
            f"{job.id:5d}  {job.started_at.isoformat(timespec='seconds')}  {job.kind:8s} "
            f"{job.state}{how_far}  {job.who}: {job.message}"
        )
    if not jobs:
        say("Nothing was trained yet.")
