"""Kinds of hosts that the simulator draws from, and one host drawn from a kind."""

from dataclasses import dataclass

import numpy as np

__all__ = ["HOST_KINDS", "HostKind", "HostProfile", "draw_profile"]

Range = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class HostKind:
    """Ranges that the levels of a kind of host are drawn from.

    Plain ranges are uniform, those named in `_log` are log-uniform. `sensor_chance` is how likely
    such a host has a temperature sensor. The ranges are the author's estimates of ordinary
    machines, wide on purpose: a model trained on them has to read each host against itself.
    """

    name: str
    cpu: Range
    memory: Range
    disk: Range
    processes_log: Range
    threads_per_process: Range
    network_log: Range
    response_log: Range
    load_swing: Range
    sensor_chance: float


HOST_KINDS: tuple[HostKind, ...] = (
    HostKind(
        name="laptop",
        cpu=(2, 30),
        memory=(25, 75),
        disk=(20, 85),
        processes_log=(150, 600),
        threads_per_process=(3, 12),
        network_log=(2e2, 2e6),
        response_log=(1, 80),
        load_swing=(0.3, 1.0),
        sensor_chance=0.9,
    ),
    HostKind(
        name="small_vm",
        cpu=(1, 60),
        memory=(15, 75),
        disk=(5, 80),
        processes_log=(50, 180),
        threads_per_process=(1.2, 5),
        network_log=(1e3, 2e7),
        response_log=(0.5, 200),
        load_swing=(0.05, 0.7),
        sensor_chance=0.05,
    ),
    HostKind(
        name="container",
        cpu=(0.5, 70),
        memory=(5, 80),
        disk=(5, 85),
        processes_log=(3, 40),
        threads_per_process=(1, 20),
        network_log=(1e2, 2e7),
        response_log=(0.3, 150),
        load_swing=(0.05, 0.8),
        sensor_chance=0.05,
    ),
    HostKind(
        name="big_server",
        cpu=(5, 70),
        memory=(25, 85),
        disk=(10, 85),
        processes_log=(300, 3000),
        threads_per_process=(2, 15),
        network_log=(1e5, 1e9),
        response_log=(0.5, 300),
        load_swing=(0.1, 0.7),
        sensor_chance=0.7,
    ),
    HostKind(
        name="store_node",
        cpu=(3, 60),
        memory=(20, 85),
        disk=(10, 85),
        processes_log=(50, 300),
        threads_per_process=(1, 8),
        network_log=(1e4, 3e8),
        response_log=(0.2, 50),
        load_swing=(0.05, 0.5),
        sensor_chance=0.3,
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HostProfile:
    """The usual levels of one simulated host, in the units of the ten metrics."""

    kind: str
    interval_s: float
    cpu_percent: float
    memory_percent: float
    disk_percent: float
    idle_temperature_c: float
    response_time_ms: float
    network_bytes_per_s: float
    idle_network_bytes_per_s: float
    process_count: float
    thread_count: float
    load_swing: float
    noise: float
    has_temperature: bool
    has_response: bool
    has_errors: bool
    has_uptime: bool
    has_threads: bool


INTERVALS_S = (1.0, 5.0, 5.0, 5.0, 10.0, 15.0, 30.0, 60.0, 60.0, 60.0, 300.0)


def draw_profile(rng: np.random.Generator) -> HostProfile:
    """Return one host of a random kind; some lack sensors, as real ones do."""
    kind = HOST_KINDS[rng.integers(len(HOST_KINDS))]

    def log_uniform(bounds: Range) -> float:
        return float(np.exp(rng.uniform(*np.log(bounds))))

    processes = log_uniform(kind.processes_log)
    network = log_uniform(kind.network_log)
    return HostProfile(
        kind=kind.name,
        interval_s=float(rng.choice(INTERVALS_S)),
        cpu_percent=float(rng.uniform(*kind.cpu)),
        memory_percent=float(rng.uniform(*kind.memory)),
        disk_percent=float(rng.uniform(*kind.disk)),
        idle_temperature_c=float(rng.uniform(28, 50)),
        response_time_ms=log_uniform(kind.response_log),
        network_bytes_per_s=network,
        idle_network_bytes_per_s=min(network, network * log_uniform((0.001, 0.1))),
        process_count=processes,
        thread_count=processes * float(rng.uniform(*kind.threads_per_process)),
        load_swing=float(rng.uniform(*kind.load_swing)),
        noise=log_uniform((0.01, 0.25)),
        has_temperature=bool(rng.random() < kind.sensor_chance),
        has_response=bool(rng.random() < 0.6),
        has_errors=bool(rng.random() < 0.85),
        has_uptime=bool(rng.random() < 0.7),
        has_threads=bool(rng.random() < 0.7),
    )
