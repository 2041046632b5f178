"""Sampler, watch and store over more than a week: nothing grows once it is full."""

from datetime import timedelta
from typing import Any

from core.failure.forecast import FailureForecast
from tests.core.failure.fakes import CpuModel
from tests.faults.long_run import HOST, LONG_AGO, long_run

INTERVAL_S = 240.0
A_DAY = 360  # samples
RING_SIZE = 100


class Forgetful(CpuModel):
    """A model that does not keep what it was asked: it must not grow itself."""

    def forecast(self, *args: Any, **kwargs: Any) -> FailureForecast:
        self.asked.clear()
        return super().forecast(*args, **kwargs)


def test_sampler_and_store_when_they_run_for_days_then_nothing_grows(tmp_path):
    model = Forgetful()
    with long_run(
        tmp_path, lambda: model, interval_s=INTERVAL_S, history_days=0.5, ring_size=RING_SIZE
    ) as run:
        before = run.after(2 * A_DAY)  # the host's past of a day is full, and old rows have gone
        after = run.after(5 * A_DAY)
        kept = run.store.samples(HOST, LONG_AGO).at
    # Half a day is kept; what is older goes once an hour.
    assert A_DAY / 2 <= after.n_samples <= A_DAY / 2 + 16
    assert after.n_risks <= after.n_samples
    assert kept[-1] - kept[0] <= timedelta(hours=13.2)
    assert 1 <= after.n_alarms <= 3
    assert after.n_in_ring == RING_SIZE
    assert after.file_bytes <= 1.05 * before.file_bytes
    # Not one object for each of the samples between the two.
    assert after.n_blocks - before.n_blocks < 5 * A_DAY
    assert (after.n_threads, after.n_open_files) == (before.n_threads, before.n_open_files)
