"""An app in which everything that comes from outside means harm: dataset, models, store, log.

Whatever is read as HTML or Markdown would run `ran(...)`, ask 192.0.2.1 (RFC 5737: nobody's), or
show one of the WORDS without what stands around it.
"""

import json
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd

import config
from core import artifacts
from core.dataset import import_file
from core.store import AuditEntry, Correction, JobRecord, SavedReply, Store
from core.tickets.train import train
from tests.core.responses.scripted_server import Server
from tests.core.tickets.some_tickets import some_tickets
from tests.e2e.server import RunningApp, running_app
from tests.pages.some_fleet import some_fleet

__all__ = ["FILE", "HOST", "MARKS", "TICKET", "VM", "fleet_csv", "hostile_app"]

HARM = '<img src="http://192.0.2.1/i.png" onerror="ran(1)">'
MARKS = (
    f"{HARM}<svg onload=ran(2)></svg><script>ran(3)</script> ![m](http://192.0.2.1/m.png) "
    "[l](javascript:ran(4)) :red[HOLE] :material/pest_control: $MATH$ **BOLD** www.evil.example "
    "me@evil.example </pre></code>"
)
# Without a comma and of 100 characters at most: so much the setting allows.
HOST = "=<img src=//192.0.2.1/h onerror=ran(5)> ![h](http://192.0.2.1/h) :red[HOLE] $MATH$ **BOLD**"
FILE = "=1+1 <img src=x onerror=ran(6)> ![f](http:192.0.2.1) :red[HOLE] $MATH$ and so on.csv"
VM = "=HYPERLINK(1) <img src=x onerror=ran(7)> :red[HOLE] $MATH$ **BOLD**"
SECOND_VM, THIRD_VM = f"@SUM(1) {MARKS}", f"+1+1 {'w' * 3000}"
# What steers a terminal, turns writing around, has no width, and ends lines.
STEERS = (
    "\x1b[31m\x1b]0;title\x07 \u202egnp.exe\u202c zero\u200bwidth \x9b2J next\u2028line\r\nNUL "
)
TICKET = f"-2+3 the cpu of {VM} is throttled {MARKS} {STEERS} {'long' * 2000}"
CATEGORY = f"-1+1 Power {MARKS}"
LEVELS = {"INFO": f"=1 {MARKS}", "WARNING": f"{MARKS}{STEERS}", "ERROR": f"\n{MARKS}"}


def fleet_csv(n_hours: int = 72) -> bytes:
    """Return a fleet in which every name is hostile."""
    fleet = some_fleet(n_hours)
    names = dict(zip(fleet.vm_id.unique(), (VM, SECOND_VM, THIRD_VM), strict=True))
    fleet["vm_id"] = fleet.vm_id.map(names)
    fleet["task_type"] = fleet.task_type.map({"batch": f"=1+1 {MARKS}", "web": f"@web {MARKS}"})
    fleet["task_priority"] = fleet.task_priority.map({"high": f"+1 {MARKS}", "low": f"-1 {MARKS}"})
    fleet["task_status"] = fleet.task_status.replace({"completed": f"=2 {MARKS}"})
    fleet["ticket_text"] = fleet.ticket_text.where(fleet.ticket_text.isna(), TICKET)
    fleet["ticket_category"] = fleet.ticket_category.where(fleet.ticket_category.isna(), CATEGORY)
    return fleet.to_csv(index=False).encode()


def _tickets() -> pd.DataFrame:
    frame = some_tickets(160, telemetry=False)
    frame["ticket_category"] = [f"{name} {MARKS}" for name in frame.ticket_category]
    frame["ticket_text"] = [f"{text} {MARKS} {STEERS}" for text in frame.ticket_text]
    return frame


def _models(folder: Path) -> None:
    shutil.copytree(config.ROOT / "models", folder)
    artifacts.activate(
        folder, "tickets", train(_tickets(), folder, candidates=["logistic"], source=FILE).version
    )
    path = folder / "failure" / "v0001" / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**manifest, "source": f"hosts of {MARKS}"}), encoding="utf-8")


def _store(file: Path) -> None:
    now = datetime.now(UTC)
    with closing(Store(f"sqlite:///{file.as_posix()}")) as store:
        store.add_correction(
            Correction(text=TICKET, old=CATEGORY, new=f"=1+1 {MARKS}", who=f"@{MARKS}", at=now)
        )
        store.add_reply(
            SavedReply(at=now, ticket=TICKET, text=f"# {MARKS}", provider=MARKS, model=f"m {MARKS}",
                       prompt_version="1", comment=MARKS + STEERS)
        )  # fmt: skip
        store.add_audit(
            AuditEntry(at=now, who=f"=1+1 {MARKS}", origin=f"@1 {MARKS}", action=f"+1 {MARKS}",
                       subject=f"-1 {MARKS}", detail=f"\t=1 {MARKS}{STEERS}")
        )  # fmt: skip
        ago = now - timedelta(hours=1)
        store.open_alarm(HOST, ago, 0.9, "memory_percent", f"=1 {MARKS}")
        for kind in ("tickets", "failure"):
            store.put_job(
                JobRecord(kind=kind, who=MARKS, owner="", started_at=ago, ended_at=now,
                          state="failed", message=MARKS, log=f"{MARKS}{STEERS}")
            )  # fmt: skip


def _log(folder: Path) -> None:
    folder.mkdir()
    lines = [
        json.dumps({"at": MARKS, "level": level, "logger": MARKS, "message": text,
                    "traceback": f"{MARKS}{STEERS}"})
        for level, text in LEVELS.items()
    ]  # fmt: skip
    (folder / "app.log").write_text("\n".join([f"={MARKS}\x1b[31m", *lines, ""]), encoding="utf-8")


def _runbooks(folder: Path) -> None:
    folder.mkdir()
    names = ", ".join(("Network", "Power", "General", "Performance-CPU"))
    (folder / "hostile.md").write_text(
        f"# Throttled cpu {MARKS}\n\nCategories: {names}\nLanguage: en\n\n## Signs\n\ncpu "
        f"throttled {MARKS}\n\n## Causes\n\n- cause {MARKS}\n\n## Steps {MARKS}\n\n1. step "
        f"{MARKS}\n\n## Questions\n\n- question {MARKS}\n",
        encoding="utf-8",
    )


@contextmanager
def hostile_app(folder: Path, model: Server) -> Iterator[RunningApp]:
    """Serve it; `model` is its language model."""
    _models(folder / "models")
    import_file(fleet_csv(), folder / "data", name=FILE)
    _store(folder / "data" / "app.db")
    _log(folder / "logs")
    _runbooks(folder / "runbooks")
    with running_app(
        folder,
        MODELS_DIR=str(folder / "models"),
        RUNBOOKS_DIR=str(folder / "runbooks"),
        HOST_NAME=HOST,
        SAMPLE_INTERVAL_S="0.5",
        HF_BASE_URL=model.access().base_url,
        HF_MODEL="org/m",
    ) as app:
        yield app
