"""`python -m tests.core.killed_writer FOLDER`: write and activate versions, killed at each step.

A step is anything that Python does to a file. After each kill the version of before must serve, or
the new one whole. Prints at how many steps it was killed.
"""

import os
import signal
import sys
from itertools import count
from pathlib import Path

from core import artifacts
from tests.core.test_artifacts import write

STEPS = ("open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "shutil.rmtree")


def killed_at(step: int, folder: Path) -> bool:
    """Return whether a child that writes and activates a version was killed at this step."""
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1] == signal.SIGKILL
    steps = count()

    def kill(event: str, arguments: tuple[object, ...]) -> None:
        if event in STEPS and str(folder) in str(arguments) and next(steps) == step:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(kill)
    artifacts.activate(folder, "failure", write(folder).version)
    os._exit(0)


def check(folder: Path) -> None:
    """Raise what keeps the active version, or a listed one, from being loaded."""
    artifacts.load_version(folder, "failure")
    for one in artifacts.versions(folder, "failure"):
        artifacts.load_version(folder, "failure", one.version)
    for path in (folder / "failure").glob("v*"):
        assert (path / "manifest.json").exists(), path


def main(folder: Path) -> None:
    artifacts.activate(folder, "failure", write(folder).version)
    for step in count():
        was_killed = killed_at(step, folder)
        check(folder)
        if not was_killed:
            print(step)  # noqa: T201 - what is asked for
            return


if __name__ == "__main__":
    main(Path(sys.argv[1]))
