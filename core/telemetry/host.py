"""The one door to the operating system: raw readings of this host through psutil and /proc."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import psutil

from core.errors import MetricUnavailableError
from core.telemetry.container import MemoryGroup, group_task_count, memory_groups

__all__ = ["CpuTimes", "Host", "NetworkCounters", "PsutilHost", "Usage"]

# What the kernel calls its first process namespace (PROC_PID_INIT_INO in include/linux/proc_ns.h).
# Files such as /.dockerenv are no proof: a virtual machine started from an image has them too.
FIRST_PID_NAMESPACE = "pid:[4026531836]"

# Fields of psutil.cpu_times that are work. Guest time is inside user and nice already; on Windows
# interrupt and dpc are inside system.
BUSY_FIELDS = ("user", "nice", "system", "irq", "softirq", "steal")
IDLE_FIELDS = ("idle", "iowait")


@dataclass(frozen=True, slots=True, kw_only=True)
class CpuTimes:
    """Seconds that all cores together have spent since boot.

    `idle_s` holds waiting for input and output: such a core is free to run, `top` and psutil count
    it so, and macOS and Windows know nothing else; one meaning on all three. `busy_s` holds stolen
    time: a core that the hypervisor took away cannot run anything of ours.
    """

    busy_s: float
    idle_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Bytes in use, of all the bytes that this host can use."""

    used_bytes: float
    total_bytes: float

    def percent(self) -> float:
        """Return the used share, 0-100; MetricUnavailableError where there is nothing to use."""
        if self.total_bytes <= 0:
            raise MetricUnavailableError(f"there are {self.total_bytes:g} bytes in all")
        return 100.0 * self.used_bytes / self.total_bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkCounters:
    """Totals of one network interface: bytes in and out; errors and drops in and out."""

    bytes_total: float
    errors_total: float


class Host(Protocol):
    """Raw readings of one host.

    Each may raise MetricUnavailableError, whose message is the reason that a person sees.
    """

    def monotonic_s(self) -> float:
        """Return the seconds of a clock that nobody sets."""

    def utc_now(self) -> datetime:
        """Return the wall clock's time, aware, in UTC."""

    def cpu_times(self) -> CpuTimes:
        """Return the busy and idle seconds of all cores."""

    def memory(self) -> Usage:
        """Return the memory in use; of the container's limit where one is below the host's."""

    def disk(self) -> Usage:
        """Return the watched filesystem's usage, of what unprivileged users may fill."""

    def temperatures_c(self) -> tuple[float, ...]:
        """Return what every temperature sensor says, in °C."""

    def network(self) -> dict[str, NetworkCounters]:
        """Return the counters of every network interface by its name."""

    def uptime_s(self) -> float:
        """Return the seconds since boot, suspended ones included."""

    def process_count(self) -> int:
        """Return the number of processes."""

    def thread_count(self) -> int:
        """Return the number of threads of all processes."""


class PsutilHost:
    """This machine.

    Parameters
    ----------
    disk_path : Path
        A path on the filesystem to watch.
    proc_path, cgroup_path : Path
        Where Linux shows its processes and control groups.
    source : module
        psutil, or what stands in for it.
    platform : str
        As `sys.platform` says it.
    """

    def __init__(
        self,
        disk_path: Path = Path("/"),
        *,
        proc_path: Path = Path("/proc"),
        cgroup_path: Path = Path("/sys/fs/cgroup"),
        source: Any = psutil,
        platform: str = sys.platform,
    ) -> None:
        self._disk_path = disk_path
        self._proc_path = proc_path
        self._cgroup_path = cgroup_path
        self._source = source
        self._on_linux = platform == "linux"
        self._groups: tuple[MemoryGroup, ...] = ()
        self._sees_whole_kernel = False
        if self._on_linux:
            self._groups = memory_groups(proc_path, cgroup_path)
            self._sees_whole_kernel = _is_first_namespace(proc_path / "self/ns/pid")

    def monotonic_s(self) -> float:
        """Return the seconds of a clock that nobody sets; it may stand still during suspend."""
        return time.monotonic()

    def utc_now(self) -> datetime:
        """Return the wall clock's time, aware, in UTC."""
        return datetime.now(UTC)

    def cpu_times(self) -> CpuTimes:
        """Return the busy and idle seconds of all cores since boot."""
        with _door("CPU times"):
            times = self._source.cpu_times()
            return CpuTimes(
                busy_s=sum(getattr(times, field, 0.0) for field in BUSY_FIELDS),
                idle_s=sum(getattr(times, field, 0.0) for field in IDLE_FIELDS),
            )

    def memory(self) -> Usage:
        """Return the memory in use.

        A control group with a limit below the host's memory is what this app and its neighbours
        run out of, so then it is that group's; of several nested ones, the fullest.
        """
        with _door("memory"):
            memory = self._source.virtual_memory()
            total_bytes = memory.total
            usages = [group.usage(total_bytes) for group in self._groups]
        limited = [usage for usage in usages if usage is not None]
        if limited:
            used_bytes, total_bytes = max(limited, key=lambda usage: usage[0] / usage[1])
            return Usage(used_bytes=used_bytes, total_bytes=total_bytes)
        return Usage(used_bytes=total_bytes - memory.available, total_bytes=total_bytes)

    def disk(self) -> Usage:
        """Return the usage of the watched filesystem; blocks kept for root do not count, as df."""
        with _door(f"the filesystem of {self._disk_path}"):
            disk = self._source.disk_usage(str(self._disk_path))
            return Usage(used_bytes=disk.used, total_bytes=disk.used + disk.free)

    def temperatures_c(self) -> tuple[float, ...]:
        """Return what every temperature sensor says, in °C; empty where there is none."""
        if not hasattr(self._source, "sensors_temperatures"):  # psutil on macOS and Windows
            raise MetricUnavailableError("this operating system does not show its sensors")
        with _door("temperature sensors"):
            sensors = self._source.sensors_temperatures()
            return tuple(sensor.current for chip in sensors.values() for sensor in chip)

    def network(self) -> dict[str, NetworkCounters]:
        """Return the counters of every network interface by its name, as the system counts them."""
        with _door("network counters"):
            # nowrap would mend counters that restart with a memory shared by the whole process;
            # core.telemetry.rates sees to them, one collector at a time.
            counters = self._source.net_io_counters(pernic=True, nowrap=False)
            return {
                name: NetworkCounters(
                    bytes_total=nic.bytes_sent + nic.bytes_recv,
                    errors_total=nic.errin + nic.errout + nic.dropin + nic.dropout,
                )
                for name, nic in counters.items()
            }

    def uptime_s(self) -> float:
        """Return the seconds since boot, suspended ones included; a set clock does not move it."""
        if self._on_linux and hasattr(time, "CLOCK_BOOTTIME"):
            return time.clock_gettime(time.CLOCK_BOOTTIME)
        with _door("boot time"):
            # The boot time is worked out from the present time, so setting the clock moves both.
            return time.time() - float(self._source.boot_time())

    def process_count(self) -> int:
        """Return the number of processes."""
        with _door("processes"):
            return len(self._process_ids())

    def thread_count(self) -> int:
        """Return the number of threads of all processes.

        Linux tells it without a walk: in the fourth field of /proc/loadavg for the whole kernel,
        and in pids.current of the control group for a container. Sandboxes say 0 in the first; the
        second is about something else (one of several containers that share their processes) where
        it is fewer than there are processes.
        """
        with _door("threads"):
            if not self._on_linux:
                return self._walk_psutil()
            if self._sees_whole_kernel:
                fields = (self._proc_path / "loadavg").read_bytes().split()
                told = int(fields[3].partition(b"/")[2])
                return told or self._walk_proc()
            told_of_group = group_task_count(self._cgroup_path)
            if told_of_group is not None and told_of_group >= len(self._process_ids()):
                return told_of_group
            return self._walk_proc()

    def _process_ids(self) -> list[str]:
        if not self._on_linux:
            return [str(pid) for pid in self._source.pids()]
        # A Path for each name would make this the dearest part of a sample.
        ids = [name for name in os.listdir(self._proc_path) if name.isdigit()]  # noqa: PTH208
        if "1" not in ids:  # every process namespace has a first process
            raise MetricUnavailableError("this system hides other users' processes (hidepid)")
        return ids

    def _walk_proc(self) -> int:
        threads = 0
        for pid in self._process_ids():
            try:
                stat = (self._proc_path / pid / "stat").read_bytes()
            except (FileNotFoundError, ProcessLookupError):
                continue  # it ended since it was listed
            # proc(5): num_threads is field 20; the name in field 2 may hold spaces and brackets.
            threads += int(stat[stat.rindex(b")") + 1 :].split()[17])
        return threads

    def _walk_psutil(self) -> int:
        counts = [
            process.info["num_threads"] for process in self._source.process_iter(["num_threads"])
        ]
        hidden = counts.count(None)  # what psutil puts where access is denied
        if hidden:
            raise MetricUnavailableError(
                f"{hidden} of {len(counts)} processes hide their threads from this user"
            )
        return sum(counts)


@contextmanager
def _door(what: str) -> Iterator[None]:
    """Turn what psutil and the system raise into a gap's reason."""
    # psutil parses system files by position: a strange one shows as any of these.
    strange = (OSError, psutil.Error, RuntimeError, ValueError, LookupError, AttributeError)
    try:
        yield
    except strange as error:
        detail = str(error) or type(error).__name__
        raise MetricUnavailableError(f"{what} cannot be read: {detail}") from error


def _is_first_namespace(link: Path) -> bool:
    try:
        return str(link.readlink()) == FIRST_PID_NAMESPACE
    except OSError:
        return False
