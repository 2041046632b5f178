"""This host through a stand-in for psutil and through trees like those that Linux shows."""

import pytest

from core.errors import MetricUnavailableError
from core.telemetry.host import CpuTimes, NetworkCounters, PsutilHost, Usage
from tests.fakes import FakePsutil, MacPsutil, WindowsPsutil

# Captured from Linux 6.18, but for the names: brackets and spaces in them are allowed.
STAT = "{pid} ({name}) S 1 {pid} {pid} 0 -1 4194560 2047 0 3 0 11 5 0 0 20 0 {threads} 0 108 1 1"


class Tree:
    """A folder with the /proc and control group files that a test puts there."""

    def __init__(self, folder):
        self.folder = folder
        self.proc, self.cgroup = folder / "proc", folder / "cgroup"
        self.write("proc/loadavg", "0.46 0.32 0.20 2/135 8774\n")

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def processes(self, *threads):
        for pid, count in enumerate(threads, start=1):
            self.write(f"proc/{pid}/stat", STAT.format(pid=pid, name=f"a) b( {pid}", threads=count))

    def namespace(self, number):
        (self.proc / "self" / "ns").mkdir(parents=True, exist_ok=True)
        (self.proc / "self" / "ns" / "pid").symlink_to(f"pid:[{number}]")

    def host(self, source=None):
        return PsutilHost(
            proc_path=self.proc,
            cgroup_path=self.cgroup,
            source=source or FakePsutil(),
            platform="linux",
        )


@pytest.fixture
def tree(tmp_path):
    return Tree(tmp_path)


# CPU, memory, disk, sensors, network


def test_waiting_is_idle_and_stolen_time_is_busy_on_linux(tree):
    assert tree.host().cpu_times() == CpuTimes(busy_s=63.0, idle_s=900.0)


def test_cpu_times_are_read_on_macos_and_windows():
    mac = PsutilHost(source=MacPsutil(), platform="darwin")
    windows = PsutilHost(source=WindowsPsutil(), platform="win32")
    assert mac.cpu_times() == CpuTimes(busy_s=7.0, idle_s=800.0)
    assert windows.cpu_times() == CpuTimes(busy_s=5.0, idle_s=800.0)


def test_memory_is_what_programs_cannot_get(tree):
    assert tree.host().memory() == Usage(used_bytes=8_000, total_bytes=10_000)


def test_disk_leaves_out_blocks_kept_for_root_as_df_does(tree):
    assert tree.host().disk().percent() == 40.0


def test_temperatures_are_those_of_every_chip(tree):
    assert tree.host().temperatures_c() == (51.0, 55.5, 38.9)


@pytest.mark.parametrize("source", [MacPsutil(), WindowsPsutil()])
def test_missing_sensors_are_said_where_the_system_shows_none(source):
    with pytest.raises(MetricUnavailableError, match="does not show its sensors"):
        PsutilHost(source=source, platform="darwin").temperatures_c()


def test_network_counters_sum_both_directions_errors_and_drops(tree):
    assert tree.host().network() == {"eth0": NetworkCounters(bytes_total=21, errors_total=212_100)}


def test_uptime_is_since_boot_where_only_the_boot_time_is_known():
    up_s = PsutilHost(source=MacPsutil(), platform="darwin").uptime_s()
    assert up_s == pytest.approx(5_000.0, abs=30.0)


@pytest.mark.parametrize("error", [PermissionError("denied"), ValueError(""), IndexError("5")])
@pytest.mark.parametrize(
    ("function", "reading"),
    [
        ("cpu_times", "cpu_times"),
        ("virtual_memory", "memory"),
        ("disk_usage", "disk"),
        ("sensors_temperatures", "temperatures_c"),
        ("net_io_counters", "network"),
        ("pids", "process_count"),
        ("process_iter", "thread_count"),
        ("boot_time", "uptime_s"),
    ],
)
def test_whatever_psutil_raises_is_a_reason(function, reading, error):
    def fail(*_args, **_named):
        raise error

    source = FakePsutil()
    setattr(source, function, fail)
    with pytest.raises(MetricUnavailableError, match=r"cannot be read: (denied|ValueError|5)"):
        getattr(PsutilHost(source=source, platform="darwin"), reading)()


# processes and threads


def test_processes_are_the_numbered_folders(tree):
    tree.processes(1, 2, 3, 4)
    assert tree.host().process_count() == 4


def test_hidden_processes_are_a_gap_and_not_a_small_number(tree):
    tree.write("proc/4711/stat", STAT.format(pid=4711, name="mine", threads=1))
    with pytest.raises(MetricUnavailableError, match="hides other users' processes"):
        tree.host().process_count()


def test_threads_are_those_of_the_kernel_outside_of_containers(tree):
    tree.namespace(4026531836)
    tree.processes(1, 2)
    assert tree.host().thread_count() == 135


@pytest.mark.parametrize("file", ["cgroup/pids.current", "cgroup/pids/pids.current"])
def test_threads_are_those_of_the_group_inside_a_container(tree, file):
    tree.namespace(4026532999)
    tree.processes(1, 2)
    tree.write(file, "42\n")
    assert tree.host().thread_count() == 42


def test_processes_are_walked_when_a_container_does_not_tell(tree):
    tree.namespace(4026532999)
    tree.processes(5, 1, 30)
    (tree.proc / "99").mkdir()  # listed, and gone before it is read
    assert tree.host().thread_count() == 36


def test_processes_are_walked_when_the_kernel_tells_no_threads(tree):
    tree.namespace(4026531836)
    tree.write("proc/loadavg", "0.00 0.00 0.00 0/0 0\n")  # as sandboxes do
    tree.processes(5, 1)
    assert tree.host().thread_count() == 6


def test_processes_are_walked_when_the_group_is_one_of_several_that_share_them(tree):
    tree.namespace(4026532999)
    tree.processes(5, 1, 7)
    tree.write("cgroup/pids.current", "2\n")
    assert tree.host().thread_count() == 13


def test_threads_are_walked_where_there_is_no_proc():
    assert PsutilHost(source=WindowsPsutil(), platform="win32").thread_count() == 321


def test_threads_are_a_gap_when_some_processes_hide_theirs():
    source = MacPsutil()
    source.threads = [1, None, 3, None]
    with pytest.raises(MetricUnavailableError, match="2 of 4 processes hide their threads"):
        PsutilHost(source=source, platform="darwin").thread_count()


# memory limits of containers; the fake host has 10,000 bytes, 8,000 of them in use


def limit_v2(tree, group, limit, current, inactive=0):
    tree.write(f"cgroup{group}/memory.max", f"{limit}\n")
    tree.write(f"cgroup{group}/memory.current", f"{current}\n")
    tree.write(f"cgroup{group}/memory.stat", f"anon 17\ninactive_file {inactive}\nslab 4\n")


def limit_v1(tree, group, limit, usage, inactive=0):
    folder = f"cgroup/memory{group}"
    tree.write(f"{folder}/memory.limit_in_bytes", f"{limit}\n")
    tree.write(f"{folder}/memory.usage_in_bytes", f"{usage}\n")
    stat = f"inactive_file 1\ntotal_cache 9\ntotal_inactive_file {inactive}\n"
    tree.write(f"{folder}/memory.stat", stat)


def test_memory_is_of_the_containers_limit_without_its_idle_cache(tree):
    tree.write("proc/self/cgroup", "0::/\n")
    limit_v2(tree, "", limit=4_000, current=3_000, inactive=1_000)
    assert tree.host().memory() == Usage(used_bytes=2_000, total_bytes=4_000)


def test_memory_is_of_the_containers_limit_in_version_1(tree):
    # As inside Docker: the path is the host's, what is mounted is the container's own group.
    tree.write("proc/self/cgroup", "11:cpu,cpuacct:/docker/3f\n4:memory:/docker/3f\n0::/\n")
    limit_v1(tree, "", limit=4_000, usage=3_000, inactive=600)
    assert tree.host().memory() == Usage(used_bytes=2_400, total_bytes=4_000)


def test_memory_is_of_the_fullest_limit_when_groups_are_nested(tree):
    tree.write("proc/self/cgroup", "0::/pod/app\n")
    limit_v2(tree, "/pod/app", limit="max", current=10)
    limit_v2(tree, "/pod", limit=5_000, current=4_500)
    limit_v2(tree, "", limit=9_000, current=5_000)
    assert tree.host().memory() == Usage(used_bytes=4_500, total_bytes=5_000)


@pytest.mark.parametrize("limit", ["max", "10000", "9223372036854771712"])
def test_memory_is_the_hosts_when_the_limit_is_not_below_it(tree, limit):
    tree.write("proc/self/cgroup", "0::/\n")
    limit_v2(tree, "", limit=limit, current=3_000)
    assert tree.host().memory() == Usage(used_bytes=8_000, total_bytes=10_000)


def test_memory_is_full_when_a_group_stands_above_its_limit(tree):
    tree.write("proc/self/cgroup", "0::/\n")
    limit_v2(tree, "", limit=4_000, current=4_100)
    assert tree.host().memory().percent() == 100.0


def test_a_limit_that_is_changed_counts_at_the_next_reading(tree):
    tree.write("proc/self/cgroup", "0::/\n")
    limit_v2(tree, "", limit=4_000, current=1_000)
    host = tree.host()
    assert host.memory().percent() == 25.0
    limit_v2(tree, "", limit=2_000, current=1_000)
    assert host.memory().percent() == 50.0


@pytest.mark.parametrize("line", ["0::/../../other\n", "0::/gone\n", ""])
def test_memory_is_read_when_the_groups_path_leads_nowhere(tree, line):
    tree.write("proc/self/cgroup", line)
    assert tree.host().memory() == Usage(used_bytes=8_000, total_bytes=10_000)


def test_memory_is_a_gap_when_a_group_file_holds_no_number(tree):
    tree.write("proc/self/cgroup", "0::/\n")
    limit_v2(tree, "", limit=4_000, current="a lot")
    with pytest.raises(MetricUnavailableError, match="memory cannot be read"):
        tree.host().memory()
