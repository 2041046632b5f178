"""The shipped model on this machine: a disk that fills up is foreseen, an idle host is left alone.

Everything is real: the filesystem, psutil, the sampler's thread, the store, the model and the app.
What is asserted is read from the store, where the pages read it too.
"""

import errno
import re
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

import config
from core.failure.serving import load_model
from core.failure.watch import HostWatch
from core.metrics import METRIC_NAMES
from core.store import SampleRecorder, Store
from core.telemetry.collector import Collector
from core.telemetry.host import PsutilHost
from core.telemetry.sampler import Sampler
from tests.e2e.server import running_app
from tests.faults.small_disk import SmallDisk

HOST = "real"
INTERVAL_S = 0.5
# Ten steps fill a window, and twenty before them say what is usual for a host.
CALM_STEPS = 32
FILLING_STEPS = 45
IDLE_STEPS = 200
DISK = METRIC_NAMES.index("disk_percent")
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)

Watching = Callable[[Path, Path], AbstractContextManager[Store]]


@contextmanager
def the_parts(folder: Path, disk_path: Path) -> Iterator[Store]:
    """Watch this machine as the app does, without the app; yield what is kept of it."""
    model = load_model(config.ROOT / "models")
    with closing(Store(f"sqlite:///{folder / 'watched.db'}")) as store:
        watch = HostWatch(HOST, interval_s=INTERVAL_S, store=store, find_model=lambda: model)
        sampler = Sampler(
            Collector(HOST, PsutilHost(disk_path)),
            interval_s=INTERVAL_S,
            ring_size=1,
            listeners=[SampleRecorder(store, 1.0), watch.observe],
        )
        sampler.start()
        try:
            yield store
        finally:
            sampler.stop()


@contextmanager
def the_app(folder: Path, disk_path: Path) -> Iterator[Store]:
    """Let the app watch this machine; yield its store."""
    settings = {
        "DISK_PATH": str(disk_path),
        "HOST_NAME": HOST,
        "SAMPLE_INTERVAL_S": str(INTERVAL_S),
    }
    with (
        running_app(folder, **settings),
        closing(Store(f"sqlite:///{folder / 'data' / 'app.db'}")) as store,
    ):
        yield store


def n_samples(store: Store) -> int:
    return len(store.samples(HOST, LONG_AGO).at)


def wait_for_samples(store: Store, n: int) -> None:
    """Wait until `n` samples are kept; a busy machine may take ten times as long as it should."""
    last_s = time.monotonic() + 10 * n * INTERVAL_S + 10
    while n_samples(store) < n:
        assert time.monotonic() < last_s, f"{n_samples(store)} of {n} samples were taken"
        time.sleep(INTERVAL_S / 10)


def fill_up(disk: SmallDisk, store: Store) -> None:
    """Write at a steady pace, so much for each sample that is taken, until the system says no."""
    begun = n_samples(store)
    for step in range(1, FILLING_STEPS + 2):
        disk.fill_to(40.0 + 60.0 * step / FILLING_STEPS)
        wait_for_samples(store, begun + step)


@pytest.mark.parametrize("watching", [the_parts, the_app])
def test_disk_when_it_fills_up_then_the_alarm_comes_before_it_is_full_and_names_it(
    disk: SmallDisk, tmp_path: Path, watching: Watching
):
    with watching(tmp_path, disk.path) as store:
        wait_for_samples(store, CALM_STEPS)
        assert store.alarms(HOST, 10) == ()
        with pytest.raises(OSError, match="No space left") as full:
            fill_up(disk, store)
        assert full.value.errno == errno.ENOSPC
        # In this order: a sample is kept before its risk, and that before the alarm it raises.
        alarms, risks = store.alarms(HOST, 10), store.risks(HOST, LONG_AGO)
        samples = store.samples(HOST, LONG_AGO)

    used = dict(zip(samples.at, samples.values[:, DISK], strict=True))
    # What the model said at each step, to be read where an assertion fails.
    course = "; ".join(
        f"{used[risk.at]:.0f} %: {risk.probability:.3f} {risk.cause}" for risk in risks
    )
    assert len(alarms) == 1, course
    [alarm] = alarms
    assert used[alarm.started_at] < 99.0, course
    assert [risk.cause for risk in risks if risk.at == alarm.started_at] == ["disk_percent"], course
    assert alarm.cause == "disk_percent", course
    said = re.search(r"\bdisk (\d+) %", alarm.reason)
    assert said is not None, alarm.reason
    assert int(said[1]) in {round(percent) for percent in used.values()}, alarm.reason


def test_host_when_it_idles_for_minutes_then_there_is_no_alarm(tmp_path: Path):
    with the_parts(tmp_path, Path(Path.cwd().anchor)) as store:
        wait_for_samples(store, IDLE_STEPS)
        alarms, risks = store.alarms(HOST, 10), store.risks(HOST, LONG_AGO)
    assert len(risks) >= IDLE_STEPS - 10  # it was judged at every step with a full window
    assert alarms == ()
