"""A made-up fleet: machines with daily and weekly load, growth, and incidents that show in it."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.metrics import FloatArray

__all__ = ["Fleet", "Incident", "fleet"]

_HOURS_PER_DAY = 24
_STEP_HOURS = 1.0
_PERCENT_BOUNDS = (1.5, 99.6)
# One incident per machine every three to four days keeps a demo of a month lively.
_INCIDENTS_PER_HOUR = 1 / 80
_KINDS = ("Anomaly", "Network", "Performance-CPU", "Performance-Memory", "Power")
_KIND_CHANCES = (0.20, 0.21, 0.23, 0.22, 0.14)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Role:
    """What a machine is for.

    CPU and memory in percent, network in MB/s, power in W (`idle_w` and what each percent of CPU
    adds), `peak_hour` of the day, `weekend` as a share of the load on weekdays.
    """

    share: float
    cpu: float
    cpu_swing: float
    peak_hour: float
    weekend: float
    memory: float
    network: float
    idle_w: float
    w_per_percent: float
    task_types: tuple[str, ...]


_ROLES: Mapping[str, _Role] = {
    "web": _Role(
        share=0.30, cpu=24, cpu_swing=24, peak_hour=14, weekend=0.55, memory=42, network=90,
        idle_w=105, w_per_percent=1.5, task_types=("web", "web", "inference"),
    ),
    "database": _Role(
        share=0.22, cpu=30, cpu_swing=16, peak_hour=13, weekend=0.65, memory=63, network=60,
        idle_w=140, w_per_percent=1.7, task_types=("database", "database", "backup"),
    ),
    "batch": _Role(
        share=0.20, cpu=28, cpu_swing=34, peak_hour=2, weekend=0.95, memory=38, network=35,
        idle_w=120, w_per_percent=1.9, task_types=("batch", "backup", "batch"),
    ),
    "training": _Role(
        share=0.13, cpu=52, cpu_swing=14, peak_hour=20, weekend=1.0, memory=57, network=22,
        idle_w=190, w_per_percent=3.1, task_types=("training", "training", "inference"),
    ),
    "build": _Role(
        share=0.15, cpu=20, cpu_swing=30, peak_hour=15, weekend=0.15, memory=34, network=28,
        idle_w=100, w_per_percent=1.6, task_types=("build", "build", "batch"),
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """Something that went wrong with one machine, in steps of the history.

    It builds up from `start` on, is plain to see from `seen` on and over at `end`.
    """

    machine: int
    kind: str
    start: int
    seen: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fleet:
    """Telemetry of shape (n_steps, n_machines), one step an hour.

    `level` is how full a machine is in the long run (0-1), without the day's and the week's swing.
    """

    columns: Mapping[str, FloatArray]
    task_types: npt.NDArray[np.object_]
    anomaly: npt.NDArray[np.bool_]
    level: FloatArray
    incidents: tuple[Incident, ...]


def fleet(n_machines: int, n_steps: int, random: np.random.Generator) -> Fleet:
    """Return the history of a made-up fleet, from a Monday at midnight on."""
    names = list(_ROLES)
    shares = np.array([role.share for role in _ROLES.values()])
    roles = [_ROLES[names[n]] for n in random.choice(len(names), n_machines, p=shares)]

    def of(attribute: str) -> FloatArray:
        return np.array([getattr(role, attribute) for role in roles], dtype=float)

    hours = np.arange(n_steps)[:, None] * _STEP_HOURS
    days = hours / _HOURS_PER_DAY
    swing = 0.5 + 0.5 * np.cos(2 * np.pi * (hours - of("peak_hour")) / _HOURS_PER_DAY)
    week = np.where(days.astype(int) % 7 >= 5, of("weekend"), 1.0)
    # Most machines grow a little, some are emptied: points of percent a day.
    cpu_growth = random.normal(0.08, 0.25, n_machines)
    memory_growth = random.normal(0.15, 0.35, n_machines)
    cpu_level = np.clip(of("cpu") + random.normal(0, 6, n_machines) + cpu_growth * days, 4, 84)
    memory_level = np.clip(
        of("memory") + random.normal(0, 9, n_machines) + memory_growth * days, 8, 90
    )
    cpu = (cpu_level + of("cpu_swing") * swing * random.uniform(0.7, 1.2, n_machines)) * week
    cpu += _wander((n_steps, n_machines), 5.0, 0.75, random)
    memory = memory_level + 0.12 * (cpu - cpu_level) + _wander(cpu.shape, 2.2, 0.92, random)
    cpu, memory = np.clip(cpu, *_PERCENT_BOUNDS), np.clip(memory, *_PERCENT_BOUNDS)
    columns = {
        "cpu_usage": cpu,
        "memory_usage": memory,
        "network_traffic": of("network")
        * random.lognormal(0, 0.35, n_machines)
        * (0.25 + cpu / 45)
        * random.lognormal(0, 0.22, cpu.shape),
        "power_consumption": np.zeros(cpu.shape),
        "num_executed_instructions": 40 * cpu * random.lognormal(0, 0.10, cpu.shape),
        "execution_time": random.lognormal(1.4, 0.5, n_machines)
        * (1 + np.maximum(cpu - 70, 0) / 25)
        * random.lognormal(0, 0.18, cpu.shape),
    }
    incidents = _incidents(n_machines, n_steps, random)
    factor = np.ones(cpu.shape)
    anomaly = random.random(cpu.shape) < 0.006
    for incident in incidents:
        strength = _strength(incident, random)
        rows = slice(incident.start, incident.start + strength.size)
        _happen(incident, {k: v[rows, incident.machine] for k, v in columns.items()},
                factor[rows, incident.machine], strength, random)  # fmt: skip
        anomaly[rows, incident.machine] |= (strength > 0.45) & (random.random(strength.size) < 0.9)
    power = of("idle_w") + of("w_per_percent") * columns["cpu_usage"]
    columns["power_consumption"] = power * factor * random.lognormal(0, 0.03, cpu.shape)
    columns["energy_efficiency"] = (
        columns["num_executed_instructions"] / columns["power_consumption"]
    )
    return Fleet(
        columns=columns,
        task_types=np.array([role.task_types for role in roles], dtype=object),
        anomaly=anomaly,
        level=np.maximum(cpu_level / 84, memory_level / 90),
        incidents=incidents,
    )


def _wander(
    shape: tuple[int, int], spread: float, memory: float, random: np.random.Generator
) -> FloatArray:
    """Return noise that remembers its last value (first-order autoregressive)."""
    noise = random.normal(0, spread * (1 - memory**2) ** 0.5, shape)
    for step in range(1, shape[0]):
        noise[step] += memory * noise[step - 1]
    return noise


def _incidents(n_machines: int, n_steps: int, random: np.random.Generator) -> tuple[Incident, ...]:
    """Return the incidents of all machines; two of one machine do not overlap."""
    found = []
    for machine in range(n_machines):
        step = int(random.exponential(1 / _INCIDENTS_PER_HOUR))
        while step < n_steps - 3:
            building, lasting = int(random.integers(1, 5)), int(random.integers(3, 10))
            kind = str(random.choice(_KINDS, p=_KIND_CHANCES))
            end = min(step + building + lasting, n_steps)
            seen = min(step + building, n_steps - 1)
            found.append(Incident(machine=machine, kind=kind, start=step, seen=seen, end=end))
            step = end + 4 + int(random.exponential(1 / _INCIDENTS_PER_HOUR))
    return tuple(found)


def _strength(incident: Incident, random: np.random.Generator) -> FloatArray:
    """Return how strong an incident is at each of its steps (0-1): it builds up, then lasts."""
    steps = np.arange(incident.end - incident.start)
    built = np.minimum((steps + 1) / (incident.seen - incident.start + 1), 1.0)
    peak = random.uniform(0.6, 1.0)
    return np.asarray(np.clip(peak * built + random.normal(0, 0.04, steps.size), 0, 1))


def _happen(
    incident: Incident,
    part: Mapping[str, FloatArray],
    power_factor: FloatArray,
    strength: FloatArray,
    random: np.random.Generator,
) -> None:
    """Change the telemetry of the machine while the incident lasts, in place."""
    cpu, memory = part["cpu_usage"], part["memory_usage"]
    network, seconds = part["network_traffic"], part["execution_time"]
    instructions = part["num_executed_instructions"]
    variant = random.random()
    match incident.kind:
        case "Performance-CPU":
            cpu += (99 - cpu) * strength
            seconds *= 1 + 2.4 * strength
            instructions *= 1 + 0.5 * strength
        case "Performance-Memory":
            memory += (98 - memory) * strength
            cpu += 9 * strength
            seconds *= 1 + 1.4 * strength
        case "Network" if variant < 0.7:  # it is lost on the way
            network *= 1 - 0.88 * strength
            cpu *= 1 - 0.25 * strength
            seconds *= 1 + 1.8 * strength
        case "Network":  # somebody floods it
            network *= 1 + 3.5 * strength
            cpu += 8 * strength
            seconds *= 1 + 0.8 * strength
        case "Power" if variant < 0.6:  # it takes more than the load explains
            power_factor *= 1 + 0.5 * strength
        case "Power":  # it is short of power, and the processor is slowed down
            power_factor *= 1 - 0.35 * strength
            instructions *= 1 - 0.4 * strength
            seconds *= 1 + 0.7 * strength
        case _ if variant < 0.5:  # busy with something that is not its work
            cpu += (75 - cpu) * 0.8 * strength
            instructions *= 1 - 0.7 * strength
        case _:  # it jumps about
            seconds *= np.exp(random.normal(0, 1.1, strength.size) * strength)
            cpu *= np.exp(random.normal(0, 0.5, strength.size) * strength)
            network *= np.exp(random.normal(0, 0.8, strength.size) * strength)
    np.clip(cpu, *_PERCENT_BOUNDS, out=cpu)
    np.clip(memory, *_PERCENT_BOUNDS, out=memory)
