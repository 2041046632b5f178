"""A training in seconds: `python -m tests.core.jobs.some_training WHAT [FILE]`."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path


def say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def works() -> None:
    say(" 10 %  reading")
    say("a library warns: token=abc123")
    say(" 90 %  fitting, about 2 s left")
    print(json.dumps({"version": "v0007"}))  # noqa: T201 - its answer


def waits(file: str) -> None:
    """Work as soon as the file is there."""
    while not Path(file).exists():
        time.sleep(0.01)
    works()


def forever(file: str) -> None:
    """Write down this process and one that it has started, and never end of its own accord."""
    other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    say(" 25 %  going on")
    Path(file).write_text(f"{os.getpid()} {other.pid}")
    time.sleep(600)


def stubborn(file: str) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    forever(file)


def crashes() -> None:
    raise KeyError("a fault")


def bad_input() -> None:
    say("The file is empty; bring one with rows.")
    sys.exit(2)


def greedy() -> None:
    """Ask for more memory than the limit that it sets itself."""
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (2**30, 2**30))
    bytearray(2**32)


def killed() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def talks_much() -> None:
    for i in range(1000):
        say(f"line {i} " + "x" * 2000)
    print("{}")  # noqa: T201 - its answer


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
