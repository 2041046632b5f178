"""A host's samples, one every interval, and the model that judges them."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from core.errors import ArtifactNotFoundError
from core.failure.forecast import HostStatus
from core.failure.watch import HostWatch
from core.store import Store
from tests.core.failure.fakes import NOON, CpuModel, sample

INTERVAL_S = 5.0
CALM, WATCH, HIGH = 10.0, 50.0, 90.0


class Models:
    """Where the watch asks for the active model: another one, or none, as a test likes."""

    def __init__(self) -> None:
        self.active: CpuModel | None = CpuModel()

    def __call__(self) -> CpuModel:
        if self.active is None:
            raise ArtifactNotFoundError(
                "No failure model is active; train one with `python -m core failure train`."
            )
        return self.active


def watching(store: Store, models: Models, now: datetime = NOON) -> HostWatch:
    return HostWatch(
        "web-1", interval_s=INTERVAL_S, find_store=lambda: store, find_model=models, now=now
    )


class Feed:
    """Samples of one host, one every interval, cpu as a test likes."""

    def __init__(self, watch: HostWatch, start: datetime = NOON) -> None:
        self.watch = watch
        self.at = start - timedelta(seconds=INTERVAL_S)

    def __call__(self, *cpu_percents: float, **metrics: float | None) -> HostStatus:
        for cpu_percent in cpu_percents:
            self.at += timedelta(seconds=INTERVAL_S)
            self.watch.observe(sample(self.at, cpu_percent=cpu_percent, **metrics))
        return self.watch.status()


def states(feed: Feed, cpu_percents: Sequence[float]) -> list[str]:
    return [feed(cpu_percent).state for cpu_percent in cpu_percents]
