"""A small real filesystem that nobody else sees and that goes when its owner goes."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SIZE_BYTES = 64 * 1024**2
# Mounts in a namespace of its own, says so, and stays until its input ends: each word in it is how
# to mount anew.
HOLD = """
mount -t tmpfs -o size="$1" tmpfs "$2" && echo mounted || exit 1
while read -r how; do mount -o "remount,$how" "$2" && echo "$how"; done
"""


class DiskNotPossibleError(Exception):
    """This machine lets us mount nothing; the message says why."""


class SmallDisk:
    """A filesystem of SIZE_BYTES below `path`; as `df` counts it, what is written fills it."""

    def __init__(self, path: Path, holder: "subprocess.Popen[str]") -> None:
        self.path = path
        self._holder = holder
        self._written = 0

    def fill_to(self, percent: float) -> None:
        """Write until `percent` (0-100) is used; OSError (ENOSPC) where there is no more room."""
        wanted = int(SIZE_BYTES * percent / 100)
        with (self.path / "filling").open("ab", buffering=0) as file:
            while self._written < wanted:
                self._written += file.write(bytes(min(wanted - self._written, 1024**2)))

    @property
    def entering(self) -> tuple[str, ...]:
        """What goes before a command that is to see the disk at the folder it was mounted over.

        SQLite needs that: it follows links, and leads out of the disk from `path`.
        """
        return ("nsenter", f"--target={self._holder.pid}", "--user", "--mount", "--wd=/")

    def make_read_only(self) -> None:
        """Take the right to write from everybody, root included."""
        asked, answers = self._holder.stdin, self._holder.stdout
        if asked is None or answers is None:  # they are pipes
            raise TypeError("a process without pipes")
        print("ro", file=asked, flush=True)
        if answers.readline() != "ro\n":
            raise DiskNotPossibleError("the filesystem cannot be made read-only")


@contextmanager
def small_disk(folder: Path) -> Iterator[SmallDisk]:
    """Mount a tmpfs over `folder` in a mount namespace of its own, and let it go at the end.

    A process holds the namespace and shows the way in through /proc. When it ends, or whoever
    started it is killed and its input ends with that, the kernel takes the mount away; the rest of
    the machine has never seen it.

    Raises
    ------
    DiskNotPossibleError
        There is no `unshare` (util-linux), or it is not allowed to.
    """
    unshare = shutil.which("unshare")
    if unshare is None:
        raise DiskNotPossibleError("there is no unshare on this machine (Linux: util-linux)")
    # The namespace of users makes it work without being root, where the system allows that.
    command = [unshare, "--user", "--map-root-user", "--mount", "sh", "-c", HOLD, "sh"]
    with subprocess.Popen(
        [*command, str(SIZE_BYTES), str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as holder:
        # Leaving Popen's context ends the holder's input and waits for it.
        if holder.stdout is None or holder.stdout.readline() != "mounted\n":
            said = holder.stderr.read().strip() if holder.stderr is not None else ""
            raise DiskNotPossibleError(f"no filesystem can be mounted here: {said}")
        yield SmallDisk(Path(f"/proc/{holder.pid}/root{folder}"), holder)
