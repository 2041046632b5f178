"""Apps that start a training and are killed, or that want to start one at the same moment."""

import sys
import time
from pathlib import Path

from core.errors import JobError
from core.jobs import JobRunner
from core.store import Store

TRAINING = "tests.core.jobs.some_training"


def runner(folder: Path) -> JobRunner:
    return JobRunner(
        Store(f"sqlite:///{(folder / 'app.db').as_posix()}"), folder / "models", module=TRAINING
    )


def waits_to_be_killed(folder: str) -> None:
    """Start a training that never ends, and wait."""
    app = runner(Path(folder))
    file = str(Path(folder) / "pids")
    app.start("tickets", "Training", ["forever", file], "ada", lambda said: ("", said))
    time.sleep(600)


def starts_when_told(folder: str, name: str) -> None:
    """Start a training as soon as the file `go` is there; write down whether it began."""
    app = runner(Path(folder))
    (Path(folder) / f"{name}.ready").touch()
    while not (Path(folder) / "go").exists():
        time.sleep(0.001)
    try:
        app.start("tickets", "Training", ["forever", str(Path(folder) / f"{name}.pids")], name, _)
    except JobError as error:
        (Path(folder) / f"{name}.out").write_text(str(error))
    else:
        (Path(folder) / f"{name}.out").write_text("began")
        while not (Path(folder) / "stop").exists():
            time.sleep(0.01)
        app.close()


def _(said: object) -> tuple[str, dict[str, object]]:
    return "", {}


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
