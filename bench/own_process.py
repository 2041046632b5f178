"""A program run in a process of its own, where the peak of its memory is its own as well."""

import resource
import subprocess
import sys
from pathlib import Path

__all__ = ["peak_mb", "run"]

ROOT = Path(__file__).resolve().parents[1]


def run(program: str, *arguments: Path | str) -> str:
    """Return what a Python program prints that is run alone in the project's folder."""
    finished = subprocess.run(
        [sys.executable, "-c", program, *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )
    return finished.stdout


def peak_mb() -> float:
    """Return the most memory that this process has held, in megabytes.

    `getrusage` says the same only where nothing was started by a larger process: on Linux a child's
    begins with what its parent holds.
    """
    status = Path("/proc/self/status")
    if status.exists():
        lines = status.read_text(encoding="utf-8").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
