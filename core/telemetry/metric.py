"""What a live metric is, and what it may read."""

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Protocol

from core.metrics import MetricSpec
from core.telemetry.host import Host

__all__ = ["Metric", "Probe", "Sources"]


class Probe(Protocol):
    """Something that times an address beside the samples."""

    def response_time_ms(self) -> float:
        """Return the latest round trip at once; MetricUnavailableError where there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """What a metric may read: the host, and the probe where one runs."""

    host: Host
    probe: Probe | None = None


class Metric(ABC):
    """One metric of one collector.

    An instance keeps what it needs from its last reading (counters, for a rate) to itself, so that
    two collectors never disturb each other. It is built without arguments and read by one thread.
    """

    spec: ClassVar[MetricSpec]

    @classmethod
    def is_possible(cls, value: float) -> bool:
        """Return whether `value` is a finite number within the bounds of `spec`."""
        high = math.inf if cls.spec.high is None else cls.spec.high
        return math.isfinite(value) and cls.spec.low <= value <= high

    @abstractmethod
    def read(self, sources: Sources, now: float) -> float:
        """Return the value in the unit of `spec`, without waiting for anything.

        Parameters
        ----------
        sources : Sources
            The host and the probe.
        now : float
            `Host.monotonic_s()` of this sample.

        Raises
        ------
        MetricUnavailableError
            This host cannot measure it, or not now; the message is the reason a person sees.
        """
