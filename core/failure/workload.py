"""Healthy life of a simulated host: load, warm-up, and events that look alarming and end well."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from core.failure.host_kinds import HostProfile
from core.metrics import FloatArray

__all__ = ["HARMLESS_EVENTS", "Trace", "healthy_trace"]


# Percent in use that a host without a fault does not exceed, however alarming its day.
HARMLESS_MEMORY, HARMLESS_DISK = 94.0, 97.0


@dataclass(slots=True)
class Trace:
    """What happens to one host, step by step, before sensors and their noise are put on top.

    Each array has shape (n_steps,). `load` is relative to the host's usual load (1.0). The
    `*_add` arrays are in points or degrees, the `*_times` arrays are factors.
    """

    profile: HostProfile
    load: FloatArray
    boot_age_steps: FloatArray
    cpu_add: FloatArray = field(init=False)
    memory_add: FloatArray = field(init=False)
    disk_add: FloatArray = field(init=False)
    temperature_add: FloatArray = field(init=False)
    errors_add: FloatArray = field(init=False)
    network_times: FloatArray = field(init=False)
    response_times: FloatArray = field(init=False)
    process_times: FloatArray = field(init=False)
    thread_times: FloatArray = field(init=False)

    def __post_init__(self) -> None:
        """Start every disturbance at nothing."""
        n = self.load.size
        for name in ("cpu_add", "memory_add", "disk_add", "temperature_add", "errors_add"):
            setattr(self, name, np.zeros(n))
        for name in ("network_times", "response_times", "process_times", "thread_times"):
            setattr(self, name, np.ones(n))

    @property
    def n_steps(self) -> int:
        """How many steps the host is watched for."""
        return self.load.size


def autoregressive(rng: np.random.Generator, n: int, memory: float) -> FloatArray:
    """Return AR(1) noise of unit variance, shape (n,)."""
    shocks = rng.standard_normal(n) * np.sqrt(1 - memory**2)
    out = np.empty(n)
    level = rng.standard_normal()
    for i in range(n):
        level = memory * level + shocks[i]
        out[i] = level
    return out


def healthy_trace(rng: np.random.Generator, profile: HostProfile, n_steps: int) -> Trace:
    """Return a host with day and night, wandering load, a warm-up and a few harmless events."""
    steps = np.arange(n_steps)
    day = 2 * np.pi * (steps * profile.interval_s / 86_400 + rng.random())
    wander = autoregressive(rng, n_steps, memory=float(rng.uniform(0.7, 0.995)))
    load = 1 + profile.load_swing * (0.5 * np.sin(day) + 0.25 * wander)
    just_booted = rng.random() < 0.35
    age = steps + (0.0 if just_booted else float(rng.integers(200, 100_000)))
    trace = Trace(profile, np.clip(load, 0.05, 4.0), age.astype(float))
    if just_booted:
        warm_up(rng, trace, 0)
    for _ in range(rng.poisson(1.2 * n_steps / 300)):
        event = HARMLESS_EVENTS[rng.integers(len(HARMLESS_EVENTS))]
        event(rng, trace, int(rng.integers(n_steps)))
    # To run out of memory or disk is a failure: what ends well stops short of it.
    trace.memory_add = np.minimum(trace.memory_add, HARMLESS_MEMORY - profile.memory_percent)
    trace.disk_add = np.minimum(trace.disk_add, HARMLESS_DISK - profile.disk_percent)
    return trace


def pulse(
    rng: np.random.Generator, n: int, start: int, length: int, *, ramp: float | None = None
) -> FloatArray:
    """Return 0 -> 1 -> 0 over `length` steps from `start`; `ramp` is the share of it spent rising.

    Shape (n,). The fall takes one to three steps, like a job that ends.
    """
    share = float(rng.uniform(0.0, 0.9)) if ramp is None else ramp
    x = (np.arange(n) - start) / max(length, 1)
    rise = np.clip(x / max(share, 1 / max(length, 1)), 0, 1)
    fall = np.clip((1 - x) * length / rng.uniform(1, 3), 0, 1)
    return np.where(x < 0, 0.0, np.minimum(rise, fall))


def step_up(n: int, start: int, rise_steps: float) -> FloatArray:
    """Return 0 before `start` and a saturating rise to 1 after it, shape (n,)."""
    x = np.arange(n) - start
    return np.where(x < 0, 0.0, 1 - np.exp(-np.maximum(x, 0) / max(rise_steps, 0.3)))


def warm_up(rng: np.random.Generator, trace: Trace, start: int) -> None:
    """Let memory and load rise from near nothing after a boot: steep, and healthy."""
    n = trace.n_steps
    length = int(rng.integers(3, 60))
    after = np.arange(n) >= start
    risen = np.clip((np.arange(n) - start) / length, 0, 1)
    if rng.random() < 0.5:
        risen = 1 - np.exp(-3 * risen)
    below = np.where(after, 1 - risen, 0.0)
    trace.memory_add -= below * trace.profile.memory_percent * rng.uniform(0.3, 0.95)
    trace.load *= np.where(after, 1 - below * rng.uniform(0.0, 0.98), 1.0)
    trace.process_times *= 1 - below * rng.uniform(0.0, 0.2)
    trace.cpu_add += pulse(rng, n, start, int(rng.integers(2, 20)), ramp=0.1) * rng.uniform(0, 50)


def reboot(rng: np.random.Generator, trace: Trace, start: int) -> None:
    """Restart the host: uptime begins anew, then it warms up."""
    steps = np.arange(trace.n_steps)
    trace.boot_age_steps = np.where(steps >= start, steps - start, trace.boot_age_steps).astype(
        float
    )
    warm_up(rng, trace, start)


def batch_job(rng: np.random.Generator, trace: Trace, start: int) -> None:
    """Run a job that takes the processor, often all of it, and ends."""
    n = trace.n_steps
    shape = pulse(rng, n, start, int(rng.integers(3, 80)))
    trace.cpu_add += shape * (rng.uniform(10, 70) if rng.random() < 0.7 else rng.uniform(70, 100))
    trace.memory_add += shape * rng.uniform(0, 25)
    trace.process_times *= 1 + shape * rng.uniform(0, 0.15)
    trace.response_times *= 1 + shape * rng.uniform(0, 1.5)


def backup(rng: np.random.Generator, trace: Trace, start: int) -> None:
    """Send a backup away: traffic up by a large factor for a while."""
    shape = pulse(rng, trace.n_steps, start, int(rng.integers(3, 80)), ramp=0.05)
    trace.network_times *= 1 + shape * np.exp(rng.uniform(np.log(2), np.log(60)))
    trace.cpu_add += shape * rng.uniform(0, 20)
    trace.disk_add += shape * rng.uniform(0, 8)
    trace.response_times *= 1 + shape * rng.uniform(0, 1.0)


def cache_growth(rng: np.random.Generator, trace: Trace, start: int) -> None:
    """Fill a cache: memory climbs like a leak and stops at its bound."""
    room = max(95.0 - trace.profile.memory_percent, 2.0)
    growth = room * rng.uniform(0.1, 0.9)
    n = trace.n_steps
    if rng.random() < 0.5:
        shape = np.clip((np.arange(n) - start) / rng.integers(5, 150), 0, 1)
    else:
        shape = step_up(n, start, float(rng.uniform(3, 60)))
    trace.memory_add += shape * growth


def memory_sawtooth(rng: np.random.Generator, trace: Trace, start: int) -> None:
    """Collect garbage late: memory climbs and falls back, again and again."""
    period = int(rng.integers(5, 60))
    x = np.arange(trace.n_steps) - start
    lasts = (x >= 0) & (x < period * rng.integers(2, 8))
    trace.memory_add += np.where(lasts, (x % period) / period, 0.0) * rng.uniform(3, 35)


def drained(rng: np.random.Generator, trace: Trace, start: int) -> None:
    """Take the host out of rotation, or let its clients go home: load falls away and returns."""
    n = trace.n_steps
    length = int(np.exp(rng.uniform(np.log(5), np.log(120))))
    away = pulse(rng, n, start, length, ramp=float(rng.uniform(0.0, 0.3)))
    trace.load *= 1 - away * rng.uniform(0.7, 1.0)
    if rng.random() < 0.4:
        trace.memory_add -= away * trace.profile.memory_percent * rng.uniform(0.1, 0.7)


def surge(rng: np.random.Generator, trace: Trace, start: int) -> None:
    """Bring more users for a while."""
    trace.load *= 1 + pulse(rng, trace.n_steps, start, int(rng.integers(5, 120))) * rng.uniform(
        0.5, 3.0
    )


def load_shift(rng: np.random.Generator, trace: Trace, start: int) -> None:
    """Move load here or away for good (failover, rebalancing)."""
    moved = step_up(trace.n_steps, start, 0.5)
    trace.load *= 1 + moved * (rng.uniform(0.4, 2.5) - 1)


def deployment(rng: np.random.Generator, trace: Trace, start: int) -> None:
    """Put a new release on: other counts of processes and threads, a short burst of work."""
    n = trace.n_steps
    now = step_up(n, start, 0.5)
    trace.process_times *= 1 + now * rng.normal(0, 0.12)
    trace.thread_times *= 1 + now * np.clip(rng.normal(0, 0.25), -0.6, 1.5)
    trace.memory_add += now * rng.normal(0, 6)
    trace.cpu_add += pulse(rng, n, start, int(rng.integers(2, 15)), ramp=0.1) * rng.uniform(5, 80)


def log_rotation(rng: np.random.Generator, trace: Trace, start: int) -> None:
    """Let logs grow and be rotated away: disk climbs and drops back."""
    length = int(rng.integers(10, 150))
    room = max(97.0 - trace.profile.disk_percent, 1.0)
    shape = pulse(rng, trace.n_steps, start, length, ramp=1.0)
    trace.disk_add += shape * rng.uniform(0.1, 0.8) * room


def blip(rng: np.random.Generator, trace: Trace, start: int) -> None:
    """Echo a neighbour's trouble: a few errors, slower answers, a little more or less load."""
    n = trace.n_steps
    shape = pulse(rng, n, start, int(rng.integers(2, 40)))
    trace.errors_add += shape * np.exp(rng.uniform(np.log(0.01), np.log(5)))
    trace.response_times *= 1 + shape * rng.uniform(0, 4)
    trace.load *= np.maximum(1 + shape * rng.normal(0, 0.25), 0.05)


HARMLESS_EVENTS: tuple[Callable[[np.random.Generator, Trace, int], None], ...] = (
    reboot,
    batch_job,
    batch_job,
    backup,
    cache_growth,
    memory_sawtooth,
    drained,
    surge,
    load_shift,
    deployment,
    log_rotation,
    blip,
    blip,
)
