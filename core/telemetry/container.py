"""What a Linux control group (version 1 or 2) says about its memory and its tasks."""

from dataclasses import dataclass
from pathlib import Path, PurePosixPath

__all__ = ["MemoryGroup", "group_task_count", "memory_groups"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryGroup:
    """The files of one control group that limits memory."""

    folder: Path
    limit_file: str
    usage_file: str
    inactive_field: bytes

    def usage(self, host_total_bytes: float) -> tuple[float, float] | None:
        """Return (used, limit) in bytes; None where no limit lies below the host's memory.

        Used is without the file cache that has not been touched lately, which the kernel gives back
        before it kills: the working set, as Kubernetes and `docker stats` count it.
        """
        try:
            limit = (self.folder / self.limit_file).read_bytes().strip()
            if limit == b"max" or int(limit) >= host_total_bytes or int(limit) <= 0:
                return None
            used = int((self.folder / self.usage_file).read_bytes())
            stat = (self.folder / "memory.stat").read_bytes()
        except FileNotFoundError:
            return None  # the group is gone, or is a root without such files
        fields = dict(line.split(b" ", 1) for line in stat.splitlines())
        working_set = used - int(fields.get(self.inactive_field, 0))
        # A group can stand above its limit for a moment: it is full then, not past measuring.
        return float(min(max(working_set, 0), int(limit))), float(limit)


def memory_groups(proc_path: Path, cgroup_path: Path) -> tuple[MemoryGroup, ...]:
    """Return this process's control groups that can limit its memory, the innermost first.

    A container without a namespace of its own for groups is told its path on the host, which it
    does not see; what it sees as the root is its own group.
    """
    try:
        lines = (proc_path / "self/cgroup").read_text().splitlines()
    except OSError:
        return ()
    groups: list[MemoryGroup] = []
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if "memory" in controllers.split(","):
            groups += _levels(
                cgroup_path / "memory",
                path,
                limit_file="memory.limit_in_bytes",
                usage_file="memory.usage_in_bytes",
                inactive_field=b"total_inactive_file",
            )
        elif not controllers:
            groups += _levels(
                cgroup_path,
                path,
                limit_file="memory.max",
                usage_file="memory.current",
                inactive_field=b"inactive_file",
            )
    return tuple(groups)


def _levels(
    mount: Path, path: str, *, limit_file: str, usage_file: str, inactive_field: bytes
) -> list[MemoryGroup]:
    inner = PurePosixPath(path.lstrip("/"))
    if ".." in inner.parts:  # the process stands outside the namespace's root
        inner = PurePosixPath()
    folders = [mount / level for level in (inner, *inner.parents)]
    return [
        MemoryGroup(
            folder=folder,
            limit_file=limit_file,
            usage_file=usage_file,
            inactive_field=inactive_field,
        )
        for folder in dict.fromkeys(folders)
        if (folder / limit_file).exists()
    ]


def group_task_count(cgroup_path: Path) -> int | None:
    """Return the number of threads in the control group that this container sees as its root.

    None where the root is the machine's own: the kernel shows no pids.current there.
    """
    for file in (cgroup_path / "pids.current", cgroup_path / "pids" / "pids.current"):
        try:
            return int(file.read_bytes())
        except FileNotFoundError:
            continue
    return None
