"""Simulated hosts with faults, in the host-telemetry format: what the shipped model learns from."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

import numpy as np

from core.failure.faults import FAULTS, Course, Fault, draw_course
from core.failure.host_kinds import HostProfile, draw_profile
from core.failure.hosts import HostRecord
from core.failure.workload import Trace, autoregressive, healthy_trace
from core.metrics import METRIC_NAMES, METRICS, FloatArray

__all__ = ["simulate_hosts"]

EPOCH_S = datetime(2026, 1, 5, tzinfo=UTC).timestamp()
FAULT_SHARE = 0.55


def simulate_hosts(
    n_hosts: int,
    *,
    seed: int,
    faults: Sequence[Fault] = FAULTS,
    progress: Callable[[float], None] | None = None,
) -> Iterator[HostRecord]:
    """Yield `n_hosts` recorded hosts; the same seed gives the same hosts.

    Just over half of them get one fault, about two thirds of those fail from it, the rest are
    mended in time; every host also lives through events that look alarming and end well.
    """
    seeds = np.random.SeedSequence(seed).spawn(n_hosts)
    for number, child in enumerate(seeds):
        yield _simulate_host(np.random.default_rng(child), f"sim-{seed}-{number:05d}", faults)
        if progress is not None:
            progress((number + 1) / n_hosts)


def _simulate_host(rng: np.random.Generator, name: str, faults: Sequence[Fault]) -> HostRecord:
    profile = draw_profile(rng)
    n_steps = int(rng.integers(90, 420))
    trace = healthy_trace(rng, profile, n_steps)
    fault, course = None, None
    if rng.random() < FAULT_SHARE:
        fault = _draw_fault(rng, profile, faults)
        course = draw_course(rng, n_steps)
    if fault is None or course is None:
        fault, course = None, None
    else:
        fault.apply(rng, trace, course.severity)
    values = _measured(rng, trace, _levels(rng, trace))
    failed = np.zeros(n_steps, dtype=bool)
    causes = np.full(n_steps, "", dtype=object)
    if fault is not None and course is not None:
        causes[course.onset : course.end + 1] = fault.cause
        if course.fails:
            failed, values = _go_down(rng, profile, course, values)
            causes[failed] = fault.cause
    start_s = EPOCH_S + float(rng.integers(0, 180 * 86_400))
    return HostRecord(
        host=name,
        at_s=start_s + np.arange(n_steps, dtype=float) * profile.interval_s,
        values=values,
        failed=failed,
        causes=causes,
        fault=fault.name if fault is not None else "",
    )


def _draw_fault(
    rng: np.random.Generator, profile: HostProfile, faults: Sequence[Fault]
) -> Fault | None:
    """Return a fault that this host's sensors can show, else None."""
    unseen = {
        "temperature_c": not profile.has_temperature,
        "response_time_ms": not profile.has_response,
        "errors_per_s": not profile.has_errors,
        "thread_count": not profile.has_threads,
    }
    possible = [fault for fault in faults if not unseen.get(fault.cause, False)]
    return possible[rng.integers(len(possible))] if possible else None


def _levels(rng: np.random.Generator, trace: Trace) -> dict[str, FloatArray]:
    """Turn load and disturbances into the ten metrics, with the couplings of a real host."""
    profile, n = trace.profile, trace.n_steps
    wobble = profile.noise

    def noise(scale: float) -> FloatArray:
        memory = float(rng.uniform(0, 0.8))
        return autoregressive(rng, n, memory) * scale

    idle_cpu = min(profile.cpu_percent, 1.0)
    cpu = idle_cpu + (profile.cpu_percent - idle_cpu) * trace.load * (1 + noise(wobble))
    cpu = np.clip(cpu + trace.cpu_add, 0.0, 100.0)
    memory = profile.memory_percent * (1 + 0.03 * (trace.load - 1)) + noise(wobble * 2)
    memory = np.clip(memory + trace.memory_add, 1.0, rng.uniform(96, 100))
    drift = np.cumsum(np.full(n, max(rng.normal(0, 0.004), -0.002)))
    disk = np.clip(profile.disk_percent + drift + trace.disk_add, 0.5, 100.0)
    heat = autoregressive(rng, n, 0.9) * 0.7 + _lagged(cpu, rng.uniform(1, 8)) * rng.uniform(
        0.1, 0.45
    )
    temperature = profile.idle_temperature_c + heat + trace.temperature_add
    idle_network = profile.idle_network_bytes_per_s
    usual_network = profile.network_bytes_per_s - idle_network
    network = idle_network + usual_network * trace.load * np.exp(
        noise(wobble * rng.uniform(0.5, 3))
    )
    network = network * np.maximum(trace.network_times, 0.0)
    queue = 1 / np.clip(1 - cpu / 108, 0.05, 1)
    response = profile.response_time_ms * queue * trace.response_times * np.exp(noise(wobble))
    errors = np.where(rng.random(n) < rng.choice([0.0, 0.02, 0.2]), rng.exponential(0.1, n), 0.0)
    errors = errors + trace.errors_add * rng.gamma(4, 0.25, n)
    processes = profile.process_count * trace.process_times * (1 + noise(0.005))
    processes = processes + _comings_and_goings(rng, n)
    threads = profile.thread_count * trace.thread_times * trace.process_times**0.5
    threads = np.maximum(threads * (1 + noise(0.01)), processes)
    return {
        "cpu_percent": cpu,
        "memory_percent": memory,
        "disk_percent": disk,
        "temperature_c": temperature,
        "errors_per_s": errors,
        "response_time_ms": np.minimum(response, 30_000.0),
        "network_bytes_per_s": network,
        "uptime_s": trace.boot_age_steps * profile.interval_s,
        "process_count": np.maximum(np.round(processes), 1.0),
        "thread_count": np.maximum(np.round(threads), 1.0),
    }


def _comings_and_goings(rng: np.random.Generator, n: int) -> FloatArray:
    """Return small steps in the number of processes, shape (n,): shells, timers, agents, workers.

    They happen on every host at any time and mean nothing, whatever else goes on.
    """
    steps = rng.random(n) < rng.choice([0.01, 0.05, 0.2])
    change = np.where(steps, np.round(rng.normal(0, rng.uniform(1, 6), n)), 0.0)
    level: FloatArray = np.cumsum(change)
    return level - min(float(level.min()), 0.0)


def _lagged(x: FloatArray, steps: float) -> FloatArray:
    """Return `x` smoothed by a first-order lag of `steps` steps (heat follows load late)."""
    out = np.empty_like(x)
    level = float(x[0])
    for i, value in enumerate(x):
        level += (float(value) - level) / (steps + 1)
        out[i] = level
    return out


def _measured(rng: np.random.Generator, trace: Trace, levels: dict[str, FloatArray]) -> FloatArray:
    """Return what the monitoring saw, shape (n_steps, 10): missing sensors, gaps, absurd values."""
    profile, n = trace.profile, trace.n_steps
    values = np.column_stack([levels[name] for name in METRIC_NAMES])
    column = {name: i for i, name in enumerate(METRIC_NAMES)}
    absent = {
        "temperature_c": not profile.has_temperature,
        "response_time_ms": not profile.has_response,
        "errors_per_s": not profile.has_errors,
        "uptime_s": not profile.has_uptime,
        "thread_count": not profile.has_threads,
    }
    for name, is_absent in absent.items():
        if is_absent:
            values[:, column[name]] = np.nan
    for index in range(len(METRICS)):
        if rng.random() < 0.06:
            values[rng.random(n) < rng.uniform(0.02, 0.6), index] = np.nan
    if rng.random() < 0.3:
        for at in rng.integers(0, n, rng.integers(1, 5)):
            index = int(rng.choice([0, 4, 5, 6]))
            values[at, index] *= rng.choice([0.0, 30.0, 100.0])
    if rng.random() < 0.15:
        start = int(rng.integers(n))
        values[start : start + int(rng.integers(1, 12))] = np.nan
    highs = np.array([np.inf if spec.high is None else spec.high for spec in METRICS])
    return np.clip(values, None, highs)


def _go_down(
    rng: np.random.Generator, profile: HostProfile, course: Course, values: FloatArray
) -> tuple[np.ndarray[tuple[int], np.dtype[np.bool_]], FloatArray]:
    """Return (failed, values): the host is down from the course's end for some steps.

    A host that is down reports nothing, zeros, or the levels it was frozen at; afterwards it comes
    back with little in memory.
    """
    n = values.shape[0]
    down_until = min(course.end + int(rng.integers(3, 30)), n)
    failed = np.zeros(n, dtype=bool)
    failed[course.end : down_until] = True
    values = values.copy()
    manner = rng.random()
    if manner < 0.4:
        values[failed] = np.nan
    elif manner < 0.6:
        values[failed] = np.where(np.isnan(values[failed]), np.nan, 0.0)
    memory = METRIC_NAMES.index("memory_percent")
    restarted = np.clip((np.arange(n) - down_until) / rng.uniform(5, 40), 0, 1)
    back = profile.memory_percent * (0.15 + 0.85 * restarted)
    values[down_until:, memory] = np.minimum(values[down_until:, memory], back[down_until:])
    return failed, values
