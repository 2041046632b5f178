"""Stand-ins for what core.resources gives the live page, scripted into each of its states."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np

from core.failure.forecast import Cause, FailureForecast, HostState, HostStatus, PastAlarm
from core.metrics import METRIC_NAMES, FloatArray, Reading, Sample

HOST = "web-7"
STEPS = 10
GAP = "no temperature sensor on this host"
CALM = {
    "cpu_percent": 23.0,
    "memory_percent": 61.0,
    "disk_percent": 48.0,
    "errors_per_s": 0.0,
    "response_time_ms": 12.0,
    "network_bytes_per_s": 1_840_000.0,
    "uptime_s": 1_036_800.0,
    "process_count": 312.0,
    "thread_count": 1284.0,
}


def now() -> datetime:
    return datetime.now(UTC)


def sample(at: datetime, *, step: int = 0, memory_percent: float | None = None) -> Sample:
    """Return a sample of a calm host, or of one whose memory is where it is said to be."""
    values = dict(CALM)
    values["cpu_percent"] += 6.0 * np.sin(step / 2.0)
    values["network_bytes_per_s"] *= 1.0 + 0.3 * np.sin(step / 3.0)
    if memory_percent is not None:
        values["memory_percent"] = memory_percent
    return Sample(
        host=HOST,
        at=at,
        readings=tuple(
            Reading(
                metric=name,
                value=None if name not in values else float(values[name]),
                gap=None if name in values else GAP,
            )
            for name in METRIC_NAMES
        ),
    )


def samples(
    n: int,
    *,
    last_at: datetime,
    interval_s: float = 5.0,
    memory: tuple[float, float] = (61.0, 61.0),
) -> list[Sample]:
    """Return `n` samples up to `last_at`, memory going from one value to the other."""
    percents = np.linspace(*memory, n)
    return [
        sample(
            last_at - timedelta(seconds=interval_s * (n - 1 - step)),
            step=step,
            memory_percent=float(percents[step]),
        )
        for step in range(n)
    ]


def forecast(
    probability: float,
    *,
    window: FloatArray,
    at: datetime | None = None,
    interval_s: float = 5.0,
    reason: str | None = None,
) -> FailureForecast:
    """Return a forecast that blames memory as far as the probability goes."""
    present = [i for i in range(len(METRIC_NAMES)) if not np.isnan(window[:, i]).all()]
    pull = 6.0 * probability - 1.0
    causes = [
        Cause(
            metric=METRIC_NAMES[i],
            probability=0.92 if METRIC_NAMES[i] == "memory_percent" else 0.08 / (len(present) - 1),
            contribution=pull if METRIC_NAMES[i] == "memory_percent" else -0.3 + 0.06 * i,
        )
        for i in present
    ]
    cells = np.full((STEPS, len(METRIC_NAMES)), np.nan)
    for cause in causes:
        shares = np.linspace(0.2, 1.8, STEPS) / STEPS
        cells[:, METRIC_NAMES.index(cause.metric)] = cause.contribution * shares
    cells[np.isnan(window)] = np.nan
    if reason is None:
        reason = (
            "Memory 91 %, up 1.8 points a minute over the last 50 s; "
            "full in 5 minutes at this pace."
            if probability >= 0.4
            else "The model is calm: no metric pulls towards a failure."
        )
    return FailureForecast(
        at=at or now(),
        probability=probability,
        threshold=0.6,
        exit_threshold=0.4,
        interval_s=interval_s,
        horizon_s=10 * interval_s,
        reason=reason,
        causes=tuple(sorted(causes, key=lambda cause: -cause.probability)),
        cells=cells,
        window=window,
        ago_s=interval_s * np.arange(STEPS)[::-1],
        time_left_s=(240.0, 420.0) if probability >= 0.4 else None,
        model_version="v3",
    )


class FakeSampler:
    """A sampler whose samples are given."""

    def __init__(self, given: Sequence[Sample], *, interval_s: float = 5.0, paused: bool = False):
        self.interval_s = interval_s
        self.is_paused = paused
        self.problem: str | None = None
        self.given = list(given)

    def latest(self) -> Sample | None:
        return self.given[-1] if self.given else None

    def recent(self, n: int) -> tuple[Sample, ...]:
        return tuple(self.given[-n:])

    def pause(self) -> None:
        self.is_paused = True

    def resume(self) -> None:
        self.is_paused = False


@dataclass
class FakeWatch:
    """A watch whose answers are given."""

    answer: HostStatus
    past: tuple[PastAlarm, ...] = ()

    def status(self) -> HostStatus:
        return self.answer

    def alarms(self, limit: int = 50) -> tuple[PastAlarm, ...]:
        return self.past[:limit]


class FakeFailureModel:
    """A model whose probability is the last memory reading over 100."""

    def forecast(
        self,
        window: FloatArray,
        reference: FloatArray | None = None,
        at: datetime | None = None,
        interval_s: float = 5.0,
    ) -> FailureForecast:
        probability = float(window[-1, METRIC_NAMES.index("memory_percent")]) / 100.0
        return forecast(probability, window=window, at=at, interval_s=interval_s)


@dataclass
class Scene:
    """What the page meets: a host in one of its states."""

    sampler: FakeSampler
    watch: FakeWatch
    model: FakeFailureModel | Exception = field(default_factory=FakeFailureModel)


def scene(
    state: HostState = "healthy",
    *,
    probability: float | None = None,
    steps: int = 120,
    age_s: float = 1.0,
    paused: bool = False,
    past: tuple[PastAlarm, ...] = (),
    interval_s: float = 5.0,
    problem: str | None = None,
) -> Scene:
    """Return a host in `state`: `steps` samples, the last of them `age_s` seconds old."""
    if probability is None:
        probability = {"failing": 0.91, "watch": 0.48}.get(state, 0.03)
    last_at = now() - timedelta(seconds=age_s)
    memory = (40.0, 91.0) if state in ("failing", "watch") else (61.0, 61.0)
    given = samples(steps, last_at=last_at, interval_s=interval_s, memory=memory)
    answered = state not in ("no model", "not enough data")
    window = np.array([one.vector() for one in given[-STEPS:]])
    scored = len(given) - STEPS + 1 if answered else 0
    risk = tuple(
        (one.at, 0.02 + (probability - 0.02) * (i / max(1, scored - 1)) ** 3)
        for i, one in enumerate(given[STEPS - 1 :])
    )
    answer = HostStatus(
        state=state,
        since=last_at - timedelta(seconds=90) if answered else None,
        steps=min(len(given), STEPS),
        steps_needed=STEPS,
        forecast=forecast(probability, window=window, at=last_at, interval_s=interval_s)
        if answered
        else None,
        risk=risk if answered else (),
        usual_percent={"cpu_percent": 54.0, "memory_percent": 97.0} if answered else {},
        past_s=86_400.0,
        median_lead_s=660.0 if answered else None,
        problem=problem,
    )
    return Scene(
        sampler=FakeSampler(given, interval_s=interval_s, paused=paused),
        watch=FakeWatch(answer, past),
    )


def alarm(*, started_ago_s: float, lasted_s: float | None = 140.0) -> PastAlarm:
    """Return an alarm over memory; it lasts still where `lasted_s` is None."""
    started_at = now() - timedelta(seconds=started_ago_s)
    return PastAlarm(
        started_at=started_at,
        ended_at=None if lasted_s is None else started_at + timedelta(seconds=lasted_s),
        peak_probability=0.87,
        cause="memory_percent",
        reason="Memory 88 %, up 2.1 points a minute.",
    )
