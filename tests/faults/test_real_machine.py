"""The app on this machine, with the shipped model: idle it is left alone, a full disk is foreseen.

Nothing is simulated: filesystem, sensors, sampler, store and model are those of a real start. What
is asserted is read from the app's database, as its pages read it.
"""

import errno
import re
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import pytest

from core.metrics import METRIC_NAMES
from core.store import Store
from tests.e2e.server import running_app
from tests.faults.small_disk import DiskNotPossibleError, SmallDisk, small_disk

pytestmark = [pytest.mark.slow, pytest.mark.alone]

HOST = "real"
INTERVAL_S = 0.5
CALM_PERCENT = 40.0
# Ten steps fill a window, and twenty before them say what is usual for a host.
CALM_STEPS = 32
FILLING_STEPS = 45
IDLE_S = 60.0
# A tenth of the time above this is work, not idling.
BUSY_PERCENT = 60.0
CPU = METRIC_NAMES.index("cpu_percent")
DISK = METRIC_NAMES.index("disk_percent")
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Watched:
    """A running app's store, and the disk that the app watches."""

    store: Store
    disk: SmallDisk

    def n_samples(self) -> int:
        return len(self.store.samples(HOST, LONG_AGO).at)

    def busy_percent(self) -> float:
        """Return how busy the processors were in the busiest tenth of the samples."""
        samples = self.store.samples(HOST, LONG_AGO)
        return float(np.nanquantile(samples.values[:, CPU], 0.9))

    def wait_for_samples(self, n: int) -> None:
        """Wait until there are `n` in all; a busy machine may take ten times as long."""
        last_s = time.monotonic() + 10 * n * INTERVAL_S
        while self.n_samples() < n:
            assert time.monotonic() < last_s, f"{self.n_samples()} of {n} samples were taken"
            time.sleep(INTERVAL_S / 10)

    def fill_up(self) -> None:
        """Write steadily, so much for each sample taken, until the system says no (OSError)."""
        begun = self.n_samples()
        for step in range(1, FILLING_STEPS + 2):
            share = step / FILLING_STEPS
            self.disk.fill_to(CALM_PERCENT + (100.0 - CALM_PERCENT) * share)
            self.wait_for_samples(begun + step)

    def course_since(self, start: datetime) -> str:
        """Return what the model said at each step, to be read where an assertion fails."""
        risks = self.store.risks(HOST, start)
        return "; ".join(f"{risk.probability:.3f} {risk.cause}" for risk in risks)


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """Let the app watch this machine and a small disk that is 40 % full."""
    folder = tmp_path_factory.mktemp("app")
    (folder / "disk").mkdir()
    try:
        with small_disk(folder / "disk") as disk:
            disk.fill_to(CALM_PERCENT)
            settings = {
                "DISK_PATH": str(disk.path),
                "HOST_NAME": HOST,
                "SAMPLE_INTERVAL_S": str(INTERVAL_S),
            }
            with (
                running_app(folder, **settings),
                closing(Store(f"sqlite:///{folder / 'data' / 'app.db'}")) as store,
            ):
                yield Watched(store=store, disk=disk)
    except DiskNotPossibleError as why:
        pytest.skip(str(why))


def test_host_when_it_idles_for_a_hundred_steps_then_there_is_no_alarm(watched: Watched):
    time.sleep(IDLE_S)
    judged = watched.store.risks(HOST, LONG_AGO)
    assert len(judged) > IDLE_S / INTERVAL_S / 2  # a busy machine may take fewer samples
    busy_percent = watched.busy_percent()
    if busy_percent > BUSY_PERCENT:
        pytest.skip(f"this machine did not idle: others kept it {busy_percent:.0f} % busy at times")
    assert watched.store.alarms(HOST, 10) == (), watched.course_since(LONG_AGO)


def test_disk_when_it_fills_up_then_the_alarm_comes_before_it_is_full_and_names_it(
    watched: Watched,
):
    store = watched.store
    watched.wait_for_samples(CALM_STEPS)
    start = datetime.now(UTC)
    with pytest.raises(OSError, match="No space left") as full:
        watched.fill_up()
    assert full.value.errno == errno.ENOSPC

    alarms = [alarm for alarm in store.alarms(HOST, 10) if alarm.started_at >= start]
    causes = {risk.at: risk.cause for risk in store.risks(HOST, start)}
    samples = store.samples(HOST, start)
    used = dict(zip(samples.at, samples.values[:, DISK], strict=True))
    assert alarms, watched.course_since(start)
    first, last = alarms[-1], alarms[0]
    assert used[first.started_at] < 99.0, watched.course_since(start)
    assert causes[first.started_at] == "disk_percent", watched.course_since(start)
    assert last.ended_at is None, watched.course_since(start)  # it lasts to the end
    said = re.search(r"\bdisk (\d+) %", last.reason)
    assert said is not None, last.reason
    assert int(said[1]) in {round(percent) for percent in used.values()}, last.reason
