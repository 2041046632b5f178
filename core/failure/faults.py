"""Faults of a simulated host: how each kind grows, what it drags along, and how it ends."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.failure.workload import Trace
from core.metrics import FloatArray

__all__ = ["FAULTS", "HELD_OUT_FAULTS", "Course", "Fault", "draw_course"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Course:
    """How one fault runs: `severity` of shape (n_steps,), 0 before `onset`, 1 at its worst.

    `end` is the step in which the host fails, or in which the fault is mended.
    """

    onset: int
    end: int
    fails: bool
    severity: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One kind of fault: its name, the metric at fault, and its effect on a trace."""

    name: str
    cause: str
    apply: Callable[[np.random.Generator, Trace, FloatArray], None]


def draw_course(rng: np.random.Generator, n_steps: int) -> Course | None:
    """Return the course of a fault within `n_steps`, or None where there is no room for one.

    Pace and shape vary: straight, accelerating, in random pushes, in teeth that restart, or early
    to its worst and then flat for a long time before the host gives in.
    """
    length = int(np.exp(rng.uniform(np.log(10), np.log(220))))
    if n_steps < length + 50:
        return None
    # Not from the first steps on, which are a warm-up for many hosts.
    onset = int(rng.integers(40, n_steps - length - 8))
    end = onset + length
    x = np.clip((np.arange(n_steps) - onset) / length, 0, 1)
    shape = rng.choice(
        ["straight", "faster", "pushes", "teeth", "flat"], p=[0.3, 0.32, 0.1, 0.08, 0.2]
    )
    if shape == "faster":
        bend = rng.uniform(1.5, 5)
        severity = np.expm1(bend * x) / np.expm1(bend)
    elif shape == "pushes":
        pushes = rng.gamma(0.3, size=length)
        severity = np.zeros(n_steps)
        severity[onset:end] = np.cumsum(pushes) / pushes.sum()
        severity[end:] = 1.0
    elif shape == "teeth":
        teeth = np.sort(rng.uniform(0, 1, rng.integers(1, 5)))
        edges = np.concatenate(([0.0], teeth, [1.0]))
        tooth = np.clip(np.searchsorted(edges, x, side="right") - 1, 0, edges.size - 2)
        within = (x - edges[tooth]) / (edges[tooth + 1] - edges[tooth])
        height = np.append(rng.uniform(0.3, 0.9, edges.size - 2), 1.0)
        severity = np.where(x > 0, within * height[tooth], 0.0)
    elif shape == "flat":
        severity = np.clip(x / rng.uniform(0.03, 0.4), 0, 1)
    else:
        severity = x.copy()
    fails = bool(rng.random() < 0.7)
    if not fails:
        end = onset + max(int(length * rng.uniform(0.2, 0.85)), 3)
        mended = np.clip(1 - (np.arange(n_steps) - end) / rng.uniform(1, 12), 0, 1)
        severity = severity[: end + 1].tolist()[-1] * mended * (np.arange(n_steps) > end) + (
            severity * (np.arange(n_steps) <= end)
        )
    return Course(onset=onset, end=end, fails=fails, severity=severity)


def _log_uniform(rng: np.random.Generator, low: float, high: float) -> float:
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def _sometimes(rng: np.random.Generator, chance: float, low: float, high: float) -> float:
    """Return a coupling of random strength, or none: real faults do not all show everywhere."""
    return float(rng.uniform(low, high)) if rng.random() < chance else 0.0


def memory_leak(rng: np.random.Generator, trace: Trace, severity: FloatArray) -> None:
    """Fill memory to its end; when little is left the host swaps and everything slows."""
    limit = float(rng.uniform(90, 101))
    base = np.clip(trace.profile.memory_percent + trace.memory_add, 0, limit)
    trace.memory_add += (limit - base) * severity
    tight = np.clip((base + (limit - base) * severity - 82) / 15, 0, 1)
    trace.cpu_add += tight * _sometimes(rng, 0.5, 3, 40)
    trace.response_times *= 1 + tight * _sometimes(rng, 0.8, 0.5, 15)
    trace.network_times *= 1 - tight * _sometimes(rng, 0.5, 0.02, 0.5)
    trace.errors_add += tight * _sometimes(rng, 0.3, 0.05, 3)
    started = severity > 0
    trace.process_times *= 1 + started * _sometimes(rng, 0.4, 0.0, 0.15)


def disk_fill(rng: np.random.Generator, trace: Trace, severity: FloatArray) -> None:
    """Fill the disk; writers wait and fail when it is nearly full."""
    limit = float(rng.uniform(98.5, 100.5))
    base = np.clip(trace.profile.disk_percent + trace.disk_add, 0, limit)
    trace.disk_add += (limit - base) * severity
    tight = np.clip((base + (limit - base) * severity - 90) / 9, 0, 1)
    trace.response_times *= 1 + tight * _sometimes(rng, 0.6, 0.3, 8)
    trace.errors_add += tight * _sometimes(rng, 0.2, 0.05, 2)
    trace.cpu_add += (severity > 0) * _sometimes(rng, 0.4, 2, 20)
    trace.network_times *= 1 - tight * _sometimes(rng, 0.3, 0.05, 0.5)


def cpu_saturation(rng: np.random.Generator, trace: Trace, severity: FloatArray) -> None:
    """Take the whole processor; queues build up in memory, traffic wavers, answers come late."""
    level = float(rng.uniform(92, 106))
    trace.cpu_add += np.maximum(level - trace.profile.cpu_percent, 0) * severity
    room = max(97 - trace.profile.memory_percent, 0)
    trace.memory_add += severity ** rng.uniform(0.8, 3) * room * _sometimes(rng, 0.6, 0.1, 0.95)
    tight = np.clip(severity * 1.5 - 0.5, 0, 1)
    trace.response_times *= 1 + tight * _sometimes(rng, 0.8, 0.5, 20)
    # Who gets no answer asks again: traffic may waver, or rise with the retries.
    trace.network_times *= np.exp(rng.normal(0, 0.5) * tight)
    trace.network_times *= 1 + tight * _sometimes(rng, 0.35, 0.5, 8)
    trace.process_times *= 1 + (severity > 0) * _sometimes(rng, 0.4, 0.0, 0.15)


def overheating(rng: np.random.Generator, trace: Trace, severity: FloatArray) -> None:
    """Heat up until the host switches off; a throttled processor is busier with the same work."""
    trace.temperature_add += (rng.uniform(92, 112) - trace.profile.idle_temperature_c) * severity
    throttled = np.clip(severity * 2 - 1, 0, 1)
    trace.cpu_add += throttled * _sometimes(rng, 0.7, 5, 40)
    trace.response_times *= 1 + throttled * _sometimes(rng, 0.6, 0.2, 4)


def thread_leak(rng: np.random.Generator, trace: Trace, severity: FloatArray) -> None:
    """Start threads that never end, until none can be started."""
    trace.thread_times *= 1 + severity * _log_uniform(rng, 1.5, 40)
    _crowd(rng, trace, severity)


def process_leak(rng: np.random.Generator, trace: Trace, severity: FloatArray) -> None:
    """Start processes that never end, until the table is full; their threads come along."""
    more = 1 + severity * _log_uniform(rng, 1.0, 30)
    trace.process_times *= more
    trace.thread_times *= 1 + (more - 1) * rng.uniform(0.3, 1.0)
    _crowd(rng, trace, severity)


def _crowd(rng: np.random.Generator, trace: Trace, severity: FloatArray) -> None:
    trace.memory_add += severity * _sometimes(rng, 0.7, 2, 35)
    trace.cpu_add += severity * _sometimes(rng, 0.6, 2, 35)
    tight = np.clip(severity * 2 - 1, 0, 1)
    trace.response_times *= 1 + tight * _sometimes(rng, 0.7, 0.3, 10)


def network_saturation(rng: np.random.Generator, trace: Trace, severity: FloatArray) -> None:
    """Fill the link: traffic to a ceiling, drops and late answers at the ceiling."""
    trace.network_times *= 1 + severity * _log_uniform(rng, 4, 200)
    full = np.clip(severity * 3 - 2, 0, 1)
    trace.errors_add += full * _sometimes(rng, 0.7, 0.5, 200)
    trace.response_times *= 1 + full * _sometimes(rng, 0.8, 0.5, 20)
    trace.cpu_add += severity * _sometimes(rng, 0.6, 2, 35)


def network_loss(rng: np.random.Generator, trace: Trace, severity: FloatArray) -> None:
    """Lose packets: traffic collapses, the processor runs idle, unsent work piles up in memory.

    What cannot be sent waits: memory fills on some hosts and falls on others as clients leave.
    """
    lost = severity ** rng.uniform(0.3, 1.5)
    trace.network_times *= 1 - lost * (1 - _log_uniform(rng, 0.001, 0.2))
    idle = lost * _sometimes(rng, 0.8, 0.4, 1.0)
    trace.cpu_add -= idle * trace.profile.cpu_percent * rng.uniform(0.6, 1.0)
    memory = trace.profile.memory_percent
    if rng.random() < 0.4:
        trace.memory_add += np.clip(lost * 1.5 - 0.3, 0, 1) * (98 - memory) * rng.uniform(0.1, 1)
        trace.cpu_add += np.clip(lost * 2 - 1, 0, 1) * _sometimes(rng, 0.4, 5, 70)
    elif rng.random() < 0.4:
        trace.memory_add -= np.clip(lost * 2 - 1, 0, 1) * memory * rng.uniform(0.1, 0.9)
    trace.errors_add += lost * _sometimes(rng, 0.5, 0.2, 50)
    trace.response_times *= 1 + lost * _sometimes(rng, 0.8, 1, 40)


def error_storm(rng: np.random.Generator, trace: Trace, severity: FloatArray) -> None:
    """Drop and break packets, more and more."""
    trace.errors_add += severity * _log_uniform(rng, 3, 800)
    trace.response_times *= 1 + severity * _sometimes(rng, 0.7, 0.3, 6)
    trace.network_times *= 1 - severity * _sometimes(rng, 0.5, 0.05, 0.5)


def slow_responses(rng: np.random.Generator, trace: Trace, severity: FloatArray) -> None:
    """Answer later and later; work waits in threads."""
    trace.response_times *= 1 + severity * _log_uniform(rng, 8, 300)
    trace.thread_times *= 1 + severity * _sometimes(rng, 0.6, 0.1, 1.2)
    trace.cpu_add += severity * _sometimes(rng, 0.4, -10, 15)


def link_flapping(rng: np.random.Generator, trace: Trace, severity: FloatArray) -> None:
    """Lose the link and find it again, for longer each time."""
    period = int(rng.integers(4, 14))
    phase = (np.arange(trace.n_steps) % period) / period
    lost = ((severity > 0) & (phase < 0.15 + 0.85 * severity)).astype(float)
    trace.network_times *= 1 - lost * rng.uniform(0.7, 0.999)
    trace.cpu_add -= lost * trace.profile.cpu_percent * _sometimes(rng, 0.7, 0.2, 0.8)
    trace.errors_add += lost * _sometimes(rng, 0.5, 0.2, 20)
    trace.response_times *= 1 + lost * _sometimes(rng, 0.8, 1, 20)


def fork_bomb(rng: np.random.Generator, trace: Trace, severity: FloatArray) -> None:
    """Double the processes again and again; the processor goes with them."""
    more = np.exp(severity * rng.uniform(2, 5))
    trace.process_times *= more
    trace.thread_times *= more
    trace.cpu_add += np.clip(severity * 2, 0, 1) * rng.uniform(30, 100)
    trace.memory_add += severity**2 * rng.uniform(5, 50)


def cache_stampede(rng: np.random.Generator, trace: Trace, severity: FloatArray) -> None:
    """Ask the slow store for everything at once: answers pile up behind it."""
    trace.response_times *= np.exp(severity * rng.uniform(2, 5))
    trace.cpu_add += severity * rng.uniform(5, 40)
    trace.network_times *= 1 + severity * rng.uniform(0, 2)
    trace.thread_times *= 1 + severity * rng.uniform(0, 1)


FAULTS: tuple[Fault, ...] = (
    Fault(name="memory_leak", cause="memory_percent", apply=memory_leak),
    Fault(name="disk_fill", cause="disk_percent", apply=disk_fill),
    Fault(name="cpu_saturation", cause="cpu_percent", apply=cpu_saturation),
    Fault(name="overheating", cause="temperature_c", apply=overheating),
    Fault(name="thread_leak", cause="thread_count", apply=thread_leak),
    Fault(name="process_leak", cause="process_count", apply=process_leak),
    Fault(name="network_saturation", cause="network_bytes_per_s", apply=network_saturation),
    Fault(name="network_loss", cause="network_bytes_per_s", apply=network_loss),
    Fault(name="error_storm", cause="errors_per_s", apply=error_storm),
    Fault(name="slow_responses", cause="response_time_ms", apply=slow_responses),
)

# Never trained on: they show how the model does with a kind of fault that it has not met.
HELD_OUT_FAULTS: tuple[Fault, ...] = (
    Fault(name="link_flapping", cause="network_bytes_per_s", apply=link_flapping),
    Fault(name="fork_bomb", cause="process_count", apply=fork_bomb),
    Fault(name="cache_stampede", cause="response_time_ms", apply=cache_stampede),
)
